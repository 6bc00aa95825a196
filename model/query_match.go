package model

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Fold returns text in lower case, character by character, as smart case compares it (unicode.ToLower). Bytes that are
// not UTF-8 stay as they are. The result can be shorter or longer than text.
func Fold(text string) string {
	for i, r := range text {
		if unicode.ToLower(r) != r {
			return foldFrom(text, i)
		}
	}
	return text
}

func foldFrom(text string, start int) string {
	folded := make([]byte, start, len(text)+utf8.UTFMax)
	copy(folded, text)
	for i := start; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		folded = appendFold(folded, text[i:i+size], r)
		i += size
	}
	return string(folded)
}

// appendFold appends the Fold of one character, which stands in text as raw.
func appendFold(folded []byte, raw string, r rune) []byte {
	if lower := unicode.ToLower(r); lower != r {
		return utf8.AppendRune(folded, lower)
	}
	return append(folded, raw...)
}

// Match reports whether the key meets every term of the query at the moment now.
func (q Query) Match(k Key, now time.Time) bool {
	for _, t := range q.terms {
		if !t.Match(k, now) {
			return false
		}
	}
	return true
}

// Match reports whether the key meets the term at the moment now.
func (t Term) Match(k Key, now time.Time) bool { return t.holds(k, now) != t.Not }

// holds is Match without regard to Not.
func (t Term) holds(k Key, now time.Time) bool {
	switch t.Field {
	case FieldAny:
		return t.in(k.Name) || t.in(k.Hint) || t.in(k.ID) || t.in(k.Owner)
	case FieldName:
		return t.in(k.Name)
	case FieldHint:
		return t.in(k.Hint)
	case FieldID:
		return t.in(k.ID)
	case FieldOwner:
		return t.in(k.Owner)
	case FieldStatus:
		return t.Statuses.Has(k.StatusAt(now))
	case FieldAge, FieldCreated, FieldUnused, FieldUsed, FieldExpires:
		switch t.Op {
		case OpNever:
			return t.Field == FieldUsed && k.LastUse.Never() || t.Field == FieldExpires && k.ExpiresAt.IsZero()
		case OpUnknown:
			return t.Field == FieldUsed && !k.LastUse.Reported
		default:
			return t.Window(now).Has(t.Field.moment(k))
		}
	default:
		return false
	}
}

// in reports whether the term's text is in one of the key's.
func (t Term) in(text string) bool {
	if t.Fold {
		text = Fold(text)
	}
	return strings.Contains(text, t.Text)
}

// moment returns the moment of the key that a field of time asks about; the zero time if it has none.
func (f Field) moment(k Key) time.Time {
	switch f {
	case FieldAge, FieldCreated:
		return k.CreatedAt
	case FieldUnused:
		switch {
		case !k.LastUse.Reported:
			return time.Time{}
		case k.LastUse.Never():
			return k.CreatedAt
		}
		return k.LastUse.At
	case FieldUsed:
		if k.LastUse.Reported {
			return k.LastUse.At
		}
	case FieldExpires:
		return k.ExpiresAt
	default:
	}
	return time.Time{}
}

// Window is a stretch of time: From and later, and before To. A zero From or To is no bound. The zero time itself, which
// means that there is no such moment, is in no window.
type Window struct{ From, To time.Time }

// Has reports whether the moment lies in the window.
func (w Window) Has(at time.Time) bool {
	return !at.IsZero() && (w.From.IsZero() || !at.Before(w.From)) && (w.To.IsZero() || at.Before(w.To))
}

// Window returns where the moment must lie that a term about time asks about, unless Not is true or Op is OpNever or
// OpUnknown: the moment of making for FieldAge and FieldCreated; of the last use for FieldUsed; the same for FieldUnused,
// or the moment of making if there was no use; the end for FieldExpires.
func (t Term) Window(now time.Time) Window {
	if t.Field == FieldCreated {
		switch t.Op {
		case OpHas:
			return Window{t.From, t.To}
		case OpLess:
			return until(t.From)
		case OpAtMost:
			return until(t.To)
		case OpMore:
			return Window{From: t.To}
		default:
			return Window{From: t.From}
		}
	}
	at, op := now.Add(-t.Span), t.Op
	if t.Field == FieldExpires {
		at = now.Add(t.Span)
	} else {
		op = op.mirrored() // more time since is an earlier moment
	}
	switch op {
	case OpLess:
		return until(at)
	case OpAtMost:
		return until(at.Add(1))
	case OpMore:
		return Window{From: at.Add(1)}
	default:
		return Window{From: at}
	}
}

// mirrored is what an operator becomes when both sides change places.
func (o Op) mirrored() Op {
	switch o {
	case OpLess:
		return OpMore
	case OpAtMost:
		return OpAtLeast
	case OpMore:
		return OpLess
	case OpAtLeast:
		return OpAtMost
	default:
		return o
	}
}

// until is the window before a moment, also if that is the zero time, which would be no bound.
func until(at time.Time) Window {
	if at.IsZero() {
		at = at.Add(1)
	}
	return Window{To: at}
}

// Highlights returns where the terms of the query are found in a text of a key, which is its field f: byte ranges [start,
// end) of text itself, at the bounds of its characters, sorted, and merged where they overlap or touch. Terms that
// exclude are not shown.
func (q Query) Highlights(f Field, text string) [][2]int {
	var found [][2]int
	var folded string
	var origin []int // where the characters of folded stand in text; nil if at the same places
	ready := false
	for _, t := range q.terms {
		if t.Not || t.Field != FieldAny && t.Field != f || !f.IsText() {
			continue
		}
		if !t.Fold {
			found = appendFound(found, text, t.Text, nil)
			continue
		}
		if !ready {
			folded, origin = foldWithOrigin(text)
			ready = true
		}
		found = appendFound(found, folded, t.Text, origin)
	}
	return merge(found)
}

// appendFound appends every place of part in text, also those that overlap, through origin if there is one.
func appendFound(found [][2]int, text, part string, origin []int) [][2]int {
	for start := 0; part != ""; {
		i := strings.Index(text[start:], part)
		if i < 0 {
			break
		}
		from, to := start+i, start+i+len(part)
		_, size := utf8.DecodeRuneInString(text[from:])
		start = from + size
		if origin != nil {
			from, to = origin[from], origin[to]
		}
		found = append(found, [2]int{from, to})
	}
	return found
}

// foldWithOrigin returns the Fold of text and, for each of its bytes and its end, where the character stands in text that
// it was made from; nil if every character stands where it stood.
func foldWithOrigin(text string) (folded string, origin []int) {
	folded = Fold(text)
	if isPlain(text) {
		return folded, nil
	}
	origin = make([]int, 0, len(folded)+1)
	var one [utf8.UTFMax]byte
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		for range appendFold(one[:0], text[i:i+size], r) {
			origin = append(origin, i)
		}
		i += size
	}
	return folded, append(origin, len(text))
}

// merge sorts ranges and joins those that overlap or touch.
func merge(ranges [][2]int) [][2]int {
	slices.SortFunc(ranges, func(a, b [2]int) int { return a[0] - b[0] })
	merged := ranges[:0]
	for _, r := range ranges {
		if n := len(merged); n > 0 && r[0] <= merged[n-1][1] {
			merged[n-1][1] = max(merged[n-1][1], r[1])
			continue
		}
		merged = append(merged, r)
	}
	return merged
}
