package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
)

// jsonType is the media type of bodies.
const jsonType = "application/json"

var errTooLarge = errors.New("larger than any answer may be")

// readAll reads to the end, or returns errTooLarge once there is more than limit. What is packed counts unpacked.
func readAll(from io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = errTooLarge
	}
	return body, err
}

// isType reports whether a header says that a body is of a media type.
func isType(header http.Header, mediaType string) bool {
	got, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && got == mediaType
}

// decode reads a body of JSON: one value, and nothing behind it. Fields that it does not know are for newer clients.
func decode[T any](a answer) (T, error) {
	var got T
	if a.status != http.StatusOK && a.status != http.StatusCreated || !isType(a.header, jsonType) {
		return got, fmt.Errorf("it answered %d with something else than the JSON that was asked for", a.status)
	}
	if crowded(a.body) {
		return got, fmt.Errorf("it answered %d with a list of more things than it has room for", a.status)
	}
	if json.Unmarshal(a.body, &got) != nil {
		return got, fmt.Errorf("it answered %d with JSON that cannot be read", a.status)
	}
	return got, nil
}

const (
	// leastItem is the least number of bytes that an item of a list has: each has an id, of 36 characters, or a time.
	leastItem = 32
	// spareItems is how many there may be besides: the fields of one key that stands by itself in a body.
	spareItems = 64
)

// crowded reports whether the lists in a body of JSON have more items than there is room for. What is three bytes in a body is a
// hundred times as much in memory, so this is looked at before anything is made of it.
func crowded(body []byte) bool {
	items, depth, text := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			depth--
		case c == ',' && depth == 2: // between the items of a list that is a field of the body
			items++
		}
	}
	return items > spareItems+len(body)/leastItem
}

// into returns what reads a body of JSON and takes it; an error of take says what is wrong in it.
func into[T any](take func(T) error) func(answer) error {
	return func(a answer) error {
		got, err := decode[T](a)
		if err != nil {
			return err
		}
		return take(got)
	}
}

// empty reads an answer that has no body.
func empty(a answer) error {
	if a.status != http.StatusNoContent {
		return fmt.Errorf("it answered %d where nothing but 204 says that it was done", a.status)
	}
	return nil
}
