package table

import (
	"encoding/binary"
	mathbits "math/bits"
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
	start uint32
	mask  uint64
	flags flag
	uuid  uuid
}

// appendText appends the text of a key.
func (c *chunk) appendText(k *model.Key) (t rowText) {
	name, rawName := fold(k.Name)
	hint, rawHint := fold(k.Hint)
	id, rawID := "", false
	u, isUUID := parseUUID(k.ID)
	if !isUUID {
		id, rawID = fold(k.ID)
		t.flags |= flagTextID
	}
	t.uuid, t.start = u, uint32(len(c.text))
	text := appendLength(c.text, len(name))
	text = appendLength(text, len(hint))
	if !isUUID {
		text = appendLength(text, len(id))
	}
	begin := len(text)
	text = append(text, name...)
	text = append(text, border)
	text = append(text, hint...)
	if !isUUID {
		text = append(text, border)
		text = append(text, id...)
	}
	t.mask = maskOf(text[begin:])
	for _, raw := range [...]struct {
		differs bool
		flag    flag
		text    string
	}{{rawName, flagRawName, k.Name}, {rawHint, flagRawHint, k.Hint}, {rawID, flagRawID, k.ID}} {
		if raw.differs {
			t.flags |= raw.flag
			text = append(appendLength(text, len(raw.text)), raw.text...)
		}
	}
	c.text = text
	return t
}

// fold returns the Fold of a text and whether it is another text.
func fold(text string) (folded string, differs bool) {
	for i := range len(text) {
		if b := text[i]; b >= utf8.RuneSelf || 'A' <= b && b <= 'Z' {
			folded = model.Fold(text)
			return folded, folded != text
		}
	}
	return text, false
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

// folded returns the folded texts of a row with borders between them.
func (c *chunk) folded(i int) []byte {
	at := int(c.start[i])
	if c.flags[i]&flagTextID == 0 {
		name, hint := int(c.text[at]), int(c.text[at+1])
		if name < longLength && hint < longLength {
			return c.text[at+2 : at+3+name+hint]
		}
	}
	l := c.layout(i)
	return c.text[l.name.from:l.raw]
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
