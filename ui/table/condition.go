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
	test func(c *chunk, i int) bool // the condition without regard to Not, for what is no text
	now  time.Time

	text    []byte
	mask    uint64 // the mask of the text's Fold
	exact   bool   // the mask is all there is to ask of a folded text
	pattern uuidPattern
	inUUID  bool // a UUID may hold the text
}

func newCondition(t model.Term, now time.Time) *condition {
	d := &condition{term: t, now: now}
	if !t.Field.IsText() {
		d.test = timeTest(t, now)
		return d
	}
	d.text = []byte(t.Text)
	d.pattern, d.inUUID = parseUUIDPattern(t.Text)
	if utf8.ValidString(t.Text) { // else it could lie across characters, whose Fold is another
		folded := model.Fold(t.Text)
		d.mask = maskOf(folded)
		d.exact = t.Fold && len(folded) == 1 && d.mask&ownMask != 0
	} else {
		d.test = func(c *chunk, i int) bool { return t.Match(c.key(i), now) != t.Not }
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
		for rest := word; rest != 0; rest &= rest - 1 {
			if d.test(c, w<<6|mathbits.TrailingZeros64(rest)) == d.term.Not {
				word &^= rest & -rest
			}
		}
		set[w] = word
	}
}

// keepText is keep for a text.
func (d *condition) keepText(c *chunk, set *bits) {
	owners := d.ownersIn(c)
	inText := d.term.Field != model.FieldOwner
	for w, word := range set {
		if word == 0 {
			continue
		}
		first := w << 6
		met := uint64(0)
		if inText {
			met = d.textMask(c, first, word)
			if !d.exact || d.term.Field != model.FieldAny {
				met = d.confirm(c, first, met)
			}
		}
		if owners != nil {
			for rest := word &^ met; rest != 0; rest &= rest - 1 {
				if owners[c.owner[first|mathbits.TrailingZeros64(rest)]] {
					met |= rest & -rest
				}
			}
		}
		if d.inUUID && (d.term.Field == model.FieldAny || d.term.Field == model.FieldID) {
			for rest := word &^ met; rest != 0; rest &= rest - 1 {
				if i := first | mathbits.TrailingZeros64(rest); c.flags[i]&flagTextID == 0 && d.pattern.in(c.uuid[i]) {
					met |= rest & -rest
				}
			}
		}
		if d.term.Not {
			met = word &^ met
		}
		set[w] = met
	}
}

// ownersIn tells by place which owners of the chunk hold the text; nil if none does or the owner is not asked.
func (d *condition) ownersIn(c *chunk) (in []bool) {
	if d.term.Field != model.FieldAny && d.term.Field != model.FieldOwner {
		return nil
	}
	for i := range c.owners {
		o := &c.owners[i]
		if o.mask&d.mask != d.mask || !strings.Contains(d.cased(o), d.term.Text) {
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

// textMask returns those of 64 rows whose mask holds the mask of the text.
func (d *condition) textMask(c *chunk, first int, word uint64) uint64 {
	masks := c.mask[first:min(first+64, c.rows)]
	met := uint64(0)
	for j, m := range masks {
		missing := d.mask &^ m
		met |= (1 ^ (missing|-missing)>>63) << (j & 63)
	}
	return met & word
}

// confirm looks for the text in rows whose masks hold it.
func (d *condition) confirm(c *chunk, first int, word uint64) uint64 {
	for rest := word; rest != 0; rest &= rest - 1 {
		if !d.inText(c, first|mathbits.TrailingZeros64(rest)) {
			word &^= rest & -rest
		}
	}
	return word
}

// inText looks for the text in what the text of a row holds of the field.
func (d *condition) inText(c *chunk, i int) bool {
	if d.term.Field == model.FieldAny && (d.term.Fold || c.flags[i]&rawFlags == 0) {
		return bytes.Contains(c.folded(i), d.text)
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
