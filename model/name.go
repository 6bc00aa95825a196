package model

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxNameLen is the most characters (code points after NFC) that a name may have.
const MaxNameLen = 64

// ErrName is what every error of ParseName wraps: the text cannot be a name. Say the error and keep what was typed.
var ErrName = errors.New("not a name")

// Name is a name that clavier made: NFC, 1 to MaxNameLen characters, each of them shown as it is, no space first or last.
type Name string

// ParseName turns what a person typed into a Name (NFC) or says, as a sentence for that person, which rule it
// breaks. The error wraps ErrName.
func ParseName(typed string) (Name, error) {
	if !utf8.ValidString(typed) {
		return "", nameError("a name must be valid UTF-8")
	}
	name := norm.NFC.String(typed)
	n := utf8.RuneCountInString(name)
	switch {
	case n == 0:
		return "", nameError("a name needs at least one character")
	case n > MaxNameLen:
		return "", nameError(fmt.Sprintf("a name has at most %d characters; this has %d", MaxNameLen, n))
	}
	for _, r := range name {
		if unicode.In(r, unicode.Cn, prepended) {
			return "", nameError(fmt.Sprintf("a name has no %U: terminals do not agree on how to draw it", r))
		}
		if isHidden(r) {
			return "", nameError(fmt.Sprintf("a name has no control or invisible characters; remove %U", r))
		}
		if r == utf8.RuneError { // no terminal delivers it, so it could never be typed to confirm
			return "", nameError("a name has no U+FFFD, which stands for a character that was lost")
		}
	}
	first, _ := utf8.DecodeRuneInString(name)
	last, _ := utf8.DecodeLastRuneInString(name)
	switch {
	case unicode.IsSpace(first):
		return "", nameError("a name does not start with a space")
	case unicode.IsSpace(last):
		return "", nameError("a name does not end with a space")
	case !IsDisplayable(name):
		return "", nameError("a combining mark needs a letter before it")
	}
	for _, r := range name { // others look like a plain one and could not be typed again from the screen
		if r != ' ' && unicode.Is(unicode.Zs, r) {
			return "", nameError(fmt.Sprintf("a name has plain spaces only; replace %U", r))
		}
	}
	return Name(name), nil
}

func nameError(sentence string) error { return &nameSyntaxError{sentence} }

// nameSyntaxError reads as its sentence alone, so that it can stand under the field it speaks of.
type nameSyntaxError struct{ sentence string }

func (e *nameSyntaxError) Error() string { return e.sentence }
func (e *nameSyntaxError) Unwrap() error { return ErrName }

// SameName reports whether two names are equal byte for byte after NFC: no case folding, no trimming.
func SameName(a, b string) bool { return norm.NFC.String(a) == norm.NFC.String(b) }

// Confirmation returns what a person must type to delete key, given all keys of its profile: the key's name; or its id
// if the name cannot be typed with certainty, because another key has the same one or it is not one that ParseName
// accepts (it needed escaping, is empty, too long, or has a space at an end).
func Confirmation(key Key, all []Key) (text string, byID bool) {
	if _, err := ParseName(key.Name); err != nil {
		return key.ID, true
	}
	for _, other := range all {
		if other.ID != key.ID && SameName(other.Name, key.Name) {
			return key.ID, true
		}
	}
	return key.Name, false
}

// Confirms reports whether typed is exactly the confirmation text.
func Confirms(typed, confirmation string) bool {
	return confirmation != "" && SameName(typed, confirmation)
}
