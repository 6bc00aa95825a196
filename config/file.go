package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"clavier/model"
)

// maxFileSize bounds the settings file in bytes.
const maxFileSize = 1 << 20

// readFile lays the settings file over the defaults, if there is one.
func (c *Config) readFile(src Source) error {
	content, err := readSettings(c.File)
	if errors.Is(err, fs.ErrNotExist) {
		if c.file.origin == originDefault {
			return nil
		}
		return c.file.error("", nameConfig, "there is no settings file "+shown(c.File))
	}
	if err != nil {
		return err
	}
	r := newFileReader(c.File, content)
	r.src = src
	if err := r.read(); err != nil {
		return err
	}
	maps.Copy(c.values, r.values)
	c.profiles, c.read = r.profiles, true
	return nil
}

// readSettings returns the content of a settings file that only its owner can change.
func readSettings(path string) ([]byte, error) {
	// Opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, &Error{Where: path, Name: nameConfig, Text: "the settings file is not a regular file"}
	}
	if err := checkMode(path, info); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	if len(content) > maxFileSize {
		return nil, &Error{Where: path, Name: nameConfig, Text: "the settings file is larger than 1 MiB"}
	}
	return content, nil
}

// fileReader takes a settings file apart, expression by expression, and stops at the first thing that is wrong.
type fileReader struct {
	file    string
	content []byte
	src     Source // what it says of recipients

	parser   unstable.Parser
	table    []part // the table that the expressions are in
	inAPI    bool   // that is one API of a profile: the last of its list
	inline   bool   // the profiles are one value, and share its lines
	values   map[string]value
	profiles []profileValues
}

// part is one part of a dotted key and where it stands.
type part struct {
	name   string
	offset int
}

func (r *fileReader) read() error {
	// Some editors put a byte order mark first, which TOML allows and the parser does not.
	r.content = bytes.TrimPrefix(r.content, []byte("\ufeff"))
	r.parser.Reset(r.content)
	for r.parser.NextExpression() {
		if err := r.expression(r.parser.Expression()); err != nil {
			return err
		}
	}
	// What is left are errors of the language: of syntax, and of a table or key that stands twice.
	var anything map[string]any
	err := toml.Unmarshal(r.content, &anything)
	if decode := (*toml.DecodeError)(nil); errors.As(err, &decode) {
		line, column := decode.Position()
		return r.errorAt(r.offsetOf(line, column), "", strings.TrimPrefix(decode.Error(), "toml: "))
	}
	if err == nil {
		err = r.parser.Error()
	}
	if err != nil {
		return r.errorAt(0, "", err.Error())
	}
	if err := r.checkServices(); err != nil {
		return err
	}
	return r.checkAPIs()
}

func (r *fileReader) expression(n *unstable.Node) error {
	switch n.Kind {
	case unstable.Table, unstable.ArrayTable:
		r.table, r.inAPI = r.key(nil, n), n.Kind == unstable.ArrayTable
		enter := r.enterTable
		if r.inAPI {
			enter = r.enterAPI
		}
		if err := enter(r.table); err != nil {
			return err
		}
		at := r.table[0].offset
		return r.claim(r.table, span{at, at, true})
	case unstable.KeyValue:
		set := func(n *unstable.Node) error { return r.keyValue(r.table, n) }
		if r.inAPI {
			set = r.setInAPI
		}
		if err := set(n); err != nil {
			return err
		}
		return r.claim(r.key(r.table, n), spanOf(n))
	default:
		return nil
	}
}

// key returns the dotted key of a table or key-value inside of another.
func (r *fileReader) key(inside []part, n *unstable.Node) []part {
	path := slices.Clip(inside)
	for it := n.Key(); it.Next(); {
		k := it.Node()
		path = append(path, part{string(k.Data), int(k.Raw.Offset)})
	}
	return path
}

