package table

import (
	"encoding/binary"
	mathbits "math/bits"
	"strings"
	"unicode/utf8"

	"clavier/model"
)

// The text of a row is, without a gap,
//
//	the lengths of the folded name and hint, and of the folded id if flagTextID
//	the folded name, a border, the folded hint, and if flagTextID a border and the folded id
//	if flagRawName, flagRawHint, flagRawID: the length of the text as it is, and the text
//
// A length is one byte, or longLength and four bytes. What a search looks for is valid UTF-8, which never has the byte of
// a border: a search in all of the folded text finds nothing that lies across a border.
const (
	border     = 0xff
	longLength = 255
)

// rowText is what the columns say of the text of a row.
type rowText struct {
	start    uint32
	from, to int // the folded texts, with borders between them
	flags    flag
	uuid     uuid
}

// appendText appends the text of a key.
func (c *chunk) appendText(k *model.Key) (t rowText) {
	var isUUID bool
	if t.uuid, isUUID = parseUUID(k.ID); !isUUID {
		t.flags |= flagTextID
	}
	t.start = uint32(len(c.text))
	c.borders = c.borders || strings.IndexByte(k.Name, border) >= 0
	parts := [...]struct {
		text string
		raw  flag
		at   int // where the length stands
	}{{k.Name, flagRawName, 0}, {k.Hint, flagRawHint, 0}, {k.ID, flagRawID, 0}}
	has := parts[:]
	if isUUID {
		has = parts[:2]
	}
	text := c.text
	for i := range has {
		text = append(text, byte(len(has[i].text))) // so it is if it is short and no letter folds to one of another length
	}
	for i := range has {
		p := &has[i]
		if i > 0 {
			text = append(text, border)
		}
		begin := len(text)
		var differs bool
		text, differs = appendFold(text, p.text)
		if differs {
			t.flags |= p.raw
		}
		if n := len(text) - begin; n != len(p.text) || n >= longLength {
			return c.appendLongText(k, t)
		}
	}
	t.from, t.to = int(t.start)+len(has), len(text)
	c.text = appendRaw(text, k, t.flags)
	return t
}

// appendLongText appends the text of a key, be it as long as it likes.
func (c *chunk) appendLongText(k *model.Key, t rowText) rowText {
	folded := []string{model.Fold(k.Name), model.Fold(k.Hint)}
	raw := []string{k.Name, k.Hint}
	if t.flags&flagTextID != 0 {
		folded, raw = append(folded, model.Fold(k.ID)), append(raw, k.ID)
	}
	text := c.text
	for i, part := range folded {
		text = appendLength(text, len(part))
		if part != raw[i] {
			t.flags |= flagRawName << i
		}
	}
	t.from = len(text)
	for i, part := range folded {
		if i > 0 {
			text = append(text, border)
		}
		text = append(text, part...)
	}
	t.to = len(text)
	c.text = appendRaw(text, k, t.flags)
	return t
}

// appendRaw appends the texts that differ from their Fold.
func appendRaw(text []byte, k *model.Key, f flag) []byte {
	for i, raw := range [...]string{k.Name, k.Hint, k.ID} {
		if f&(flagRawName<<i) != 0 {
			text = append(appendLength(text, len(raw)), raw...)
		}
	}
	return text
}

// appendFold appends the Fold of a text and reports whether it is another text.
func appendFold(text []byte, s string) (folded []byte, differs bool) {
	const ellipsis = "…" // stands in the hints that clavier makes, and is its own Fold
	begin := len(text)
	for i := 0; i < len(s); i++ {
		b := s[i]
		switch {
		case 'A' <= b && b <= 'Z':
			b += 'a' - 'A'
			differs = true
		case b >= utf8.RuneSelf && strings.HasPrefix(s[i:], ellipsis):
			text = append(text, ellipsis[:2]...)
			b = ellipsis[2]
			i += 2
		case b >= utf8.RuneSelf:
			other := model.Fold(s)
			return append(text[:begin], other...), other != s
		}
		text = append(text, b)
	}
	return text, differs
}

func appendLength(text []byte, n int) []byte {
	if n < longLength {
		return append(text, byte(n))
	}
	return binary.LittleEndian.AppendUint32(append(text, longLength), uint32(n))
}

// length returns the length that stands at a place of the text, and the place after it.
func (c *chunk) length(at int) (n, next int) {
	if n := int(c.text[at]); n < longLength {
		return n, at + 1
	}
	return int(binary.LittleEndian.Uint32(c.text[at+1:])), at + 5
}

// layout says where the texts of a row stand, as pairs of start and end.
type layout struct {
	name, hint, id span // folded
	raw            int  // where the texts as they are begin
}

type span struct{ from, to int }

func (c *chunk) layout(i int) (l layout) {
	name, at := c.length(int(c.start[i]))
	hint, at := c.length(at)
	id, hasID := 0, c.flags[i]&flagTextID != 0
	if hasID {
		id, at = c.length(at)
	}
	l.name = span{at, at + name}
	l.hint = span{l.name.to + 1, l.name.to + 1 + hint}
	l.raw = l.hint.to
	if hasID {
		l.id = span{l.raw + 1, l.raw + 1 + id}
		l.raw = l.id.to
	}
	return l
}

// foldedSpan says where the folded texts of a row stand, with borders between them.
func (c *chunk) foldedSpan(i int) (from, to int) {
	at := int(c.start[i])
	if c.flags[i]&flagTextID == 0 {
		name, hint := int(c.text[at]), int(c.text[at+1])
		if name < longLength && hint < longLength {
			return at + 2, at + 3 + name + hint
		}
	}
	l := c.layout(i)
	return l.name.from, l.raw
}

// rawSpans says where the texts of a row stand as they are. That of the id is empty if column uuid has it.
func (c *chunk) rawSpans(i int) (name, hint, id span) {
	l, f := c.layout(i), c.flags[i]
	name, hint, id = l.name, l.hint, l.id
	at := l.raw
	for _, raw := range [...]struct {
		flag flag
		span *span
	}{{flagRawName, &name}, {flagRawHint, &hint}, {flagRawID, &id}} {
		if f&raw.flag != 0 {
			n, next := c.length(at)
			*raw.span = span{next, next + n}
			at = next + n
		}
	}
	return name, hint, id
}

// texts returns the texts of a row as they were given.
func (c *chunk) texts(i int) (name, hint, id string) {
	n, h, d := c.rawSpans(i)
	if c.flags[i]&flagTextID == 0 {
		var text [uuidLen]byte
		id = string(c.uuid[i].append(text[:0]))
	} else {
		id = string(c.text[d.from:d.to])
	}
	return string(c.text[n.from:n.to]), string(c.text[h.from:h.to]), id
}

// textLen returns how many bytes the text of a row takes.
func (c *chunk) textLen(i int) int {
	end := c.layout(i).raw
	for range mathbits.OnesCount8(uint8(c.flags[i] & rawFlags)) {
		n, next := c.length(end)
		end = next + n
	}
	return end - int(c.start[i])
}
