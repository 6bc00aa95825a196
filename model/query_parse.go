package model

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What is expected where something cannot be read.
const (
	wantExcluded = "a word to leave out after -"
	wantText     = "a text to look for"
	wantQuoted   = "a text between the quotes"
	wantClosing  = "a closing quote"
	wantSpace    = "a space after the closing quote"
	wantUTF8     = "a text in UTF-8"
	wantDate     = "a date such as 2024-06-01, 2024-06 or 2024"
	wantMonth    = "a month from 01 to 12"
	wantUsed     = "never or unknown, or a span as in used<7d"
	wantEnd      = "never, or a span as in expires<7d"
	wantStatus   = "active, disabled or expired"
	wantColon    = "a colon"
	wantCompare  = "one of < <= > >="
	wantAnyOp    = "one of : < <= > >="
)

// ParseQuery reads a query. Dates are those of the zone; UTC if it is nil. It takes every text: what cannot be read is
// left out of the query and is a problem, in the order of the text, none overlapping another. A quote that is not closed
// is a problem, and is read as if it were closed at the end.
func ParseQuery(text string, zone *time.Location) (Query, []QueryProblem) {
	if zone == nil {
		zone = time.UTC
	}
	p := queryParser{text: text, zone: zone}
	for {
		p.at += len(p.rest()) - len(strings.TrimLeftFunc(p.rest(), unicode.IsSpace))
		if p.rest() == "" {
			break
		}
		p.term()
	}
	slices.SortFunc(p.problems, func(a, b QueryProblem) int { return a.Start - b.Start })
	return Query{p.terms}, p.problems
}

// queryParser reads a text from the left, term by term.
type queryParser struct {
	text     string
	zone     *time.Location
	at       int // what is before is read
	terms    []Term
	problems []QueryProblem
}

func (p *queryParser) rest() string { return p.text[p.at:] }

func (p *queryParser) problem(start, end int, want string) {
	p.problems = append(p.problems, QueryProblem{start, end, want})
}

// written is a text as it stands in the query.
type written struct {
	start, end int    // all of it, quotes included
	text       string // without quotes
	from, to   int    // where text stands; not of the same length if quotes are doubled in it
	quoted     bool
	open       bool // the closing quote is missing, which is a problem already
}

// take reads up to the next space, or a quoted text.
func (p *queryParser) take() written {
	start := p.at
	if strings.HasPrefix(p.rest(), `"`) {
		return p.takeQuoted()
	}
	p.at = start + wordLen(p.rest())
	return written{start: start, end: p.at, text: p.text[start:p.at], from: start, to: p.at}
}

func (p *queryParser) takeQuoted() written {
	w := written{start: p.at, from: p.at + 1, quoted: true, open: true}
	i := w.from
	for i < len(p.text) {
		if p.text[i] != '"' {
			i++
			continue
		}
		if strings.HasPrefix(p.text[i+1:], `"`) {
			i += 2
			continue
		}
		w.open = false
		break
	}
	w.to, w.end = i, i
	if w.open {
		p.problem(w.start, w.from, wantClosing)
	} else {
		w.end++
		if n := wordLen(p.text[w.end:]); n > 0 {
			p.problem(w.end, w.end+n, wantSpace)
			i += n
		}
	}
	p.at = min(i+1, len(p.text))
	w.text = strings.ReplaceAll(p.text[w.from:w.to], `""`, `"`)
	return w
}

// wordLen is the length of what comes before the first space.
func wordLen(text string) int {
	if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
		return i
	}
	return len(text)
}

func (p *queryParser) term() {
	start := p.at
	not := p.text[p.at] == '-'
	if not {
		p.at++
		if wordLen(p.rest()) == 0 {
			p.problem(start, p.at, wantExcluded)
			return
		}
	}
	if name, op := cutField(p.rest()); op != "" {
		p.fieldTerm(not, name, op)
		return
	}
	p.textTerm(Term{Not: not}, p.take(), wantQuoted)
}

// cutField returns the field and the operator that a term starts with; nothing if it is a plain word or quoted. A name
// that is no field makes a plain word only before an equals sign, which names may have.
func cutField(text string) (name, op string) {
	i := strings.IndexFunc(text, func(r rune) bool { return !isFieldRune(r) })
	if i <= 0 {
		return "", ""
	}
	name, rest := text[:i], text[i:]
	switch rest[0] {
	case ':':
		op = ":"
	case '<', '>':
		op = rest[:1]
		if strings.HasPrefix(rest[1:], "=") {
			op = rest[:2]
		}
	case '=':
		if _, ok := fieldNamed(name); !ok {
			return "", ""
		}
		op = rest[:len(rest)-len(strings.TrimLeft(rest, "=<>"))]
	default:
		return "", ""
	}
	return name, op
}

// isFieldRune reports whether the character can be meant as one of a field's name.
func isFieldRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_'
}

func fieldNamed(name string) (Field, bool) {
	i := slices.Index(fieldNames[1:], strings.ToLower(name))
	return Field(i + 1), i >= 0
}

