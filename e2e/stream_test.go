//go:build linux || darwin

package e2e

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"clavier/e2e/term"
	"clavier/model"
)

// ours are all the sequences that clavier and Bubble Tea send: cursor, erasing, scrolling, styles from the terminal's
// sixteen colours, the modes that are set back on leaving, and OSC 52 in its writing form.
var ours = regexp.MustCompile("^(?:" + strings.Join([]string{
	`\x1b\[[0-9;]*[ABCDEFGHIJKLMPSTXZ@bdfr]`,
	`\x1b\[[0-9;]*m`,
	`\x1b\[\?(?:7|25|1004|1049|2004|2026)[hl]`,
	`\x1b\[\?(?:1002|1003|1006)l`,
	`\x1b[78M]`,
	`\x1b\]52;c;[0-9A-Za-z+/=]*\x07`,
}, "|") + ")$")

// foreign are the sequences and the control characters in a stream that are not ours.
func foreign(stream []byte) []string {
	var found []string
	state := byte(0)
	for len(stream) > 0 {
		seq, _, n, next := ansi.DecodeSequence(stream, state, nil)
		state = next
		text := string(seq)
		stream = stream[n:]
		r, _ := utf8.DecodeRuneInString(text)
		switch {
		case text == "\r" || text == "\n" || text == "\b" || text == "\t":
		case text[0] == 0x1b && ours.MatchString(text):
		case text[0] < 0x20 || text[0] == 0x7f || r == utf8.RuneError ||
			strings.ContainsFunc(text, func(r rune) bool {
				return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs)
			}):
			found = append(found, fmt.Sprintf("%q", text))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// hostile are names as another program may have put them into a store.
var hostile = []string{
	"\x1b]0;title\aname", "\x1b[2J\x1b[Hhome", "\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\", "\x1b]52;c;aGk=\aclip",
	"\x9b31mred", "\u009d0;title\u009c", "a\rb\nc", "evil\u202egnp.exe", "zero\u200bwidth", "\u2066isolate\u2069", "tag\U000e0041",
	"bell\a\a", "\x1b[?1049lleave", "\x1b[6n", "\x1bP$q m\x1b\\", "broken\xff\xfe", "\u2028line", "日本語のキー", "e\u0301\u0301\u0301", "👩\u200d👩\u200d👧",
	"unfinished\x1b[31", "\ufeffmark", "private\ue000",
}

// likeOurs are the hostile names made of sequences that we send too. In a stream they are found by their whole text.
var likeOurs = []string{"\x1b[2J\x1b[Hhome", "\x1b]52;c;aGk=\aclip", "a\rb\nc", "\x1b[?1049lleave"}

// TestT16OnlyOurOwnSequences: names that try to steer the terminal reach it as visible text, in every view and dialog,
// in list and in errors.
func TestT16OnlyOurOwnSequences(t *testing.T) {
	t.Parallel()
	for _, renderer := range []string{"cells", "stock"} {
		t.Run(renderer, func(t *testing.T) {
			t.Parallel()
			p := atTerminal(t, term.Options{Cols: 100, Rows: 30, Env: []string{"CLAVIER_RENDERER=" + renderer}})
			p.create("first")
			ids := make([]string, len(hostile))
			for i, name := range hostile {
				ids[i] = p.plant(name)
			}
			x := p.Start(p.tb, p.opts)
			waitList(x, len(hostile)+1)
			for range hostile {
				x.Key(term.Enter)
				x.WaitFor("│ ID ")
				x.Type("d")
				x.WaitFor("┌ Delete ")
				x.Type("no")
				x.Key(term.Enter)
				leave(p.tb, x, "┌ ")
				x.Type("c")
				x.WaitFor(" copied ")
				x.Type("j")
			}
			waitSelected(x, "first")
			x.Type("3")
			x.WaitFor("WHEN")
			x.Resize(40, 12)
			x.Screen()
			x.Resize(100, 30)
			s := x.Screen()
			if s.Title != "" || x.Bells() != 0 {
				p.tb.Errorf("title %q, %d bells", s.Title, x.Bells())
			}
			x.Type("q")
			x.WaitExit()
			x.MustBeWhole(p.tb)
			if found := foreign(x.Raw()); len(found) > 0 {
				p.tb.Errorf("the stream holds %s", strings.Join(found, " "))
			}
			for _, name := range hostile {
				if !model.IsDisplayable(name) && bytes.Contains(x.Raw(), []byte(name)) {
					p.tb.Errorf("the stream holds %q as it is", name)
				}
			}
			for _, c := range x.Clips() {
				if c.Text != " " && !secretShape.MatchString(c.Text) {
					p.tb.Errorf("a clipboard request that is not ours")
				}
			}

			commands := [][]string{
				{"list"}, {"delete", ids[0]}, {"delete", ids[0], "--confirm", "x"}, {"show", hostile[1]}, {"copy", ids[3]},
				{"show", "--profile", hostile[2]}, {hostile[4]},
			}
			for i, name := range hostile {
				commands = slices.Concat(commands, [][]string{{"show", name}, {"create", name}, {"delete", ids[i], "--confirm", name}})
			}
			for _, args := range commands {
				if slices.ContainsFunc(args, func(arg string) bool { return strings.Contains(arg, "日本") }) {
					continue // a name like any other: it would be shown or deleted
				}
				r := p.Run(p.tb, "", nil, args...)
				text := strings.ReplaceAll(redact(r.Out+r.Err), "\n", "")
				if found := foreign([]byte(text)); len(found) > 0 || strings.Contains(text, "\x1b") {
					p.tb.Errorf("clavier %q wrote %s", args, strings.Join(found, " "))
				}
			}
		})
	}
}

// TestForeignFindsWhatIsNotOurs keeps the test above from being blind.
func TestForeignFindsWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	for _, name := range hostile {
		if model.IsDisplayable(name) || slices.Contains(likeOurs, name) {
			continue
		}
		if len(foreign([]byte("\x1b[1mx"+name+"\x1b[m"))) == 0 {
			t.Errorf("%q passes", name)
		}
	}
	for _, query := range []string{"\x1b]11;?\a", "\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b[?2026$p", "\x1b]52;c;?\a", "\x1b[14t", "\x1b[?u", "\x1bP+q\x1b\\"} {
		if len(foreign([]byte(query))) == 0 {
			t.Errorf("%q passes", query)
		}
	}
}

