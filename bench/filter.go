//go:build linux || darwin

package bench

import (
	"strings"

	"clavier/model"
)

// Query is a filter as a person thinks of it: words that must all be there, and
// words that must not.
type Query struct {
	With, Without []string
}

// Filter is how a program is asked, and what it must answer. It is stated
// here once more, as plainly as possible, so that the numbers that a program
// shows can be checked.
type Filter struct {
	// not is what stands before a word that must not be there.
	not string
	// text is what is searched of a key.
	text func(model.Key) string
	// has says whether a text has a word.
	has func(text, word string) bool
}

// The filters of the subjects.
var (
	// Fields is clavier's: a word is a substring of name, hint, id or owner.
	Fields = Filter{"-", func(k model.Key) string {
		return strings.Join([]string{k.Name, k.Hint, k.ID, k.Owner}, "\n")
	}, strings.Contains}
	// Exact is that of fzf --exact: a word is a substring of the name.
	Exact = Filter{"!", func(k model.Key) string { return k.Name }, strings.Contains}
	// Fuzzy is fzf's own: the characters of a word stand in the name in this
	// order, with others between them.
	Fuzzy = Filter{"!", func(k model.Key) string { return k.Name }, scattered}
)

// scattered says whether the bytes of word stand in text in this order.
func scattered(text, word string) bool {
	for i := range len(word) {
		at := strings.IndexByte(text, word[i])
		if at < 0 {
			return false
		}
		text = text[at+1:]
	}
	return true
}

// spell is what is typed.
func (f Filter) spell(q Query) string {
	words := append([]string(nil), q.With...)
	for _, word := range q.Without {
		words = append(words, f.not+word)
	}
	return strings.Join(words, " ")
}

// texts is what is searched of the keys, in lower case: no query has an
// upper-case letter, so case never matters.
func (f Filter) texts(keys []model.Key) []string {
	all := make([]string, len(keys))
	for i, key := range keys {
		all[i] = strings.ToLower(f.text(key))
	}
	return all
}

// count is how many of texts match what has been typed, of which the last word
// may not be complete. What must not be there is a substring for all programs.
func (f Filter) count(texts []string, typed string) int {
	var with, without []string
	for word := range strings.FieldsSeq(typed) {
		if rest, ok := strings.CutPrefix(word, f.not); !ok {
			with = append(with, word)
		} else if rest != "" {
			without = append(without, rest)
		}
	}
	n := 0
	for _, text := range texts {
		if f.matches(text, with, without) {
			n++
		}
	}
	return n
}

func (f Filter) matches(text string, with, without []string) bool {
	for _, word := range with {
		if !f.has(text, word) {
			return false
		}
	}
	for _, word := range without {
		if strings.Contains(text, word) {
			return false
		}
	}
	return true
}
