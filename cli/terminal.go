package cli

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/muesli/termenv"
	"golang.org/x/term"
)

// examineTerminal says what the terminal is, from the environment and the kernel alone: it is asked nothing.
func (a *app) examineTerminal(r *report) {
	name := os.Getenv("TERM")
	switch {
	case name == "dumb":
		r.add("terminal", noted, "TERM=dumb: the screen cannot be drawn; "+plainCommands)
	case name == "" && runtime.GOOS != "windows":
		r.add("terminal", noted, "TERM is not set")
	default:
		r.add("terminal", sound, "TERM="+name)
	}
	if width, height, ok := a.terminalSize(); ok {
		state, text := sound, fmt.Sprintf("%dx%d", width, height)
		if width < minWidth || height < minHeight {
			state, text = noted, fmt.Sprintf("%s; the screen needs %dx%d", text, minWidth, minHeight)
		}
		r.add("size", state, text)
	} else {
		r.add("size", noted, "standard input, output and error are no terminal")
	}
	r.add("colour", sound, colours(os.Getenv))
	if variable, value, ok := charset(os.Getenv); ok || runtime.GOOS == "windows" {
		r.add("characters", sound, "UTF-8 ("+variable+"="+value+")")
	} else if variable == "" {
		r.add("characters", noted, "no locale is set (LC_ALL, LC_CTYPE, LANG), so UTF-8 may not be shown")
	} else {
		r.add("characters", noted, variable+"="+value+" is not UTF-8: names with other characters may be misdrawn")
	}
	r.add("tmux", sound, yesIfSet("TMUX"))
	r.add("screen", sound, yesIfSet("STY"))
	r.add("SSH", sound, yesIfSet("SSH_CONNECTION", "SSH_TTY"))
}

// The smallest terminal that the screen can be drawn on; section 5 of the design.
const minWidth, minHeight = 20, 5

// terminalSize returns the size of the first standard stream that is a terminal, in cells.
func (a *app) terminalSize() (width, height int, ok bool) {
	for _, stream := range []any{a.streams.Out, a.streams.In, a.streams.Err} {
		if terminal, ok := terminalOf(stream); ok {
			width, height, err := term.GetSize(int(terminal.Fd()))
			return width, height, err == nil
		}
	}
	return 0, 0, false
}

// colours says how many colours the terminal has, as far as the environment tells.
func colours(getenv func(string) string) string {
	if getenv("NO_COLOR") != "" {
		return "none (NO_COLOR is set)"
	}
	output := termenv.NewOutput(io.Discard, termenv.WithTTY(true), termenv.WithEnvironment(environ(getenv)))
	switch output.EnvColorProfile() {
	case termenv.TrueColor:
		return "16 million; clavier uses the terminal's own 16"
	case termenv.ANSI256:
		return "256; clavier uses the terminal's own 16"
	case termenv.ANSI:
		return "16"
	default:
		return "none"
	}
}

// environ is an environment for termenv.
type environ func(string) string

func (environ) Environ() []string { return nil }

func (e environ) Getenv(name string) string { return e(name) }

// charset returns the variable that decides the character set, its value, and whether that is UTF-8. It is the first
// that is set of LC_ALL, LC_CTYPE and LANG (POSIX, Base Definitions, 8.2).
func charset(getenv func(string) string) (variable, value string, utf8 bool) {
	for _, variable := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := getenv(variable); value != "" {
			folded := strings.ToLower(value)
			return variable, value, strings.Contains(folded, "utf-8") || strings.Contains(folded, "utf8")
		}
	}
	return "", "", false
}

// yesIfSet says whether one of the variables is set, and what it holds.
func yesIfSet(variables ...string) string {
	for _, variable := range variables {
		if value := os.Getenv(variable); value != "" {
			return "yes (" + variable + "=" + value + ")"
		}
	}
	return "no"
}
