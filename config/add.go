package config

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"clavier/model"
)

// NewProfile is a profile to add. What is empty has its default.
type NewProfile struct {
	Name string
	// Provider is ProviderLocal, ProviderManual or ProviderService; ProviderService if it is empty and URL is not.
	Provider string
	// Preset is the platform that its keys come from; see model.FindPreset.
	Preset string
	// Console is the https address of the page on which its keys are made.
	Console string
	// URL is the address of a key service; see model.CheckServiceURL. CA is the absolute path of a PEM file of authorities that
	// may vouch for it beside those of the system.
	URL, CA string
	// Prefix starts the secrets of its keys; see model.CheckPrefix.
	Prefix string
	// APIs are what its keys open.
	APIs []model.API
}

// AddProfile appends the table of a profile to the settings file at path, which it makes, mode 0600, if there is none.
// Comments, order and all else stay as they are; a crash leaves the old file or the new. It returns an *Error if the
// profile is there already, if its name or another setting cannot be, or if the file was not sound before; then nothing is
// changed.
func AddProfile(path string, add NewProfile) error {
	if _, err := add.check(); err != nil {
		return err
	}
	return edit(path, nameProfile, "the profiles stand in a table that cannot be added to; write the profile into it by hand",
		func(before *fileReader) ([]byte, error) {
			for _, p := range append(before.profiles, profileValues{name: DefaultProfile}) {
				if strings.EqualFold(p.name, add.Name) {
					return nil, alreadyThere(path, p.name)
				}
			}
			var b strings.Builder
			fmt.Fprintf(&b, "[profiles.%s]\n", add.Name)
			for _, line := range add.settings() {
				fmt.Fprintf(&b, "%s = %s\n", line.Name, strconv.Quote(line.Value))
			}
			for _, api := range add.APIs {
				b.WriteString("\n" + apiTable(add.Name, api))
			}
			return appendTables(before.content, b.String()), nil
		})
}

func alreadyThere(file, name string) *Error {
	return &Error{Where: file, Name: nameProfile, Text: fmt.Sprintf("there is a profile %q already", name)}
}

// check returns the profile as a settings file would have it, or an *Error that says what in it cannot be.
func (n NewProfile) check() (*profileValues, error) {
	if err := CheckProfileName(n.Name); err != nil {
		return nil, &Error{Where: "profile", Name: nameProfile, Text: err.Error()}
	}
	given := &profileValues{name: n.Name, values: map[string]value{}}
	for _, line := range n.settings() {
		s, _ := findSpec(profileSettings, line.Name)
		kept, err := s.check(line.Value)
		if err != nil {
			return nil, &Error{Where: line.Name, Name: line.Name, Text: err.Error()}
		}
		given.values[line.Name] = value{text: kept}
	}
	if name, text := given.wrongService(); text != "" {
		return nil, &Error{Where: name, Name: name, Text: text}
	}
	for _, api := range n.APIs {
		if err := refuseAPI(api); err != nil {
			return nil, err
		}
	}
	return given, nil
}

// settings returns the settings that are to be written. A preset brings its provider along.
func (n NewProfile) settings() []Setting {
	switch {
	case n.Provider == "" && n.URL != "":
		n.Provider = ProviderService
	case n.Provider == "" && n.Preset == "":
		n.Provider = ProviderLocal
	}
	var lines []Setting
	for _, line := range []Setting{{nameProvider, n.Provider, ""}, {namePreset, n.Preset, ""}, {nameConsole, n.Console, ""},
		{nameURL, n.URL, ""}, {nameCA, n.CA, ""}, {namePrefix, n.Prefix, ""}} {
		if line.Value != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// edit replaces the settings file by what change makes of it. Nothing is changed if the file is not sound before, or would
// not be afterwards, which is an *Error about the setting name with the sentence unsound.
func edit(path, name, unsound string, change func(before *fileReader) ([]byte, error)) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of the settings: %w", err)
	}
	// Two programs that change the file must not lose what the other did.
	unlock, err := LockDir(dir)
	if err != nil {
		return err
	}
	defer unlock()
	content, err := readSettings(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	before := newFileReader(path, content)
	if err := before.read(); err != nil {
		return err
	}
	mark := content[:len(content)-len(before.content)] // the byte order mark, if there is one
	changed, err := change(before)
	if err != nil {
		return err
	}
	if len(changed) > maxFileSize {
		return &Error{Where: path, Name: nameConfig, Text: "the settings file would be larger than 1 MiB"}
	}
	if err := newFileReader(path, changed).read(); err != nil {
		return &Error{Where: path, Name: name, Text: unsound}
	}
	return writeSettings(path, slices.Concat(mark, changed))
}

func newFileReader(path string, content []byte) *fileReader {
	return &fileReader{file: path, content: content, values: map[string]value{}}
}

// appendTables returns content with tables at its end, in the line ends that content has.
func appendTables(content []byte, tables string) []byte {
	var b strings.Builder
	if len(content) > 0 {
		if !bytes.HasSuffix(content, []byte("\n")) {
			b.WriteString("\n")
		}
		b.WriteString("\n")
	}
	b.WriteString(tables)
	tables = b.String()
	if bytes.Contains(content, []byte("\r\n")) {
		tables = strings.ReplaceAll(tables, "\n", "\r\n")
	}
	return append(bytes.Clone(content), tables...)
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