// isPlainWord reports whether text, written as it is, is a term that looks for it anywhere.
func isPlainWord(text string) bool {
	_, op := cutField(text)
	return op == "" && !strings.HasPrefix(text, "-") && isPlainValue(text)
}

// isPlainValue reports whether text can stand after the colon of a text field as it is.
func isPlainValue(text string) bool {
	return text != "" && text[0] != '"' && wordLen(text) == len(text)
}

// textTerm adds a term that looks for a text.
func (p *queryParser) textTerm(t Term, w written, want string) {
	switch {
	case w.text == "" && w.open:
		return
	case w.text == "" && w.quoted:
		p.problem(w.start, w.end, wantQuoted)
		return
	case w.text == "":
		p.problem(w.start, w.end, want)
		return
	case !utf8.ValidString(w.text):
		p.problem(w.from, w.to, wantUTF8)
		return
	}
	t.Text = norm.NFC.String(w.text)
	t.Fold = !hasUpper(t.Text)
	p.terms = append(p.terms, t)
}

// hasUpper reports whether smart case takes the text as it is written.
func hasUpper(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsUpper(r) || unicode.IsTitle(r) || unicode.ToLower(r) != r
	})
}

func (p *queryParser) fieldTerm(not bool, name, op string) {
	start := p.at
	nameEnd := start + len(name)
	valueStart := nameEnd + len(op)
	p.at = valueStart
	w := p.take()
	field, ok := fieldNamed(name)
	if !ok {
		p.problem(start, nameEnd, wantField(name))
		return
	}
	t := Term{Not: not, Field: field}
	if t.Op, ok = opOf(field, op); !ok {
		p.problem(nameEnd, valueStart, wantOp(field))
		return
	}
	switch {
	case w.text == "" && w.open:
		return
	case w.text == "":
		p.problem(start, w.end, wantValue(field, t.Op))
		return
	case field.IsText():
		p.textTerm(t, w, wantText)
		return
	}
	t.Text = w.text
	if bad := p.value(&t, w.text); bad != nil {
		if w.to-w.from != len(w.text) { // quotes are doubled in it
			bad.Start, bad.End = 0, w.to-w.from
		}
		p.problem(w.from+bad.Start, w.from+bad.End, bad.Want)
		return
	}
	p.terms = append(p.terms, t)
}

// wantField says what is expected instead of a field that there is not.
func wantField(name string) string {
	if near := Nearest(name, fieldNames[1:]); near != "" {
		return near + " instead, or quotes around it all"
	}
	return "one of " + strings.Join(fieldNames[1:], ", ") + ", or quotes around it all"
}

// opOf returns the operator, if the field takes it.
func opOf(f Field, op string) (Op, bool) {
	if op == ":" {
		return OpHas, f != FieldAge && f != FieldUnused
	}
	i := slices.Index(opTexts, op)
	return Op(i), i > 0 && !f.IsText() && f != FieldStatus
}

func wantOp(f Field) string {
	switch f {
	case FieldAge, FieldUnused:
		return wantCompare
	case FieldCreated, FieldUsed, FieldExpires:
		return wantAnyOp
	default:
		return wantColon
	}
}

// wantValue says what is expected after the operator of a field.
func wantValue(f Field, op Op) string {
	switch {
	case f.IsText():
		return wantText
	case f == FieldCreated:
		return wantDate
	case f == FieldStatus:
		return wantStatus
	case f == FieldUsed && op == OpHas:
		return wantUsed
	case f == FieldExpires && op == OpHas:
		return wantEnd
	default:
		return wantSpan
	}
}

// value reads the value of a field that is no text. It returns what cannot be read, counted from the start of the value.
func (p *queryParser) value(t *Term, text string) *QueryProblem {
	var bad *QueryProblem
	switch {
	case t.Field == FieldStatus:
		t.Statuses, bad = parseStatuses(text)
		t.Text = t.Statuses.String()
	case t.Field == FieldCreated:
		t.From, t.To, bad = parseDate(text, p.zone)
	case t.Op == OpHas && text == "never":
		t.Op = OpNever
	case t.Op == OpHas && text == "unknown" && t.Field == FieldUsed:
		t.Op = OpUnknown
	case t.Op == OpHas:
		bad = &QueryProblem{0, len(text), wantValue(t.Field, t.Op)}
	default:
		var want string
		if t.Span, want = parseSpan(text); want != "" {
			bad = &QueryProblem{0, len(text), want}
		}
	}
	return bad
}

// parseStatuses reads statuses with commas or bars between them.
func parseStatuses(text string) (StatusSet, *QueryProblem) {
	var set StatusSet
	for start := 0; ; {
		end := len(text)
		if i := strings.IndexAny(text[start:], ",|"); i >= 0 {
			end = start + i
		}
		word := text[start:end]
		i := slices.Index(statusOrder, Status(strings.ToLower(word)))
		switch {
		case word == "" && end < len(text):
			return 0, &QueryProblem{end, end + 1, wantStatus}
		case word == "":
			return 0, &QueryProblem{start - 1, start, wantStatus}
		case i < 0:
			return 0, &QueryProblem{start, end, wantStatus}
		}
		set |= 1 << i
		if end == len(text) {
			return set, nil
		}
		start = end + 1
	}
}
