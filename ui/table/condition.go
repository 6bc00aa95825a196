package table

import (
	"bytes"
	mathbits "math/bits"
	"strings"
	"time"
	"unicode/utf8"

	"clavier/model"
)

// condition is a term of a query, ready for columns.
type condition struct {
	term model.Term
	test wordTest // the condition without regard to Not, for what is no text

	text    []byte
	signs   []uint8 // of the text's Fold
	exact   bool    // the signs are all there is to ask of a folded text
	pattern uuidPattern
	inUUID  bool // a UUID may hold the text
}

func newCondition(t model.Term, now time.Time) *condition {
	d := &condition{term: t}
	if !t.Field.IsText() {
		d.test = timeTest(t, now)
		return d
	}
	d.text = []byte(t.Text)
	d.pattern, d.inUUID = parseUUIDPattern(t.Text)
	if utf8.ValidString(t.Text) { // else it could lie across characters, whose Fold is another
		folded := model.Fold(t.Text)
		d.signs = signsOf(folded)
		d.exact = t.Fold && len(folded) == 1 && d.signs[0] < uint8(len(signBytes))
	} else {
		d.test = rowTest(func(c *chunk, i int) bool { return t.Match(c.key(i), now) != t.Not })
	}
	return d
}

// timeless reports whether the condition says the same at every moment.
func timeless(t model.Term) bool {
	switch t.Field {
	case model.FieldAge, model.FieldUnused, model.FieldStatus:
		return false
	case model.FieldUsed, model.FieldExpires:
		return t.Op == model.OpNever || t.Op == model.OpUnknown
	default:
		return true
	}
}

// keep takes the rows out of set that do not meet the condition.
func (d *condition) keep(c *chunk, set *bits) {
	if d.test == nil {
		d.keepText(c, set)
		return
	}
	for w, word := range set {
		if word == 0 {
			continue
		}
		met := d.test(c, w<<6, word)
		if d.term.Not {
			met = word &^ met
		}
		set[w] = met
	}
}

// keepText is keep for a text.
func (d *condition) keepText(c *chunk, set *bits) {
	owners := d.ownersIn(c)
	inText := d.term.Field != model.FieldOwner
	var room [signGroupRows]textPlace
	inUUID := d.inUUID && (d.term.Field == model.FieldAny || d.term.Field == model.FieldID)
	for g, group := range c.signs {
		words := (*signLine)(set[g*signWords:])
		met := *words
		if inText {
			group.with(d.signs, &met)
		} else {
			met = signLine{}
		}
		if !d.exact || d.term.Field != model.FieldAny {
			d.confirm(c, g<<signGroupBits, &met, &room)
		}
		for w, word := range words {
			first := g<<signGroupBits | w<<6
			if owners != nil {
				met[w] |= inOwner(c, first, word&^met[w], owners)
			}
			if inUUID {
				met[w] |= d.pattern.among(c, first, word&^met[w])
			}
			if d.term.Not {
				met[w] = word &^ met[w]
			}
		}
		*words = met
	}
}

// inOwner returns those of 64 rows whose owner is one of these.
func inOwner(c *chunk, first int, word uint64, owners []bool) (met uint64) {
	for rest := word; rest != 0; rest &= rest - 1 {
		if owners[c.owner[first|mathbits.TrailingZeros64(rest)]] {
			met |= rest & -rest
		}
	}
	return met
}

// among returns those of 64 rows whose id is a UUID that holds the pattern.
func (p *uuidPattern) among(c *chunk, first int, word uint64) (met uint64) {
	for rest := word; rest != 0; rest &= rest - 1 {
		if i := first | mathbits.TrailingZeros64(rest); c.flags[i]&flagTextID == 0 && p.in(c.uuid[i]) {
			met |= rest & -rest
		}
	}
	return met
}

// ownersIn tells by place which owners of the chunk hold the text; nil if none does or the owner is not asked.
func (d *condition) ownersIn(c *chunk) (in []bool) {
	if d.term.Field != model.FieldAny && d.term.Field != model.FieldOwner {
		return nil
	}
	for i := range c.owners {
		o := &c.owners[i]
		if !strings.Contains(d.cased(o), d.term.Text) {
			continue
		}
		if in == nil {
			in = make([]bool, len(c.owners))
		}
		in[i] = true
	}
	return in
}

func (d *condition) cased(o *owner) string {
	if d.term.Fold {
		return o.folded
	}
	return o.text
}

// textPlace says where the folded texts of a row stand in the text.
type textPlace struct{ row, from, to uint32 }

// confirm takes those out of 512 rows that do not hold the text: till here they just have its signs. room is what it
// works in.
func (d *condition) confirm(c *chunk, first int, rows *signLine, room *[signGroupRows]textPlace) {
	if d.term.Field != model.FieldAny || !d.term.Fold {
		for w, word := range rows {
			for rest := word; rest != 0; rest &= rest - 1 {
				if !d.inText(c, first|w<<6|mathbits.TrailingZeros64(rest)) {
					rows[w] &^= rest & -rest
				}
			}
		}
		return
	}
	// First all texts are located, then they are searched: the processor fetches them side by side.
	n := 0
	for w, word := range rows {
		for ; word != 0; word &= word - 1 {
			i := w<<6 | mathbits.TrailingZeros64(word)
			from, to := c.foldedSpan(first | i)
			room[n&(signGroupRows-1)] = textPlace{uint32(i), uint32(from), uint32(to)}
			n++
		}
	}
	for _, t := range room[:n] {
		if !bytes.Contains(c.text[t.from:t.to], d.text) {
			rows[t.row>>6] &^= 1 << (t.row & 63)
		}
	}
}

// inText looks for the text in what the text of a row holds of the field.
func (d *condition) inText(c *chunk, i int) bool {
	if d.term.Field == model.FieldAny && (d.term.Fold || c.flags[i]&rawFlags == 0) {
		from, to := c.foldedSpan(i)
		return bytes.Contains(c.text[from:to], d.text)
	}
	var name, hint, id span
	if d.term.Fold {
		l := c.layout(i)
		name, hint, id = l.name, l.hint, l.id
	} else {
		name, hint, id = c.rawSpans(i)
	}
	has := func(s span) bool { return bytes.Contains(c.text[s.from:s.to], d.text) }
	switch d.term.Field {
	case model.FieldName:
		return has(name)
	case model.FieldHint:
		return has(hint)
	case model.FieldID:
		return has(id)
	default:
		return has(name) || has(hint) || has(id)
	}
}
