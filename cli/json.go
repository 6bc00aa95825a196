package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf16"

	"clavier/model"
)

// keyJSON is a key as scripts get it. Times are RFC 3339 in UTC, in whole seconds; null means never, or not reported.
type keyJSON struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Hint       string       `json:"hint"`
	CreatedAt  *string      `json:"created_at"`
	LastUsedAt *string      `json:"last_used_at"`
	ExpiresAt  *string      `json:"expires_at"`
	Status     model.Status `json:"status"`
}

// issuedJSON is a new key together with its secret, which is on its way to whoever asked for it on standard output.
type issuedJSON struct {
	keyJSON
	Secret string `json:"secret"`
}

func jsonOf(key model.Key, now time.Time) keyJSON {
	return keyJSON{
		ID:         key.ID,
		Name:       key.Name,
		Hint:       key.Hint,
		CreatedAt:  jsonTime(key.CreatedAt),
		LastUsedAt: jsonTime(key.LastUse.At),
		ExpiresAt:  jsonTime(key.ExpiresAt),
		Status:     key.StatusAt(now),
	}
}

func jsonTime(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	text := at.UTC().Format(time.RFC3339)
	return &text
}

// writeJSON writes value as indented JSON in one write. Strings keep their value, but every rune that a terminal should
// not get is written as \uXXXX. A byte that is not UTF-8, which JSON cannot hold, becomes U+FFFD.
func writeJSON(w io.Writer, value any) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := io.WriteString(w, escapeHidden(b.String()))
	return err
}

// escapeHidden escapes, in a JSON text, the runes that model.Display would. They stand in strings only: outside of
// these, JSON is printable ASCII and white space.
func escapeHidden(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n', r < 0x7f, r > 0x7f && model.IsDisplayable(string(r)):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			_, _ = fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			_, _ = fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
