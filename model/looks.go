package model

import "strings"

// leastSecret is the least characters of a single word that is taken for a secret, or for what is left of one.
const leastSecret = 20

// LooksSecret reports whether a text that should be something else is a secret, has one in it, or is one long word as secrets are:
// a mistyped one, or one of another program. Such a text is never repeated to a person.
func LooksSecret(text string) bool {
	text = strings.TrimSpace(text)
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isWord(r) }) {
		if CheckSecret(word) == nil {
			return true
		}
	}
	return len(text) >= leastSecret && strings.IndexFunc(text, func(r rune) bool { return r != '-' && !isWord(r) }) < 0
}

func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
