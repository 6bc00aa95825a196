package dotenv

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"clavier/model"
)

// maxFile bounds a .env file in bytes.
const maxFile = 1 << 20

// Entry is a variable of a .env file.
type Entry struct {
	// Name may have . and - beside what the name of a variable has.
	Name  string
	Value model.Secret
	// Line is where it begins, from 1.
	Line int
	// Expands is true if the value has a $ or ` that some programs take for a variable or a command. Value has it as it stands.
	Expands bool
}

var (
	errLarge   = errors.New("it is larger than 1 MiB")
	errNotText = errors.New("it is not plain text (a NUL character is in it); is it UTF-16? Save it as UTF-8")
)

// Read reads a .env file of at most 1 MiB. A variable that stands twice is there twice. It returns a *SyntaxError for the first
// line that is neither a variable nor a comment; no error repeats what the file holds.
func Read(r io.Reader) ([]Entry, error) {
	content, err := readAll(r)
	if err != nil {
		return nil, err
	}
	statements, err := scan(content)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(statements))
	for _, s := range statements {
		switch {
		case s.name == "":
			return nil, &SyntaxError{s.line, "neither a variable (NAME=value) nor a comment"}
		case s.trailing:
			return nil, &SyntaxError{s.line, "text follows the closing quote"}
		}
		value, expands := s.text(content)
		entries = append(entries, Entry{s.name, model.NewSecret(value), s.line, expands})
	}
	return entries, nil
}

func readAll(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("it cannot be read: %w", err)
	case len(content) > maxFile:
		return nil, errLarge
	case bytes.IndexByte(content, 0) >= 0:
		return nil, errNotText
	}
	return content, nil
}
