package export

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"clavier/model"
)

// columns are the headings of the CSV.
var columns = []string{
	"name", "hint", "id", "owner", "created_at", "last_used_at", "last_use", "expires_at", "status", "stale", "imported", "rotating",
	"dead", "note", "role",
}

// Columns returns the headings of the CSV, in their order. They are the names of Object, and mean the same, with an empty
// cell for null. Two things are done to name, hint, id, owner and note, which are other people's text:
//
//   - what a terminal should not get is written as model.Display shows it, so that a key is one line and reads as it does
//     in the list; JSON has the name as it is;
//   - what a spreadsheet would run as a formula is defused; see Defuse.
func Columns() []string { return slices.Clone(columns) }

func appendCells(cells []string, o Object) []string {
	return append(cells,
		text(o.Name), text(o.Hint), text(o.ID), text(orEmpty(o.Owner)),
		orEmpty(o.CreatedAt), orEmpty(o.LastUsedAt), o.LastUse, orEmpty(o.ExpiresAt),
		string(o.Status), strconv.FormatBool(o.Stale), strconv.FormatBool(o.Imported), strconv.FormatBool(o.Rotating),
		strconv.FormatBool(o.Dead), text(orEmpty(o.Note)), o.Role)
}

func text(s string) string { return Defuse(model.Display(s)) }

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Defuse takes from a text what makes a spreadsheet take a cell for a formula and run it: an apostrophe is put before
// each = + - @, also in their wide forms, that begins the text, and before each apostrophe that does. The same is done
// after a semicolon, where the spreadsheets of many countries begin a cell whatever the file says. Spaces and quotation
// marks between the beginning and the character do not count. Undefuse is the way back. (OWASP, "CSV Injection"; ASVS
// 5.0, 1.2.10.)
func Defuse(s string) string {
	if !strings.ContainsAny(s, formulas) {
		return s
	}
	var b strings.Builder
	begins(s, func(r string, atBeginning bool) {
		if atBeginning && strings.Contains(formulas, r) {
			b.WriteByte(apostrophe)
		}
		b.WriteString(r)
	})
	return b.String()
}

// Undefuse takes away the apostrophes that Defuse has put into a text: each first one after the beginning or a semicolon,
// with nothing but spaces and quotation marks in between.
func Undefuse(s string) string {
	var b strings.Builder
	begins(s, func(r string, atBeginning bool) {
		if !atBeginning || r != string(apostrophe) {
			b.WriteString(r)
		}
	})
	return b.String()
}

const (
	apostrophe = '\''
	// formulas are what Defuse puts an apostrophe before.
	formulas = "=+-@＝＋－＠'"
)

// begins calls take for each rune of s, a byte that is no UTF-8 alone, and says whether a cell could begin with it.
func begins(s string, take func(r string, atBeginning bool)) {
	atBeginning := true
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		take(s[i:i+size], atBeginning)
		switch r {
		case ';':
			atBeginning = true
		case ' ', '"':
		default:
			atBeginning = false
		}
		i += size
	}
}
