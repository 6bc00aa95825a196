package model

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The bounds of what is imported.
const (
	// MaxImportedLen is the most bytes of an imported secret: what a header of an HTTP request may hold with most servers.
	MaxImportedLen = 4096
	// MaxNoteLen is the most characters of a note.
	MaxNoteLen = 256
)

// ErrImport is what every error of CheckImport wraps that does not speak of the name.
var ErrImport = errors.New("not to be imported")

// Import is a secret that was made elsewhere, and what its owner knows of it.
type Import struct {
	Name   Name
	Secret Secret
	// CreatedAt is the moment at which the key was made; the zero time if nobody knows.
	CreatedAt time.Time
	// Note says where the key is managed: an address or a sentence. It may be empty.
	Note string
}

// CheckImport returns what is to be imported with its name in NFC and its time in whole milliseconds of UTC, or a sentence
// that says what is wrong, which never holds the secret. The error wraps ErrName or ErrImport.
func CheckImport(in Import) (Import, error) {
	name, err := ParseName(string(in.Name))
	if err != nil {
		return Import{}, err
	}
	if err := checkImported(in.Secret.Reveal()); err != nil {
		return Import{}, err
	}
	if err := CheckNote(in.Note); err != nil {
		return Import{}, err
	}
	in.Name = name
	if !in.CreatedAt.IsZero() {
		in.CreatedAt = in.CreatedAt.UTC().Truncate(time.Millisecond)
	}
	return in, nil
}

// checkImported refuses what no API can have made: it could not be sent in a header (RFC 9110, 5.5).
func checkImported(text string) error {
	switch {
	case text == "":
		return importError("a secret needs at least one character")
	case len(text) > MaxImportedLen:
		return importError(fmt.Sprintf("a secret has at most %d bytes; this has %d", MaxImportedLen, len(text)))
	case !utf8.ValidString(text):
		return importError("a secret must be valid UTF-8")
	case strings.TrimSpace(text) != text:
		return importError("a secret has no space at its beginning or end; copy it again")
	case strings.ContainsFunc(text, unicode.IsControl):
		return importError("a secret has no control characters or line ends; copy it again, alone")
	}
	return nil
}

// CheckNote says in a sentence what is wrong with a note; nil if it can be stored. The error wraps ErrImport.
func CheckNote(note string) error {
	switch n := utf8.RuneCountInString(note); {
	case !utf8.ValidString(note):
		return importError("a note must be valid UTF-8")
	case n > MaxNoteLen:
		return importError(fmt.Sprintf("a note has at most %d characters; this has %d", MaxNoteLen, n))
	case !IsDisplayable(note):
		return importError("a note has no control or invisible characters; write it in one line")
	}
	return nil
}

func importError(sentence string) error { return &importSyntaxError{sentence} }

// importSyntaxError reads as its sentence alone, so that it can stand under the field it speaks of.
type importSyntaxError struct{ sentence string }

func (e *importSyntaxError) Error() string { return e.sentence }
func (e *importSyntaxError) Unwrap() error { return ErrImport }

// What foreignHint shows.
const (
	hintAtLeast   = 16 // characters of a secret that has a hint at all, and that stand behind a prefix
	hintPrefixLen = 8  // characters of a prefix at most, its end included
	hintTailLen   = 4
)

// foreignHint is the hint of a secret that we did not make.
func foreignHint(text string) string {
	runes := []rune(text)
	if len(runes) < hintAtLeast {
		return "…"
	}
	prefix := 0
	for i, r := range runes[:hintPrefixLen] {
		if r == '_' || r == '-' {
			if i > 0 && len(runes)-i-1 >= hintAtLeast {
				prefix = i + 1
			}
			break
		}
	}
	return string(runes[:prefix]) + "…" + string(runes[len(runes)-hintTailLen:])
}

// SafeBits is how many bits a secret must have so that it cannot be guessed: with fewer, NIST SP 800-63B (5.1.2.2) lets a
// verifier take it only if it limits the tries.
const SafeBits = 64

// WeakSecret returns one sentence if an imported secret could be guessed, and "" if nothing speaks for that. It never holds
// the text. It does not know words: a secret that a person thought of may pass.
func WeakSecret(text string) string {
	runes := []rune(text)
	size := alphabetSize(runes)
	whole := float64(len(runes)) * math.Log2(float64(size))
	if whole < SafeBits {
		return fmt.Sprintf("this secret is weak: %d characters of %d kinds can be guessed; have a longer one made", len(runes), size)
	}
	if float64(surprising(runes))*math.Log2(float64(size)) < SafeBits {
		return "this secret is weak: it repeats itself or counts up; have one made at random"
	}
	return ""
}

// alphabetSize is how many characters there are of the kinds that occur: digits, hexadecimal digits of one case, letters of
// each case, other printable ASCII, and the rest. Up to four different characters count as themselves.
func alphabetSize(runes []rune) int {
	const few = 4
	distinct := map[rune]bool{}
	var digit, lower, upper, other, foreign, beyondF bool
	for _, r := range runes {
		distinct[r] = true
		switch {
		case r >= '0' && r <= '9':
			digit = true
		case r >= 'a' && r <= 'z':
			lower, beyondF = true, beyondF || r > 'f'
		case r >= 'A' && r <= 'Z':
			upper, beyondF = true, beyondF || r > 'F'
		case r < 0x80:
			other = true
		default:
			foreign = true
		}
	}
	if len(distinct) <= few {
		return max(len(distinct), 1)
	}
	if digit && lower != upper && !beyondF && !other && !foreign {
		return 16
	}
	size := 0
	for _, kind := range []struct {
		there bool
		size  int
	}{{digit, 10}, {lower, 26}, {upper, 26}, {other, 33}, {foreign, 128}} {
		if kind.there {
			size += kind.size
		}
	}
	return size
}

// surprising counts the characters that do not follow from those before: by going on in steps of at most one, or because
// the text has come back to where it was a while ago.
func surprising(runes []rune) int {
	period := period(runes)
	n := 0
	for i, r := range runes[:period] {
		if i >= 2 {
			step := r - runes[i-1]
			if step == runes[i-1]-runes[i-2] && step >= -1 && step <= 1 {
				continue
			}
		}
		n++
	}
	return n
}

// period returns the length of the shortest beginning that, repeated, gives the text; its own length if there is none. It is
// the failure function of Knuth, Morris and Pratt.
func period(runes []rune) int {
	fail := make([]int, len(runes)+1)
	k := 0
	for i := 1; i < len(runes); i++ {
		for k > 0 && runes[i] != runes[k] {
			k = fail[k]
		}
		if runes[i] == runes[k] {
			k++
		}
		fail[i+1] = k
	}
	return len(runes) - fail[len(runes)]
}
