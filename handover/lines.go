package handover

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"clavier/model"
)

// How much of a command's output is passed on.
const (
	lineMost = 2048 // bytes of a line
	headMost = 400  // lines at the beginning
	tailMost = 100  // lines at the end
)

// lines makes lines of what is written, ended by \n, \r\n or \r.
type lines struct {
	line    []byte
	cut     bool // the line was longer
	carried bool // the last byte was \r
	out     func(string)
}

func newLines(out func(string)) *lines { return &lines{out: out} }

func (l *lines) write(p []byte) {
	for len(p) > 0 {
		if l.carried && p[0] == '\n' {
			p = p[1:]
		}
		l.carried = false
		i := bytes.IndexAny(p, "\r\n")
		if i < 0 {
			l.add(p)
			return
		}
		l.add(p[:i])
		l.say()
		l.carried = p[i] == '\r'
		p = p[i+1:]
	}
}

func (l *lines) add(p []byte) {
	if room := lineMost - len(l.line); len(p) > room {
		p, l.cut = p[:room], true
	}
	l.line = append(l.line, p...)
}

// end passes on a last line that has no end.
func (l *lines) end() {
	if len(l.line) > 0 {
		l.say()
	}
}

func (l *lines) say() {
	line := l.line
	if l.cut { // not in the middle of a character
		for i := 1; i < utf8.UTFMax && i <= len(line); i++ {
			if start := line[len(line)-i:]; utf8.RuneStart(start[0]) {
				if !utf8.FullRune(start) {
					line = line[:len(line)-i]
				}
				break
			}
		}
	}
	text := model.Display(strings.ReplaceAll(string(line), "\t", "    "))
	if l.cut {
		text += "…"
	}
	l.line, l.cut = l.line[:0], false
	l.out(text)
}

// sink passes lines of several writers on, one at a time: the first at once, and of those that are too many the last when
// it is closed.
type sink struct {
	mu     sync.Mutex
	out    func(string)
	closed bool
	said   int
	tail   []string // the last lines, as a ring
	next   int      // where the next one goes
	late   int      // how many lines came after the first
}

func newSink(out func(string)) *sink { return &sink{out: out} }

func (s *sink) line(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed || s.out == nil:
	case s.said < headMost:
		s.said++
		s.out(text)
	case len(s.tail) < tailMost:
		s.tail = append(s.tail, text)
		s.late++
	default:
		s.tail[s.next] = text
		s.next = (s.next + 1) % tailMost
		s.late++
	}
}

// close passes on the last lines. What comes afterwards is dropped.
func (s *sink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	if left := s.late - len(s.tail); left > 0 {
		s.out(fmt.Sprintf("… %d lines are left out …", left))
	}
	for i := range s.tail {
		s.out(s.tail[(s.next+i)%len(s.tail)])
	}
}
