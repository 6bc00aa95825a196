// Package dotenv writes variables and their secrets in the forms that shells and programs read, and reads and changes .env
// files. No error of it repeats a value.
package dotenv

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"clavier/model"
)

// Format is a form in which variables are written.
type Format string

// The formats.
const (
	// Dotenv is a .env file: what sh reads by ". FILE", in the forms on which other readers agree with it.
	Dotenv Format = "dotenv"
	// Shell is export lines for sh, bash, zsh and ksh.
	Shell Format = "shell"
	// Fish is set lines for fish.
	Fish Format = "fish"
	// PowerShell is $env: assignments.
	PowerShell Format = "powershell"
	// JSON is one object.
	JSON Format = "json"
	// Docker is a file for docker run --env-file, which knows no quotes.
	Docker Format = "docker"
	// Systemd is a file for EnvironmentFile= of systemd.exec(5).
	Systemd Format = "systemd"
)

// Formats are all formats, the usual one first.
var Formats = []Format{Dotenv, Shell, Fish, PowerShell, JSON, Docker, Systemd}

// Names returns the names of all formats.
func Names() []string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = string(f)
	}
	return names
}

// ParseFormat returns the format of this name, or an error that says which there are.
func ParseFormat(name string) (Format, error) {
	if f := Format(name); slices.Contains(Formats, f) {
		return f, nil
	}
	text := fmt.Sprintf("there is no format %q", model.Display(name))
	if near := model.Nearest(name, Names()); near != "" {
		return "", fmt.Errorf("%s; did you mean %s?", text, near)
	}
	return "", fmt.Errorf("%s; there are %s", text, strings.Join(Names(), ", "))
}

// Pair is a variable and its value.
type Pair struct {
	Name  string
	Value model.Secret
}

// CheckName returns an error that says what the name of a variable is like: letters, digits and _, no digit first
// (POSIX, Base Definitions, 8.1; lower case letters are allowed too).
func CheckName(name string) error {
	if !isName(name) {
		return fmt.Errorf("the name of a variable has letters, digits and _, and no digit first; %q is none", model.Display(name))
	}
	return nil
}

func isName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !isNameByte(c) || i == 0 && c >= '0' && c <= '9' {
			return false
		}
	}
	return name != ""
}

func isNameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// checkPairs refuses names that cannot be, names that stand twice, and values that no environment can hold.
func checkPairs(pairs []Pair) error {
	seen := map[string]bool{}
	for _, p := range pairs {
		if err := CheckName(p.Name); err != nil {
			return err
		}
		switch text := p.Value.Reveal(); {
		case seen[p.Name]:
			return fmt.Errorf("%s is given twice", p.Name)
		case text == "":
			return fmt.Errorf("%s has no value", p.Name)
		case strings.ContainsRune(text, 0):
			return fmt.Errorf("%s cannot be a variable: its value has a NUL character", p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

// Write writes the pairs in their order, in one write, or nothing at all: an error says which variable cannot be written in
// this format, and why.
func Write(w io.Writer, format Format, pairs []Pair) error {
	if err := checkPairs(pairs); err != nil {
		return err
	}
	quote, ok := quoters[format]
	if !ok {
		_, err := ParseFormat(string(format))
		return err
	}
	var b strings.Builder
	var failed []error
	for i, p := range pairs {
		line, err := quote(p.Name, p.Value.Reveal())
		if err != nil {
			failed = append(failed, fmt.Errorf("%s cannot be written for %s: %w", p.Name, format, err))
			continue
		}
		if format == JSON {
			line = "  " + line
			if i < len(pairs)-1 {
				line += ","
			}
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	text := b.String()
	if format == JSON {
		text = "{\n" + text + "}\n"
	}
	_, err := io.WriteString(w, text)
	return err
}
