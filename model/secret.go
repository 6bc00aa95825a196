package model

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"strings"
)

// The shape of a secret: prefix, body, checksum.
const (
	// DefaultPrefix starts every secret unless the profile sets another.
	DefaultPrefix = "clv_"
	// BodyLen is the number of random characters: 32 of 62 possible make 190 bits.
	BodyLen = 32
	// ChecksumLen is the number of base62 characters that hold a CRC-32 (62^6 > 2^32).
	ChecksumLen = 6
	// MaxPrefixLen bounds the prefix, its underscore included.
	MaxPrefixLen = 16

	alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	redacted = "[redacted]"
)

// inAlphabet tells which bytes are in the alphabet.
var inAlphabet = func() (in [256]bool) {
	for i := range len(alphabet) {
		in[alphabet[i]] = true
	}
	return in
}()

// Why a string is no secret of ours. CheckSecret returns exactly one of them.
var (
	ErrSecretPrefix   = errors.New("a secret starts with a prefix such as clv_")
	ErrSecretLength   = errors.New("a secret has 38 characters after its prefix")
	ErrSecretAlphabet = errors.New("a secret has only letters and digits after its prefix")
	ErrSecretChecksum = errors.New("the checksum of the secret is wrong: a character was changed or lost")
)

// Secret is the string an application sends. Whatever prints, formats, logs or encodes it gets "[redacted]";
// [Secret.Reveal] is the one way to the text, so that every use can be found by that name.
//
// The text stands behind a pointer because fmt calls no methods on unexported fields of other structs: printing
// such a struct shows an address.
type Secret struct{ text *string }

// NewSecret wraps the text of a secret, whatever its shape.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text; empty for the zero Secret.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is no text.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// Digest returns the SHA-256 of the text, which is what stores hold. A plain hash is right for 190 random bits
// (OWASP ASVS 5.0, 6.5.2).
func (s Secret) Digest() Digest { return sha256.Sum256([]byte(s.Reveal())) }

// Hint returns what may always be shown: the prefix and the last four characters, such as clv_…9f3Q.
//
// Of a text that is not of our shape, the prefix ends with the first _ or - among its first eight characters, if at least
// sixteen follow it; otherwise there is none. A text of fewer than sixteen characters gives only "…".
func (s Secret) Hint() string {
	text := s.Reveal()
	if CheckSecret(text) == nil {
		return text[:len(text)-BodyLen-ChecksumLen] + "…" + text[len(text)-4:]
	}
	return foreignHint(text)
}

// String returns "[redacted]".
func (s Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (s Secret) GoString() string { return redacted }

// Format writes "[redacted]" whatever the verb and flags.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns "[redacted]", for JSON, TOML, XML and whatever else encodes text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// CheckPrefix returns an error that says what is wrong with a prefix for secrets: 2 to MaxPrefixLen characters, a
// letter first, then letters, digits and underscores, an underscore last.
func CheckPrefix(prefix string) error {
	if !okPrefix(prefix) {
		return fmt.Errorf("a prefix has 2 to %d characters: a letter, then letters, digits or _, and _ at the end, such as %s",
			MaxPrefixLen, DefaultPrefix)
	}
	return nil
}

func okPrefix(prefix string) bool {
	ok := len(prefix) >= 2 && len(prefix) <= MaxPrefixLen && isLetter(prefix[0]) && prefix[len(prefix)-1] == '_'
	for i := 0; ok && i < len(prefix); i++ {
		ok = prefix[i] == '_' || inAlphabet[prefix[i]]
	}
	return ok
}

func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

// DrawSecret makes a new secret from random, which must be crypto/rand.Reader outside of tests. The body is drawn
// without bias: bytes of 248 and above are thrown away, since 248 is the largest multiple of 62 in a byte.
// It returns the errors of CheckPrefix and of random.
func DrawSecret(random io.Reader, prefix string) (Secret, error) {
	if err := CheckPrefix(prefix); err != nil {
		return Secret{}, err
	}
	const largest = 256 - 256%len(alphabet)
	text := make([]byte, 0, len(prefix)+BodyLen+ChecksumLen)
	text = append(text, prefix...)
	var buf [BodyLen]byte
	for len(text) < len(prefix)+BodyLen {
		if _, err := io.ReadFull(random, buf[:]); err != nil {
			return Secret{}, fmt.Errorf("draw a secret: %w", err)
		}
		for _, b := range buf {
			if int(b) < largest && len(text) < len(prefix)+BodyLen {
				text = append(text, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	sum := checksum(string(text))
	return NewSecret(string(append(text, sum[:]...))), nil
}

// CheckSecret reports whether text has the shape of a secret and its checksum is right, for any prefix: a profile
// may have changed its own. It returns nil or one of the ErrSecret errors. It allocates nothing.
func CheckSecret(text string) error {
	cut := strings.LastIndexByte(text, '_') + 1
	if !okPrefix(text[:cut]) {
		return ErrSecretPrefix
	}
	if len(text)-cut != BodyLen+ChecksumLen {
		return ErrSecretLength
	}
	for i := cut; i < len(text); i++ {
		if !inAlphabet[text[i]] {
			return ErrSecretAlphabet
		}
	}
	payload := text[:len(text)-ChecksumLen]
	if sum := checksum(payload); string(sum[:]) != text[len(payload):] {
		return ErrSecretChecksum
	}
	return nil
}

// checksum returns the CRC-32 (IEEE 802.3) of payload in base62, most significant digit first. It goes byte by byte, because
// crc32.ChecksumIEEE would have the payload on the heap.
func checksum(payload string) [ChecksumLen]byte {
	sum := ^uint32(0)
	for i := range len(payload) {
		sum = crc32.IEEETable[byte(sum)^payload[i]] ^ sum>>8
	}
	sum = ^sum
	var out [ChecksumLen]byte
	for i := ChecksumLen - 1; i >= 0; i-- {
		out[i] = alphabet[sum%uint32(len(alphabet))]
		sum /= uint32(len(alphabet))
	}
	return out
}
