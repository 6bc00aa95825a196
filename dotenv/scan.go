package dotenv

import (
	"bytes"
	"fmt"
	"strings"
)

// SyntaxError says which line of a .env file cannot be read, and why. It never repeats the line.
type SyntaxError struct {
	// Line counts from 1.
	Line int
	// Text is what is wrong.
	Text string
}

// Error returns the line and the sentence.
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// The ways in which a value is written.
const (
	bare   = 0
	single = '\''
	double = '"'
)

// statement is an assignment in a .env file, or a line that is none and not empty either. Offsets are in bytes of the file.
type statement struct {
	line int
	// name is empty if the line is no assignment.
	name string
	// value is what stands after the = and the spaces behind it, with its quotes, without what follows it.
	start, end int
	quote      byte
	// trailing is true if something other than a comment follows the closing quote.
	trailing bool
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// scan takes a .env file apart. The only error is a *SyntaxError for a quote that is never closed, after which nobody can tell
// where a variable begins.
//
// A line is, perhaps after "export", a name, = and a value, with spaces and tabs anywhere between. A value in single or
// double quotes may have several lines. One without quotes ends before a # that follows a space, or with its line.
func scan(content []byte) ([]statement, error) {
	var found []statement
	at := 0
	if bytes.HasPrefix(content, byteOrderMark) {
		at = len(byteOrderMark)
	}
	for line := 1; at < len(content); {
		s, next, err := scanLine(content, at, line)
		if err != nil {
			return nil, err
		}
		if s != nil {
			found = append(found, *s)
		}
		line += bytes.Count(content[at:next], []byte("\n"))
		at = next
	}
	return found, nil
}

// scanLine reads the statement that begins at an offset, nil if there is none, and returns where the next line begins.
func scanLine(content []byte, at, line int) (*statement, int, error) {
	end, next := lineEnd(content, at)
	at = skipSpaces(content, at, end)
	if at == end || content[at] == '#' {
		return nil, next, nil
	}
	s := &statement{line: line}
	if rest := content[at:end]; bytes.HasPrefix(rest, []byte("export ")) || bytes.HasPrefix(rest, []byte("export\t")) {
		at = skipSpaces(content, at+len("export"), end)
	}
	named := at
	for at < end && (isNameByte(content[at]) || content[at] == '.' || content[at] == '-') {
		at++
	}
	name := string(content[named:at])
	at = skipSpaces(content, at, end)
	if name == "" || name[0] >= '0' && name[0] <= '9' || at == end || content[at] != '=' {
		return s, next, nil
	}
	s.name = name
	equals := at
	s.start = skipSpaces(content, at+1, end)
	if s.start < end && (content[s.start] == single || content[s.start] == double) {
		s.quote = content[s.start]
		length := closing(content[s.start+1:], s.quote)
		if length < 0 {
			return nil, 0, &SyntaxError{line, "a quote is opened and never closed"}
		}
		s.end = s.start + 1 + length + 1
		end, next = lineEnd(content, s.end)
		rest := skipSpaces(content, s.end, end)
		s.trailing = rest < end && content[rest] != '#'
		return s, next, nil
	}
	s.end = end
	for i := s.start; i < end; i++ {
		if content[i] == '#' && isSpace(content[i-1]) {
			s.end = i
			break
		}
	}
	for s.end > s.start && isSpace(content[s.end-1]) {
		s.end--
	}
	if s.end == s.start { // a value that takes its place keeps the space before a comment
		s.start, s.end = equals+1, equals+1
	}
	return s, next, nil
}

// closing returns the offset of the quote that ends a text, or -1.
func closing(text []byte, quote byte) int {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return i
		case text[i] == '\\' && quote == double:
			i++
		}
	}
	return -1
}

// lineEnd returns where the line's text ends and where the next line begins. A line ends with \n or \r\n.
func lineEnd(content []byte, at int) (end, next int) {
	i := bytes.IndexByte(content[at:], '\n')
	if i < 0 {
		return len(content), len(content)
	}
	end = at + i
	if end > at && content[end-1] == '\r' {
		return end - 1, end + 1
	}
	return end, end + 1
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

func skipSpaces(content []byte, at, end int) int {
	for at < end && isSpace(content[at]) {
		at++
	}
	return at
}

// text returns the value of a statement, and whether something in it means more than itself to some readers: a variable or a
// command that they would put in its place.
func (s statement) text(content []byte) (value string, expands bool) {
	raw := string(content[s.start:s.end])
	switch s.quote {
	case single:
		return raw[1 : len(raw)-1], false
	case double:
		return unescape(raw[1 : len(raw)-1])
	default:
		return raw, strings.ContainsAny(raw, "$`")
	}
}

// unescape takes the backslashes out of double quotes: before \ " $ and ` as sh does, and \n, \r and \t as most readers of .env
// files do. Any other backslash stands for itself.
func unescape(raw string) (value string, expands bool) {
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		expands = expands || c == '$' || c == '`'
		if c != '\\' || i+1 == len(raw) {
			b.WriteByte(c)
			continue
		}
		i++
		switch raw[i] {
		case '\\', '"', '$', '`':
			b.WriteByte(raw[i])
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		default:
			b.WriteByte('\\')
			b.WriteByte(raw[i])
		}
	}
	return b.String(), expands
}
