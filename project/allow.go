package project

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"clavier/model"
)

// ErrNotAllowed means that nobody has allowed a file's content yet. Show what it says and ask, or say how to allow it.
var ErrNotAllowed = errors.New("not allowed")

// Allowances remember which files of projects are allowed: each by the SHA-256 of its path and content, so that a file that has
// changed must be allowed again.
type Allowances struct {
	// Dir is where they are kept. It is made, mode 0700, when the first file is allowed; what lies in it has mode 0600.
	Dir string
}

func (a Allowances) mark(f *File) string {
	return filepath.Join(a.Dir, hex.EncodeToString(f.digest[:]))
}

// Check returns nil if the file is allowed with the content that was read, ErrNotAllowed if it is not, or an error that wraps
// model.ErrModes if others can change what is allowed.
func (a Allowances) Check(f *File) error {
	for _, path := range []string{a.Dir, a.mark(f)} {
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return ErrNotAllowed
		case err != nil:
			return fmt.Errorf("find out what is allowed: %w", err)
		}
		if err := checkOwner(path, info); err != nil {
			return err
		}
	}
	return nil
}

// Allow allows the file with the content that was read, durably, and no longer with any other content.
func (a Allowances) Allow(f *File) error {
	if err := a.makeDir(); err != nil {
		return fmt.Errorf("remember that %s is allowed: %w", model.Display(f.Path), err)
	}
	if _, err := a.Revoke(f.Path); err != nil {
		return err
	}
	if err := writeMark(a.mark(f), f.Path+"\n"); err != nil {
		return fmt.Errorf("remember that %s is allowed: %w", model.Display(f.Path), err)
	}
	return nil
}

func (a Allowances) makeDir() error {
	if err := os.MkdirAll(a.Dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(a.Dir)
	if err != nil {
		return err
	}
	return checkOwner(a.Dir, info)
}

// writeMark makes a file, mode 0600 from its first instant, that is whole or not there.
func writeMark(path, content string) error {
	temp := filepath.Join(filepath.Dir(path), ".tmp-"+rand.Text())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.WriteString(content); err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}

// Revoke takes back what allows the file at a path, whatever its content, and reports whether anything did. The path is as
// File.Path has it; the file need not exist any more.
func (a Allowances) Revoke(path string) (bool, error) {
	entries, err := os.ReadDir(a.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("find out what is allowed: %w", err)
	}
	found := false
	for _, entry := range entries {
		mark := filepath.Join(a.Dir, entry.Name())
		content, err := os.ReadFile(mark)
		if err != nil || strings.TrimSuffix(string(content), "\n") != path {
			continue // somebody else's, or taken back at this moment by another program
		}
		if err := os.Remove(mark); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return found, fmt.Errorf("take back that %s is allowed: %w", model.Display(path), err)
		}
		found = true
	}
	return found, nil
}