func (r *fileReader) keyValue(inside []part, n *unstable.Node) error {
	path, v := r.key(inside, n), n.Value()
	if v.Kind != unstable.InlineTable {
		return r.set(path, v)
	}
	if err := r.enterTable(path); err != nil {
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

// enterTable looks whether there is such a table; a profile exists from here on.
func (r *fileReader) enterTable(path []part) error {
	first, last := path[0], path[len(path)-1]
	switch {
	case first.name == tableProfiles && len(path) == 1:
		return nil
	case first.name == tableProfiles && len(path) == 2:
		_, err := r.profile(last)
		return err
	case first.name == tableProfiles && path[2].name == tableAPIs:
		return r.errorAt(path[2].offset, dotted(path), apisForm)
	case first.name == tableProfiles:
		return r.errorAt(path[2].offset, dotted(path), "a profile has settings only, no table "+quoted(path[2].name))
	case first.name == nameProfile && len(path) > 1:
		return r.errorAt(first.offset, dotted(path), `the table of a profile is named [profiles.NAME], with an s`)
	case slices.Contains(tables, first.name) && len(path) == 1:
		return nil
	case slices.Contains(tables, first.name):
		return r.errorAt(path[1].offset, dotted(path), fmt.Sprintf("[%s] has settings only, no table %s", first.name, quoted(path[1].name)))
	}
	if _, ok := findSpec(inTable(settings, ""), first.name); ok {
		return r.errorAt(first.offset, first.name, fmt.Sprintf("%q is a setting, not a table", first.name))
	}
	return r.unknown(first, "table", slices.Concat(tables, []string{tableProfiles}, names(inTable(settings, ""))))
}

// set takes the value of a setting.
func (r *fileReader) set(path []part, n *unstable.Node) error {
	first, last := path[0], path[len(path)-1]
	into, specs, table := r.values, inTable(settings, ""), ""
	switch {
	case first.name == tableProfiles && len(path) < 3:
		return r.errorAt(last.offset, dotted(path), quoted(dotted(path))+" is a table: write [profiles.NAME]")
	case first.name == tableProfiles && len(path) == 3 && last.name == tableAPIs:
		return r.errorAt(last.offset, dotted(path), apisForm)
	case first.name == tableProfiles && len(path) == 3:
		p, err := r.profile(path[1])
		if err != nil {
			return err
		}
		into, specs = p.values, profileSettings
	case slices.Contains(tables, first.name) && len(path) == 1:
		return r.errorAt(first.offset, first.name, fmt.Sprintf("%q is a table: write [%s]", first.name, first.name))
	case slices.Contains(tables, first.name) && len(path) == 2:
		specs, table = inTable(settings, first.name), first.name+"."
	case len(path) > 1:
		return r.enterTable(path)
	}
	s, ok := findSpec(specs, last.name)
	if !ok {
		known := names(specs)
		switch {
		case len(path) == 1:
			known = slices.Concat(known, tables, []string{tableProfiles})
		case first.name == tableProfiles:
			known = append(known, tableAPIs)
		}
		return r.unknown(last, "setting", known)
	}
	s.name = table + s.name
	if before, ok := into[s.name]; ok {
		return r.errorAt(last.offset, s.name, fmt.Sprintf("%q is set twice, first in line %d", s.name, before.line))
	}
	v, err := r.value(s, last.offset, n)
	if err != nil {
		return err
	}
	into[s.name] = v
	return nil
}

// value checks a value and remembers where it stands.
func (r *fileReader) value(s spec, keyOffset int, n *unstable.Node) (value, error) {
	at := keyOffset
	if n.Raw.Length > 0 {
		at = int(n.Raw.Offset)
	}
	var v value
	v.line, v.column = r.position(at)
	v.origin = fmt.Sprintf("file %s:%d", r.file, v.line)
	switch {
	case s.item != nil && n.Kind == unstable.Array:
		for it := n.Children(); it.Next(); {
			item := it.Node()
			if item.Kind == unstable.Comment {
				continue
			}
			if want := s.item.kind(); item.Kind != want {
				return value{}, r.wrongType(s, at, item)
			}
			kept, err := s.item.check(string(item.Data), r.src)
			if err != nil {
				return value{}, r.errorAt(int(item.Raw.Offset), s.name, err.Error())
			}
			v.list = append(v.list, kept)
		}
	case s.item == nil && n.Kind == unstable.String:
		var err error
		if v.text, err = s.check(string(n.Data)); err != nil {
			return value{}, r.errorAt(at, s.name, err.Error())
		}
	default:
		return value{}, r.wrongType(s, at, n)
	}
	return v, nil
}

func (r *fileReader) wrongType(s spec, at int, n *unstable.Node) error {
	if n.Raw.Length > 0 {
		at = int(n.Raw.Offset)
	}
	want := `a string such as "` + s.example() + `"`
	switch {
	case s.item != nil && s.item.number:
		want = `a list of whole numbers such as [` + s.item.example + `]`
	case s.item != nil:
		want = `a list of strings such as ["` + s.item.example + `"]`
	}
	return r.errorAt(at, s.name, fmt.Sprintf("%q is %s, not %s", s.name, want, kindName(n.Kind)))
}

// kindName says what kind of value was found where another was wanted.
func kindName(kind unstable.Kind) string {
	switch kind {
	case unstable.String:
		return "a string"
	case unstable.Bool:
		return "a boolean"
	case unstable.Float, unstable.Integer:
		return "a number"
	case unstable.Array:
		return "a list"
	case unstable.InlineTable:
		return "a table"
	default:
		return "a date or time"
	}
}

// profile returns the profile of this name, new or there before. Names that differ in case only would share one file on
// some systems.
func (r *fileReader) profile(name part) (*profileValues, error) {
	if err := CheckProfileName(name.name); err != nil {
		return nil, r.errorAt(name.offset, "profiles."+name.name, err.Error())
	}
	for i := range r.profiles {
		p := &r.profiles[i]
		if p.name == name.name {
			return p, nil
		}
		if strings.EqualFold(p.name, name.name) {
			return nil, r.errorAt(name.offset, "profiles."+name.name, caseError(name.name, p.name))
		}
	}
	if strings.EqualFold(DefaultProfile, name.name) && name.name != DefaultProfile {
		return nil, r.errorAt(name.offset, "profiles."+name.name, caseError(name.name, DefaultProfile))
	}
	r.profiles = append(r.profiles, profileValues{name: name.name, values: map[string]value{}})
	return &r.profiles[len(r.profiles)-1], nil
}

func caseError(name, other string) string {
	return fmt.Sprintf("profile %q differs from %q in case only, and some systems would give both one file", name, other)
}

func (r *fileReader) unknown(p part, what string, known []string) error {
	text := fmt.Sprintf("unknown %s %s", what, quoted(p.name))
	if near := model.Nearest(p.name, known); near != "" {
		text += fmt.Sprintf("; did you mean %q?", near)
	} else {
		text += "; there is " + strings.Join(known, ", ")
	}
	return r.errorAt(p.offset, p.name, text)
}

func (r *fileReader) errorAt(offset int, name, text string) *Error {
	line, column := r.position(offset)
	return &Error{Where: r.file, Line: line, Column: column, Name: name, Text: text}
}

// position returns the line and column, in characters from 1, of an offset in bytes.
func (r *fileReader) position(offset int) (line, column int) {
	before := r.content[:min(max(offset, 0), len(r.content))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[start:])
}

// offsetOf returns the offset of a line and column in bytes from 1.
func (r *fileReader) offsetOf(line, column int) int {
	offset := 0
	for range line - 1 {
		offset += bytes.IndexByte(r.content[offset:], '\n') + 1
	}
	return offset + column - 1
}

func dotted(path []part) string {
	names := make([]string, len(path))
	for i, p := range path {
		names[i] = p.name
	}
	return strings.Join(names, ".")
}
