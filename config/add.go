package config

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"clavier/model"
)

// NewProfile is a profile to add. What is empty has its default.
type NewProfile struct {
	Name string
	// Prefix starts the secrets of its keys; see model.CheckPrefix.
	Prefix string
}

// AddProfile appends the table of a profile to the settings file at path, which it makes, mode 0600, if there is none.
// Comments, order and all else stay as they are; a crash leaves the old file or the new. It returns an *Error if the
// profile is there already, if its name or prefix cannot be, or if the file was not sound before; then nothing is changed.
func AddProfile(path string, add NewProfile) error {
	if err := CheckProfileName(add.Name); err != nil {
		return &Error{Where: "profile", Name: nameProfile, Text: err.Error()}
	}
	if add.Prefix != "" {
		if err := model.CheckPrefix(add.Prefix); err != nil {
			return &Error{Where: "prefix", Name: namePrefix, Text: err.Error()}
		}
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of the settings: %w", err)
	}
	// Two programs that add a profile each must not lose one.
	unlock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer unlock()
	content, err := readSettings(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	before := &fileReader{file: path, content: content, values: map[string]value{}}
	if err := before.read(); err != nil {
		return err
	}
	for _, p := range append(before.profiles, profileValues{name: DefaultProfile}) {
		if strings.EqualFold(p.name, add.Name) {
			return &Error{Where: path, Name: nameProfile, Text: fmt.Sprintf("there is a profile %q already", p.name)}
		}
	}
	content = appendTable(content, add)
	after := &fileReader{file: path, content: content, values: map[string]value{}}
	if err := after.read(); err != nil {
		return &Error{Where: path, Name: nameProfile, Text: "the profiles stand in a table that cannot be added to; " +
			"write the profile into it by hand"}
	}
	return writeSettings(path, content)
}

// appendTable returns content with the table of a profile at its end, in the line ends that content has.
func appendTable(content []byte, add NewProfile) []byte {
	var b strings.Builder
	if len(content) > 0 {
		if !bytes.HasSuffix(content, []byte("\n")) {
			b.WriteString("\n")
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "[profiles.%s]\nprovider = %s\n", add.Name, strconv.Quote(ProviderLocal))
	if add.Prefix != "" {
		fmt.Fprintf(&b, "prefix = %s\n", strconv.Quote(add.Prefix))
	}
	table := b.String()
	if bytes.Contains(content, []byte("\r\n")) {
		table = strings.ReplaceAll(table, "\n", "\r\n")
	}
	return append(bytes.Clone(content), table...)
}

// writeSettings replaces the settings file by a durable one, mode 0600 from its first instant.
func writeSettings(path string, content []byte) error {
	dir := filepath.Dir(path)
	temp := filepath.Join(dir, "."+filepath.Base(path)+".tmp-"+rand.Text())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("write the settings: %w", err)
	}
	return nil
}
