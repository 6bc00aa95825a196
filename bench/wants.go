//go:build linux || darwin

package bench

import (
	"fmt"
	"strings"
	"time"

	"clavier/e2e/term"
)

// loadQuiet is the silence after which a screen is looked at while rows are
// read. It is longer than between two reports of progress, so that the
// emulator leaves the processors to the subjects.
const loadQuiet = 300 * time.Millisecond

// want is what a screen must show, and its name for errors.
type want struct {
	what string
	ok   func(term.Screen) bool
}

// counted is a list that shows all n rows and is at rest.
func counted(s Subject, n int) want {
	return want{fmt.Sprintf("%d rows", n), func(screen term.Screen) bool {
		c := s.Tall.Count(screen)
		return c.Shown == n && c.All == n && !c.Busy
	}}
}

// matching is a list that shows n of all its rows, and has no more to find.
func matching(s Subject, n, total int) want {
	return want{fmt.Sprintf("%d of %d rows", n, total), func(screen term.Screen) bool {
		c := s.Tall.Count(screen)
		return c.Shown == n && c.All == total && !c.Busy
	}}
}

// marked is a list with n marks.
func marked(s Subject, n int) want {
	return want{fmt.Sprintf("%d marks", n), func(screen term.Screen) bool {
		c := s.Tall.Count(screen)
		return c.Marked == n && !c.Busy
	}}
}

// shows is a screen with a text.
func shows(text string) want {
	return want{fmt.Sprintf("%q", text), func(s term.Screen) bool { return s.Contains(text) }}
}

// onTop is a screen whose rows begin with these names, one a line.
func onTop(names []string) want {
	return want{fmt.Sprintf("the first rows %q", names), func(s term.Screen) bool {
		for y := range s.Lines {
			if begins(s.Lines[y:], names) {
				return true
			}
		}
		return false
	}}
}

// begins says whether the first lines have the names, as far as columns show
// them, each line one.
func begins(lines, names []string) bool {
	for i, name := range names {
		if i >= len(lines) || !strings.Contains(lines[i], shownPart(name)) {
			return false
		}
	}
	return true
}

// shownPart is the beginning of a name that every column of names has room for.
func shownPart(name string) string {
	if runes := []rune(name); len(runes) > 16 {
		return string(runes[:16])
	}
	return name
}
