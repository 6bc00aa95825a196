package handover

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

var (
	errNoCommand = errors.New("a command needs a name")
	errQuote     = errors.New("a quote is open at the end of the command: close it")
	errBackslash = errors.New("a backslash stands at the end of the command: quote it")
)

// reserved are the words with which a shell begins something else than a command (POSIX Shell Command Language, 2.4).
var reserved = []string{"!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until", "while"}

// Split takes a typed line apart into the words that a POSIX shell makes of it, by spaces, quotes and backslashes, and
// expands nothing. A line of which a shell would make something else, because a character means something to it that was
// not quoted, is refused with that character: a command must not get a > as its argument because nobody asked for a
// shell. The error is one sentence.
func Split(line string) ([]string, error) {
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return nil, errors.New("a command has no control characters")
	}
	var words []string
	s := splitter{line: line}
	for {
		word, bare, ok, err := s.word(len(words) == 0)
		switch {
		case err != nil:
			return nil, err
		case !ok && len(words) == 0:
			return nil, errNoCommand
		case !ok:
			return words, nil
		case len(words) == 0 && bare && slices.Contains(reserved, word):
			return nil, needsShell(word)
		}
		words = append(words, word)
	}
}

func needsShell(what string) error {
	return fmt.Errorf("%s means something to a shell: put it in quotes, or have the line run by sh", what)
}

// splitter reads a line from the left.
type splitter struct {
	line string
	at   int
}

// word returns the next word, and whether none of it was quoted; ok is false at the end of the line.
func (s *splitter) word(first bool) (word string, bare, ok bool, err error) {
	for s.at < len(s.line) && (s.line[s.at] == ' ' || s.line[s.at] == '\t') {
		s.at++
	}
	if s.at == len(s.line) {
		return "", false, false, nil
	}
	var b strings.Builder
	bare = true
	for start := s.at; s.at < len(s.line); {
		c := s.line[s.at]
		s.at++
		switch {
		case c == ' ' || c == '\t':
			return b.String(), bare, true, nil
		case c == '\'':
			bare = false
			end := strings.IndexByte(s.line[s.at:], '\'')
			if end < 0 {
				return "", false, false, errQuote
			}
			b.WriteString(s.line[s.at : s.at+end])
			s.at += end + 1
		case c == '"':
			bare = false
			if err := s.quoted(&b); err != nil {
				return "", false, false, err
			}
		case c == '\\':
			bare = false
			if s.at == len(s.line) {
				return "", false, false, errBackslash
			}
			b.WriteByte(s.line[s.at])
			s.at++
		case strings.IndexByte("|&;<>()$`*?[", c) >= 0, strings.IndexByte("#~", c) >= 0 && s.at-1 == start:
			return "", false, false, needsShell(string(c))
		case c == '=' && first && bare && isVariable(b.String()):
			return "", false, false, needsShell(b.String() + "= before a command")
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), bare, true, nil
}

// quoted reads what stands in double quotes, to behind the last one (POSIX Shell Command Language, 2.2.3).
func (s *splitter) quoted(b *strings.Builder) error {
	for s.at < len(s.line) {
		c := s.line[s.at]
		s.at++
		switch c {
		case '"':
			return nil
		case '$', '`':
			return needsShell(string(c))
		case '\\':
			if s.at < len(s.line) && strings.IndexByte("$`\"\\", s.line[s.at]) >= 0 {
				c = s.line[s.at]
				s.at++
			}
		}
		b.WriteByte(c)
	}
	return errQuote
}

// isVariable reports whether text is the name of a shell variable.
func isVariable(text string) bool {
	for i := range len(text) {
		c := text[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return text != ""
}
