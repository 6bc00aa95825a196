package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Query is what is asked of a list of keys. The zero value matches every key. [ParseQuery] reads one:
//
//	query   = [ term { space term } ]          every term must match
//	term    = [ "-" ] ( word | quoted | field ) "-" turns a term round: what it does not match
//	word    = text without space that starts with no quote, no "-" and no field
//	quoted  = '"' text '"'                     two quotes in it stand for one
//	field   = part ":" ( value | quoted )
//	        | "age" compare span
//	        | "created" ( ":" | compare ) date
//	        | "unused" compare span
//	        | "used" ( compare span | ":never" | ":unknown" )
//	        | "expires" ( compare span | ":never" )
//	        | "status:" status { ( "," | "|" ) status }
//	part    = "name" | "hint" | "id" | "owner"
//	value   = text without space that starts with no quote
//	compare = "<" | "<=" | ">" | ">="
//	span    = number ( "h" | "d" | "w" | "mo" | "y" )   see ParseSpan
//	date    = year [ "-" month [ "-" day ] ]   2024, 2024-06, 2024-06-01
//	status  = "active" | "disabled" | "expired"
//
// A word or quoted text is found in the name, the hint, the id or the owner of a key, wholly in one of them; after a part,
// in that part. A text with an upper-case letter is found as it is written, any other in any case ("smart case"; see
// [Fold]). Texts of a query are brought to NFC; those of keys are taken as they are.
//
// age is the time since the key was made; created is that moment, and a date stands for its whole year, month or day: < is
// before it, > after it, : within. unused is the time since the last use, or since the key was made if it was never used.
// used is the time since the last use. expires is the time until the end of the key, less than 0 if that has passed. A key
// matches none of these if what they ask for is not there: it was never used, its use is not reported, it never ends.
//
// Field names and statuses may be written in any case. A word that starts with letters, - or _, then : or < or >, is a field,
// and a problem if there is no such field: a text like that is quoted.
type Query struct{ terms []Term }

// Term is one of the conditions of a query. Terms that are equal (==) mean the same.
type Term struct {
	// Not is true if keys match that meet the condition not.
	Not   bool
	Field Field
	Op    Op
	// Text is what is looked for in a text field: NFC, never empty, and the Fold of itself if Fold is true. Of another field
	// it is the value as it was written.
	Text string
	// Fold is true if the text is looked for in the Fold of the key's text, false if in the text itself.
	Fold bool
	// Span is what the time of FieldAge, FieldUnused, FieldUsed or FieldExpires is compared with.
	Span time.Duration
	// From and To are the first moments of a date and after it, in UTC, for FieldCreated.
	From, To time.Time
	// Statuses are those that FieldStatus asks for.
	Statuses StatusSet
}

// Field is what a term asks about.
type Field int

// The fields. FieldAny is name, hint, id and owner.
const (
	FieldAny Field = iota
	FieldName
	FieldHint
	FieldID
	FieldOwner
	FieldAge
	FieldCreated
	FieldUnused
	FieldUsed
	FieldExpires
	FieldStatus
)

// fieldNames are the words for the fields, by Field.
var fieldNames = []string{"", "name", "hint", "id", "owner", "age", "created", "unused", "used", "expires", "status"}

// String returns the word of the query language; empty for FieldAny.
func (f Field) String() string {
	if f < 0 || int(f) >= len(fieldNames) {
		return fmt.Sprintf("Field(%d)", int(f))
	}
	return fieldNames[f]
}

// IsText reports whether the field is a text, in which a term looks for its own.
func (f Field) IsText() bool { return f >= FieldAny && f <= FieldOwner }

// Op is how a term asks.
type Op int

// The ways to ask.
const (
	// OpHas: the text is in it, the date or the statuses hold it.
	OpHas Op = iota
	OpLess
	OpAtMost
	OpMore
	OpAtLeast
	// OpNever: it was never used, or never ends.
	OpNever
	// OpUnknown: the provider does not report it.
	OpUnknown
)

// opTexts are the operators as they are written, by Op.
var opTexts = []string{":", "<", "<=", ">", ">=", ":", ":"}

// String returns the operator as it is written; that of OpNever and OpUnknown is a colon.
func (o Op) String() string {
	if o < 0 || int(o) >= len(opTexts) {
		return fmt.Sprintf("Op(%d)", int(o))
	}
	return opTexts[o]
}

// StatusSet is a set of statuses.
type StatusSet uint8

// statusOrder are the statuses that can be asked for; each is the bit of its place.
var statusOrder = []Status{StatusActive, StatusDisabled, StatusExpired}

// Has reports whether the status is in the set.
func (s StatusSet) Has(status Status) bool {
	i := slices.Index(statusOrder, status)
	return i >= 0 && s&(1<<i) != 0
}

// String returns the statuses with commas between them.
func (s StatusSet) String() string {
	var words []string
	for _, status := range statusOrder {
		if s.Has(status) {
			words = append(words, string(status))
		}
	}
	return strings.Join(words, ",")
}

// QueryProblem is a part of a text that cannot be read as part of a query.
type QueryProblem struct {
	// Start and End are where it stands in the text, in bytes; End is greater than Start.
	Start, End int
	// Want says what was expected there, such as "a span such as 90d".
	Want string
}

// Empty reports whether the query has no term, so that every key matches.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Terms returns the conditions, in the order in which they were written. A key matches if it meets all of them.
func (q Query) Terms() []Term { return slices.Clone(q.terms) }

// String returns a text that ParseQuery reads, in the same time zone, as the same query, without a problem.
func (q Query) String() string {
	texts := make([]string, len(q.terms))
	for i, t := range q.terms {
		texts[i] = t.String()
	}
	return strings.Join(texts, " ")
}

// String returns the term as it can be written.
func (t Term) String() string {
	text := t.Text
	switch {
	case t.Field == FieldAny && !isPlainWord(text), t.Field != FieldAny && t.Field.IsText() && !isPlainValue(text):
		text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	if t.Field != FieldAny {
		text = t.Field.String() + t.Op.String() + text
	}
	if t.Not {
		text = "-" + text
	}
	return text
}
