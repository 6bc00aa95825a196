package handover

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// redacted stands for a secret in what a command says.
const redacted = "[redacted]"

// formLeast is the shortest form, other than the secret itself, that is worth masking: less of it says nothing.
const formLeast = 4

// formsOf returns the texts in which a secret may come back, the longest first. Within a longer text, base64 has three
// ways to write the same bytes, by where they begin; the characters at the ends of those, which hold bits of their
// neighbours, are not part of the form.
func formsOf(secret string) [][]byte {
	if secret == "" {
		return nil
	}
	raw := []byte(secret)
	all := []string{
		hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)),
		url.QueryEscape(secret), url.PathEscape(secret),
		inJSON(secret, true), inJSON(secret, false),
		strings.ReplaceAll(secret, "'", `'\''`), strings.ReplaceAll(secret, "'", `'"'"'`),
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		all = append(all, encoding.EncodeToString(raw))
		for before, mixed := range []int{0, 2, 3} {
			text := encoding.EncodeToString(append(make([]byte, before), raw...))
			if (before+len(raw))%3 != 0 {
				text = text[:len(text)-1]
			}
			all = append(all, text[min(mixed, len(text)):])
		}
	}
	forms := [][]byte{raw}
	for _, form := range all {
		if len(form) >= formLeast && form != secret {
			forms = append(forms, []byte(form))
		}
	}
	slices.SortFunc(forms, func(a, b []byte) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return bytes.Compare(a, b)
	})
	return slices.CompactFunc(forms, bytes.Equal)
}

// inJSON is the secret as it stands in JSON, without the quotes around it.
func inJSON(secret string, escapeHTML bool) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(escapeHTML)
	if err := encoder.Encode(secret); err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text.String()), `"`), `"`)
}

// masker passes text on with every form of a secret replaced, also where it comes in pieces or is broken into lines.
type masker struct {
	forms   [][]byte
	most    int // bytes that are held back at most
	pending []byte
	to      *lines
}

func newMasker(forms [][]byte, to *lines) *masker {
	m := &masker{forms: forms, to: to}
	if len(forms) > 0 {
		m.most = 2*len(forms[0]) + 1024
	}
	return m
}

// write takes the next piece.
func (m *masker) write(piece []byte) {
	m.pending = append(m.pending, piece...)
	m.advance(false)
}

// end passes on what was held back.
func (m *masker) end() {
	m.advance(true)
	m.to.end()
}

// advance passes on all but what may be the beginning of a form.
func (m *masker) advance(last bool) {
	from, i := 0, 0
	for i < len(m.pending) {
		length, partial := m.match(m.pending[i:])
		switch {
		case partial && !last && len(m.pending)-i <= m.most:
			m.to.write(m.pending[from:i])
			m.pending = append(m.pending[:0], m.pending[i:]...)
			return
		case length > 0:
			m.to.write(m.pending[from:i])
			m.to.write([]byte(redacted))
			i += length
			from = i
			continue
		}
		i++
	}
	m.to.write(m.pending[from:])
	m.pending = m.pending[:0]
}

// match returns how many bytes of text are the longest form that it begins with, or 0, and whether it may become a longer
// one. Where a form is broken into lines, the line ends and the spaces that indent the next line do not count.
func (m *masker) match(text []byte) (length int, partial bool) {
	for _, form := range m.forms {
		if text[0] != form[0] {
			continue
		}
		at, i, broken := 0, 0, false
		for ; i < len(text) && at < len(form); i++ {
			c := text[i]
			switch {
			case c == form[at]:
				at++
				broken = false
				continue
			case c == '\n' || c == '\r':
				broken = true
				continue
			case broken && (c == ' ' || c == '\t'):
				continue
			}
			break
		}
		if at == len(form) {
			return i, partial
		}
		partial = partial || i == len(text)
	}
	return 0, partial
}
