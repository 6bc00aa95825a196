package model

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Patterns are shell patterns, each of which speaks of a whole name: * is any text, ? any character, [abc] and [a-z] one
// of these, [!abc] and [^abc] any other, and \ takes the special meaning from the character after it. Case does not
// matter, nor does the way in which Unicode writes an accent; the slash is a character like any other.
type Patterns []string

// DefaultProtect are the names that need more than a mark to be deleted, unless the settings say otherwise.
var DefaultProtect = Patterns{"*prod*"}

// ParsePatterns checks patterns. The error is a sentence that says what is wrong with the first that is none: it is blank,
// is no UTF-8, or has a [ or \ that nothing follows as it must.
func ParsePatterns(list []string) (Patterns, error) {
	patterns := make(Patterns, 0, len(list))
	for _, text := range list {
		switch {
		case strings.TrimSpace(text) == "":
			return nil, errors.New("a pattern is blank; one that fits every name is *")
		case !utf8.ValidString(text):
			return nil, fmt.Errorf("the pattern %s is not UTF-8", quoteShort(text))
		}
		for rest := norm.NFC.String(text); rest != ""; {
			element, after, ok := nextElement(rest)
			if !ok {
				return nil, fmt.Errorf(`the pattern %s is not complete; a plain [ or \ is written \[ or \\`, quoteShort(text))
			}
			if _, err := path.Match(element.text, ""); err != nil {
				return nil, fmt.Errorf("the pattern %s has a bad set of characters; a set is such as [a-z]", quoteShort(text))
			}
			rest = after
		}
		patterns = append(patterns, text)
	}
	return patterns, nil
}

// Match reports whether one of the patterns fits the whole name. A pattern that ParsePatterns refuses fits none.
func (p Patterns) Match(name string) bool {
	if len(p) == 0 {
		return false
	}
	name = norm.NFC.String(name)
	for _, pattern := range p {
		if matchPattern(norm.NFC.String(pattern), name) {
			return true
		}
	}
	return false
}

// matchPattern goes back to the last star only: whatever an earlier one could take, the last can take as well. So the time
// is at most the product of both lengths.
func matchPattern(pattern, name string) bool {
	backPattern, backName, starred := "", "", false
	for pattern != "" || name != "" {
		if strings.HasPrefix(pattern, "*") {
			pattern = pattern[1:]
			backPattern, backName, starred = pattern, name, true
			continue
		}
		if pattern != "" && name != "" {
			element, after, ok := nextElement(pattern)
			if !ok {
				return false
			}
			r, size := utf8.DecodeRuneInString(name)
			if element.match(r) {
				pattern, name = after, name[size:]
				continue
			}
		}
		if !starred || backName == "" {
			return false
		}
		_, size := utf8.DecodeRuneInString(backName)
		backName = backName[size:]
		pattern, name = backPattern, backName
	}
	return true
}

// patternElement is what stands for one character: a character, ?, or a set. It is a pattern of package path.
type patternElement struct {
	text string
	// not is true if the set was one of characters that are not meant; its text has no mark of that.
	not bool
}

// nextElement cuts the first element off a pattern that starts with no star. It is not ok if the element does not end.
func nextElement(pattern string) (element patternElement, after string, ok bool) {
	switch pattern[0] {
	case '\\':
		_, size := utf8.DecodeRuneInString(pattern[1:])
		return patternElement{text: pattern[:1+size]}, pattern[1+size:], size > 0
	case '[':
		set := pattern[1:]
		negated := set != "" && (set[0] == '!' || set[0] == '^')
		if negated {
			set = set[1:]
		}
		for i := 0; i < len(set); i++ {
			switch set[i] {
			case '\\':
				i++
			case ']':
				return patternElement{"[" + set[:i+1], negated}, set[i+1:], true
			}
		}
		return patternElement{}, "", false
	default:
		_, size := utf8.DecodeRuneInString(pattern)
		return patternElement{text: pattern[:size]}, pattern[size:], true
	}
}

// match reports whether the element fits a character in one of its cases.
func (e patternElement) match(r rune) bool {
	if e.text == "?" {
		return true
	}
	if only, size := utf8.DecodeRuneInString(e.text); size == len(e.text) {
		return unicode.ToLower(only) == unicode.ToLower(r)
	}
	found := false
	for _, c := range [...]rune{r, unicode.ToLower(r), unicode.ToUpper(r), unicode.ToTitle(r)} {
		ok, err := path.Match(e.text, string(c))
		if err != nil {
			return false
		}
		found = found || ok
	}
	return found != e.not
}