// TestNothingIsAskedOfTheTerminal: a terminal that never answers has the first frame like any other, since it is asked
// nothing, then or later.
func TestNothingIsAskedOfTheTerminal(t *testing.T) {
	t.Parallel()
	for _, renderer := range []string{"cells", "stock"} {
		for _, name := range []string{"xterm-256color", "screen", "vt100", "linux", "xterm-kitty", "alacritty"} {
			t.Run(renderer+"/"+name, func(t *testing.T) {
				t.Parallel()
				p := atTerminal(t, term.Options{Answer: term.Never, Env: []string{"TERM=" + name, "COLORTERM=truecolor", "CLAVIER_RENDERER=" + renderer}})
				x := p.Start(p.tb, p.opts)
				x.WaitFor("No API keys yet.")
				x.Type("n")
				x.WaitFor("┌ New API key")
				x.Key(term.CtrlC)
				x.WaitExit()
				if found := foreign(x.Raw()); len(found) > 0 {
					p.tb.Errorf("the stream holds %s", strings.Join(found, " "))
				}
			})
		}
	}
}

// TestNoColor: with NO_COLOR no style at all is sent, and what is selected, typed and wrong is still told by characters
// and words.
func TestNoColor(t *testing.T) {
	t.Parallel()
	style := regexp.MustCompile(`\x1b\[[0-9;]*[1-9][0-9;]*m`)
	for _, renderer := range []string{"cells", "stock"} {
		t.Run(renderer, func(t *testing.T) {
			t.Parallel()
			p := atTerminal(t, term.Options{Env: []string{"NO_COLOR=1", "CLAVIER_RENDERER=" + renderer}})
			p.create("one", "two")
			x := p.Start(p.tb, p.opts)
			waitSelected(x, "two")
			x.Type("j")
			s := waitSelected(x, "one")
			if !s.Contains("[1 API keys]") {
				p.tb.Errorf("the view is not marked\n%s", s.Frame())
			}
			x.Type("none")
			x.WaitFor("another key of this profile has this name")
			leave(p.tb, x, "┌ ")
			x.Type("3")
			x.WaitFor("[3 Activity]")
			x.Type("1done")
			x.WaitFor("[ enter deletes it for good ]")
			leave(p.tb, x, "┌ ")
			x.Type("c")
			x.WaitFor("copied one")
			x.Type("q")
			x.WaitExit()
			if styles := style.FindAll(x.Raw(), -1); len(styles) > 0 {
				p.tb.Errorf("styles were sent: %q", slices.CompactFunc(styles, slices.Equal))
			}
		})
	}
}

// TestColoursAreTheTerminalsOwn: of the colours only the sixteen that the person has chosen are used.
func TestColoursAreTheTerminalsOwn(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{Env: []string{"COLORTERM=truecolor"}})
	p.create("one")
	x := p.Start(p.tb, p.opts)
	waitSelected(x, "one")
	x.Type("d")
	x.WaitFor("┌ Delete one?")
	x.Key(term.CtrlC)
	x.WaitExit()
	if !regexp.MustCompile(`\x1b\[[0-9;]*m`).Match(x.Raw()) {
		p.tb.Errorf("no style was sent at all")
	}
	if found := regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?[34]8[;:]`).Find(x.Raw()); found != nil {
		p.tb.Errorf("another colour was sent: %q", found)
	}
}
