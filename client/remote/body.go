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
	if json.Unmarshal(a.body, &got) != nil {
		return got, fmt.Errorf("it answered %d with JSON that cannot be read", a.status)
	}
	return got, nil
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
