//go:build linux || darwin

package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"clavier/e2e/term"
)

// changing is what differs between two screens because a moment lies between them.
var changing = regexp.MustCompile(`(in|clears in) \d+ s`)

// TestStockRendererShowsTheSame: after every key the screen of renderer = "stock" is the one of the default renderer,
// wide and combining characters included.
func TestStockRendererShowsTheSame(t *testing.T) {
	t.Parallel()
	names := slices.Concat(
		[]string{"日本語のキー", "e\u0301tude", "👩‍🚀 crew", "a", strings.Repeat("long ", 12) + "name", "naïve", "한국어", "mixed 日 name"},
		strings.Fields(strings.Repeat("key ", 30)))
	type step struct {
		name string
		do   func(x *term.Term)
	}
	keys := func(list ...term.Key) (steps []step) {
		for _, k := range list {
			steps = append(steps, step{fmt.Sprintf("%q", string(k)), func(x *term.Term) { x.Key(k) }})
		}
		return steps
	}
	text := func(s string) (steps []step) {
		for _, r := range s {
			steps = append(steps, keys(term.Key(string(r)))...)
		}
		return steps
	}
	resize := func(cols, rows int) []step {
		return []step{{fmt.Sprintf("resize to %dx%d", cols, rows), func(x *term.Term) { x.Resize(cols, rows) }}}
	}
	var steps []step
	for _, more := range [][]step{
		text("jjkG"), keys(term.Up, term.PageUp, term.PageDown, term.CtrlD, term.CtrlU), text("G"),
		keys(term.Enter), text("v"), text("v"), keys(term.Esc), text("kd"), text("né"), keys(term.Left, term.Backspace, term.Enter, term.Esc),
		text("n日本x"), keys(term.Left, term.Left, term.Right, term.Home, term.End, term.Esc), text("3jjG1"),
		resize(43, 12), text("gj"), keys(term.Enter, term.Esc), resize(20, 5), text("n"), text("日本"), keys(term.Esc), resize(130, 40),
		text("?jj"), keys(term.Esc), keys(term.CtrlL), text("G"), resize(19, 4), resize(80, 24), text("gc"),
	} {
		steps = append(steps, more...)
	}

	// Both show one store. The keys are so old that their age stands still meanwhile.
	p := atTerminal(t, term.Options{})
	for i, name := range names {
		if name == "key" {
			name = fmt.Sprintf("key-%02d", i)
		}
		p.plantOld(name, 100*24*time.Hour+time.Duration(len(names)-i)*time.Minute)
	}
	start := func(renderer string) *term.Term {
		opts := p.opts
		opts.Env = append([]string{"CLAVIER_RENDERER=" + renderer}, opts.Env...)
		x := p.Start(p.tb, opts)
		waitList(x, len(names))
		return x
	}
	cells, stock := start("cells"), start("stock")
	seen := map[string]bool{}
	for i, step := range steps {
		step.do(cells)
		step.do(stock)
		var a, b string
		var sa, sb term.Screen
		within(nowhere{p.tb, func() string {
			return fmt.Sprintf("step %d, %s:\ncells\n%sstock\n%s", i, step.name, sa.Frame(), sb.Frame())
		}}, term.Patience(), "both to show the same", func() bool {
			sa, sb = cells.Screen(), stock.Screen()
			a, b = changing.ReplaceAllString(sa.String(), ""), changing.ReplaceAllString(sb.String(), "")
			return a == b
		})
		seen[a] = true
	}
	if len(seen) < len(steps)/2 {
		p.tb.Errorf("only %d screens were seen in %d steps", len(seen), len(steps))
	}
}

// nowhere adds to the failure of a wait what was there instead.
type nowhere struct {
	testing.TB
	instead func() string
}

func (n nowhere) Fatalf(format string, args ...any) {
	n.Helper()
	n.TB.Fatalf("%s; %s", fmt.Sprintf(format, args...), n.instead())
}

// TestRepaint: ctrl+l draws the whole screen anew, for a terminal that something else has written on.
func TestRepaint(t *testing.T) {
	t.Parallel()
	for _, renderer := range []string{"cells", "stock"} {
		t.Run(renderer, func(t *testing.T) {
			t.Parallel()
			p := atTerminal(t, term.Options{Env: []string{"CLAVIER_RENDERER=" + renderer}})
			p.plantOld("production", 100*24*time.Hour)
			x := p.Start(p.tb, p.opts)
			waitSelected(x, "production")
			before := x.Screen()
			mark := len(x.Raw())
			x.Key(term.CtrlL)
			eventually(p.tb, "all of the screen to be drawn", func() bool {
				drawn := ansi.Strip(string(x.Raw()[mark:]))
				return strings.Contains(drawn, "clavier") && strings.Contains(drawn, "production") && strings.Contains(drawn, "quit")
			})
			if after := x.Screen(); after.String() != before.String() {
				p.tb.Errorf("from\n%sto\n%s", before.Frame(), after.Frame())
			}
		})
	}
}
