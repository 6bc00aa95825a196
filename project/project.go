// Package project reads the .clavier.toml of a project, which says which keys its programs need in which variables and holds no
// secret, and remembers which of these files their reader has allowed.
package project

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"clavier/model"
)

// FileName is what the file of a project is called.
const FileName = ".clavier.toml"

// maxFile bounds the file in bytes.
const maxFile = 64 << 10

// Variable is a variable that a project wants, and the key whose secret it gets.
type Variable struct {
	Name string
	// Key is the name or id of a key.
	Key string
	// Line is where it stands, from 1.
	Line int
}

// File is the file of a project. What it says counts for nothing until it is allowed; see Allowances.
type File struct {
	// Path is absolute, and its directory is at the end of all links.
	Path string
	// Profile is the profile that is meant, empty if the file does not say; ProfileLine is where it stands.
	Profile     string
	ProfileLine int
	// Variables are in the order of the file.
	Variables []Variable

	digest [sha256.Size]byte // of path and content
}

// Error says in one sentence what is wrong with a project's file, and where. It repeats no value.
type Error struct {
	Path string
	// Line and Column count characters from 1; Column is 0 if the whole line is meant.
	Line, Column int
	Text         string
}

// Error returns the place and the sentence, safe to show.
func (e *Error) Error() string {
	place := fmt.Sprintf("%s:%d", e.Path, e.Line)
	if e.Column > 0 {
		place += fmt.Sprintf(":%d", e.Column)
	}
	return model.Display(place + ": " + e.Text)
}

// Find returns the path of the file of the project that a directory is in: in the directory, or in the nearest one above that
// has one. It looks no further up than in the home directory, or the root where the directory is not below home. It returns ""
// if there is none.
func Find(dir, home string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", fmt.Errorf("look for %s: %w", FileName, err)
	}
	if resolved, err := filepath.EvalSymlinks(home); err == nil {
		home = resolved
	}
	for {
		path := filepath.Join(dir, FileName)
		if _, err := os.Lstat(path); err == nil {
			return path, nil
		}
		above := filepath.Dir(dir)
		if dir == home || above == dir {
			return "", nil
		}
		dir = above
	}
}

// Locate returns the path of a file as File.Path has it. The file need not exist.
func Locate(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(absolute))
	if err != nil {
		return "", fmt.Errorf("there is no file %s", model.Display(path))
	}
	return filepath.Join(dir, filepath.Base(absolute)), nil
}

// Read reads the file of a project. It returns an *Error for what is wrong in it, or an error that wraps model.ErrModes, with
// the command that mends it, if others can change the file.
func Read(path string) (*File, error) {
	located, err := Locate(path)
	if err != nil {
		return nil, err
	}
	content, err := readPrivate(located)
	if err != nil {
		return nil, err
	}
	f := &File{Path: located, digest: sha256.Sum256([]byte(located + "\x00" + string(content)))}
	if err := f.parse(content); err != nil {
		return nil, err
	}
	return f, nil
}

// readPrivate returns the content of a file that only its owner can change.
func readPrivate(path string) ([]byte, error) {
	shown := model.Display(path)
	// Opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", shown)
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w", shown, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", shown)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", shown, err)
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", shown, err)
	}
	if err := checkOwner(path, info); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w", shown, err)
	case len(content) > maxFile:
		return nil, fmt.Errorf("%s is larger than 64 KiB", shown)
	}
	return content, nil
}
