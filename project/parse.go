package project

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"clavier/dotenv"
	"clavier/model"
)

// What stands in the file.
const (
	nameProfile = "profile"
	tableEnv    = "env"
)

// OwnPrefix starts the variables that are settings of clavier itself, which no project sets.
const OwnPrefix = "CLAVIER_"

// reader takes a file apart, expression by expression, and stops at the first thing that is wrong.
type reader struct {
	file    *File
	content []byte
	parser  unstable.Parser
}

// part is one part of a dotted key and where it stands.
type part struct {
	name   string
	offset int
}

func (f *File) parse(content []byte) error {
	// Some editors put a byte order mark first, which TOML allows and the parser does not.
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	// Before anything else, for what is said of the rest may repeat a part of it.
	if line := secretLine(content); line > 0 {
		return &Error{Path: f.Path, Line: line, Text: "this looks like a secret: write the name of the key that has it instead; " +
			"if anybody else could read this file, rotate the key"}
	}
	if !utf8.Valid(content) {
		return &Error{Path: f.Path, Line: 1, Text: "the file is not UTF-8"}
	}
	r := &reader{file: f, content: content}
	return r.read()
}

func (r *reader) read() error {
	r.parser.Reset(r.content)
	var table []part
	for r.parser.NextExpression() {
		n := r.parser.Expression()
		switch n.Kind {
		case unstable.ArrayTable:
			path := r.path(nil, n)
			return r.errorAt(path[0].offset, "there are no lists of tables here; "+expected)
		case unstable.Table:
			table = r.path(nil, n)
			if err := r.enter(table); err != nil {
				return err
			}
		case unstable.KeyValue:
			if err := r.keyValue(table, n); err != nil {
				return err
			}
		default:
		}
	}
	// What is left are errors of the language: of syntax, and of what stands twice.
	var anything map[string]any
	err := toml.Unmarshal(r.content, &anything)
	if decode := (*toml.DecodeError)(nil); errors.As(err, &decode) {
		line, column := decode.Position()
		return r.errorAt(r.offsetOf(line, column), strings.TrimPrefix(decode.Error(), "toml: "))
	}
	if err == nil {
		err = r.parser.Error()
	}
	if err != nil {
		return r.errorAt(0, err.Error())
	}
	return nil
}

// expected says what can stand in the file.
const expected = `there is profile = "NAME", and [env] with lines VARIABLE = "name of a key"`

// path returns the dotted key of a table or key-value inside of another.
func (r *reader) path(inside []part, n *unstable.Node) []part {
	path := slices.Clip(inside)
	for it := n.Key(); it.Next(); {
		k := it.Node()
		path = append(path, part{string(k.Data), int(k.Raw.Offset)})
	}
	return path
}

func (r *reader) keyValue(inside []part, n *unstable.Node) error {
	path, v := r.path(inside, n), n.Value()
	if v.Kind != unstable.InlineTable {
		return r.set(path, v)
	}
	if err := r.enter(path); err != nil {
		return err
	}
	for it := v.Children(); it.Next(); {
		if child := it.Node(); child.Kind == unstable.KeyValue {
			if err := r.keyValue(path, child); err != nil {
				return err
			}
		}
	}
	return nil
}

// enter looks whether there is such a table.
func (r *reader) enter(path []part) error {
	switch {
	case path[0].name == tableEnv && len(path) == 1:
		return nil
	case path[0].name == tableEnv:
		return r.errorAt(path[1].offset, `a variable is no table: write VARIABLE = "name of a key" below [env]`)
	case path[0].name == nameProfile:
		return r.errorAt(path[0].offset, `"profile" is no table: write profile = "NAME"`)
	}
	return r.unknown(path[0])
}

// set takes a value.
func (r *reader) set(path []part, n *unstable.Node) error {
	first, last := path[0], path[len(path)-1]
	switch {
	case first.name == tableEnv && len(path) == 1:
		return r.errorAt(first.offset, `"env" is a table: write [env]`)
	case first.name == tableEnv && len(path) == 2:
		return r.variable(last, n)
	case first.name == tableEnv || first.name == nameProfile && len(path) > 1:
		return r.enter(path)
	case first.name != nameProfile:
		return r.unknown(first)
	}
	text, err := r.text(last, n, `profile = "NAME"`)
	r.file.Profile = text
	r.file.ProfileLine, _ = r.position(last.offset)
	return err
}

func (r *reader) variable(name part, n *unstable.Node) error {
	if err := dotenv.CheckName(name.name); err != nil {
		return r.errorAt(name.offset, err.Error())
	}
	if strings.HasPrefix(name.name, OwnPrefix) {
		return r.errorAt(name.offset, name.name+" cannot be set: "+OwnPrefix+" variables are clavier's own settings")
	}
	key, err := r.text(name, n, name.name+` = "name of a key"`)
	if err != nil {
		return err
	}
	line, _ := r.position(name.offset)
	r.file.Variables = append(r.file.Variables, Variable{name.name, key, line})
	return nil
}

// text returns a value that has to be a string with something in it.
func (r *reader) text(name part, n *unstable.Node, want string) (string, error) {
	at := name.offset
	if n.Raw.Length > 0 {
		at = int(n.Raw.Offset)
	}
	if n.Kind != unstable.String || len(n.Data) == 0 {
		return "", r.errorAt(at, "write "+want)
	}
	return string(n.Data), nil
}

func (r *reader) unknown(p part) error {
	text := fmt.Sprintf("%q means nothing here", p.name)
	if near := model.Nearest(p.name, []string{nameProfile, tableEnv}); near != "" {
		return r.errorAt(p.offset, fmt.Sprintf("%s; did you mean %q?", text, near))
	}
	return r.errorAt(p.offset, text+"; "+expected)
}

func (r *reader) errorAt(offset int, text string) *Error {
	line, column := r.position(offset)
	return &Error{Path: r.file.Path, Line: line, Column: column, Text: text}
}

// position returns the line and column, in characters from 1, of an offset in bytes.
func (r *reader) position(offset int) (line, column int) {
	before := r.content[:min(max(offset, 0), len(r.content))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[start:])
}

// offsetOf returns the offset of a line and column in bytes from 1.
func (r *reader) offsetOf(line, column int) int {
	offset := 0
	for range line - 1 {
		offset += bytes.IndexByte(r.content[offset:], '\n') + 1
	}
	return offset + column - 1
}
