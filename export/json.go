package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"clavier/model"
)

// objectWriter writes a JSON array, one value at a time, indented by two spaces.
type objectWriter struct {
	out     io.Writer
	encoder *json.Encoder
	one     bytes.Buffer // the value that is being written
	escaped []byte
	any     bool
}

func newObjectWriter(w io.Writer) *objectWriter {
	x := &objectWriter{out: w}
	x.encoder = newEncoder(&x.one, indent)
	return x
}

const indent = "  "

func newEncoder(w io.Writer, prefix string) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent(prefix, indent)
	return encoder
}

func (x *objectWriter) add(o Object) error {
	x.one.Reset()
	if err := x.encoder.Encode(o); err != nil {
		return err
	}
	before := ",\n" + indent
	if !x.any {
		before = "[\n" + indent
	}
	x.any = true
	x.escaped = appendEscaped(append(x.escaped[:0], before...), bytes.TrimSuffix(x.one.Bytes(), []byte("\n")))
	_, err := x.out.Write(x.escaped)
	return err
}

func (x *objectWriter) end() error {
	text := "\n]\n"
	if !x.any {
		text = "[]\n"
	}
	_, err := io.WriteString(x.out, text)
	return err
}

// WriteJSON writes one value as indented JSON, in one write. Strings keep their value, but every rune that a terminal
// should not get is written as \uXXXX. A byte that is not UTF-8, which JSON cannot hold, becomes U+FFFD.
func WriteJSON(w io.Writer, value any) error {
	var b bytes.Buffer
	if err := newEncoder(&b, "").Encode(value); err != nil {
		return err
	}
	_, err := w.Write(appendEscaped(nil, b.Bytes()))
	return err
}

// appendEscaped escapes, in a JSON text, the runes that model.Display would. They stand in strings only: outside of
// these, JSON is printable ASCII and white space.
func appendEscaped(to, text []byte) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c < 0x7f {
			to = append(to, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case model.IsDisplayable(string(r)):
			to = append(to, text[i:i+size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			to = fmt.Appendf(to, `\u%04x\u%04x`, high, low)
		default:
			to = fmt.Appendf(to, `\u%04x`, r)
		}
		i += size
	}
	return to
}
