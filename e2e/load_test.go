//go:build linux || darwin

package e2e

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"clavier/e2e/term"
	"clavier/model"
)

// wide is a terminal on which no column of the list folds away.
var wide = term.Options{Cols: 120, Rows: 30}

// total reports whether the header counts this many keys.
func total(s term.Screen, text string) bool {
	return strings.Contains(s.Line(0)+" ", " "+text+" keys ")
}

// tally reports whether the line of the filter, or of the stale keys, counts this.
func tally(s term.Screen, text string) bool {
	return slices.ContainsFunc(s.Lines, func(line string) bool {
		return (strings.HasPrefix(line, " /") || strings.HasPrefix(line, " !")) && strings.HasSuffix(line, "  "+text)
	})
}

// TestManyKeysLoad: of 100 000 keys the newest stand on the screen first; all are counted in the end.
func TestManyKeysLoad(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, wide)
	keys := plain(p.populate(many))
	began := time.Now()
	x := p.open()
	s := x.WaitUntil("the newest keys", func(s term.Screen) bool { return lists(s, keys) })
	p.tb.Logf("after %v: %s", time.Since(began).Round(time.Millisecond), strings.TrimSpace(s.Line(0)))
	x.Type("j")
	waitRow(x, keys[1])
	waitLoaded(p.tb, x, keys)
	p.tb.Logf("after %v all of them", time.Since(began).Round(time.Millisecond))
	x.Type("G")
	waitRow(x, keys[len(keys)-1])
	x.Type("g")
	waitRow(x, keys[0])
	mustBePrivate(p.tb, p.Data())
}

// waitRow waits until the cursor stands on this key, which the list tells by name and hint.
func waitRow(x term.Terminal, key model.Key) term.Screen {
	return x.WaitUntil("the cursor on "+key.Name, func(s term.Screen) bool {
		return slices.ContainsFunc(rows(s), func(r row) bool {
			short, _ := strings.CutSuffix(r.name, "…")
			return strings.HasPrefix(r.marker, " >") && r.hint == key.Hint && strings.HasPrefix(model.Display(key.Name), short)
		})
	})
}

// TestUseWhileLoading: while the rest is being read, the keys that are there can be walked through, filtered, sorted and
// marked; a key that needs all of them waits for them; esc gives the reading up.
func TestUseWhileLoading(t *testing.T) {
	t.Parallel()
	everywhere(t, wide, func(p *place) {
		const page = 256 // of the store's first
		keys := plain(p.populate(many))
		pages := p.gate("pages")
		x := p.stage("-pages", pages.path)
		x.WaitUntil("the first page", func(s term.Screen) bool { return lists(s, keys) && total(s, "256+") })
		x.WaitFor("reading the keys 256 of 100 000 · esc cancels")
		x.Type("jj ")
		waitRow(x, keys[3])
		s := x.WaitUntil("a mark", func(s term.Screen) bool { return strings.HasSuffix(s.Line(0), "· 1 marked") })
		if markedRows(s) != 1 || !strings.HasPrefix(rows(s)[2].marker, " *") {
			p.tb.Errorf("the mark\n%s", s.Frame())
		}

		// A filter goes over what is there, and follows it.
		text, _, _ := strings.Cut(keys[3].Name, "-")
		query := p.query(text)
		x.Type("/" + text)
		first := match(keys[:page], query, time.Now())
		x.WaitUntil("the filter over the first page", func(s term.Screen) bool {
			return tally(s, grouped(len(first))+" of 256+") && lists(s, first)
		})
		x.Key(term.Enter)
		pages.pass(1)
		var shown int
		x.WaitUntil("the filter over one page more", func(s term.Screen) bool {
			rest, ok := tallied(s, " of 2 304+")
			shown = rest
			return ok && rest > len(first)
		})
		x.Type("a")
		x.WaitFor("marked all " + grouped(shown) + " that are shown")
		pages.pass(100)
		all := match(keys, query, time.Now())
		x.WaitUntil("the filter over all of them", func(s term.Screen) bool {
			return total(s, "100 000") && tally(s, grouped(len(all))+" of 100 000")
		})
		hidden := ""
		if !query.Match(keys[2], time.Now()) { // the one that was marked before
			shown, hidden = shown+1, ", 1 hidden"
		}
		if s := x.Screen(); !strings.HasSuffix(s.Line(0), " · "+grouped(shown)+" marked"+hidden) {
			p.tb.Errorf("not %d keys are marked\n%s", shown, s.Frame())
		}

		pages.shut()
		x.Key(term.CtrlR)
		x.WaitFor("reading the keys 256 of 100 000 · esc cancels")
		x.Key(term.Esc)
		x.WaitFor("reading the keys was given up")
		if s := x.Screen(); !total(s, "100 000") || !tally(s, grouped(len(all))+" of 100 000") {
			p.tb.Errorf("what was there is gone\n%s", s.Frame())
		}
	})
}

// tallied is the number before these words in the line of the filter.
func tallied(s term.Screen, words string) (int, bool) {
	for _, line := range s.Lines {
		before, after, ok := strings.Cut(line, words)
		if !ok || after != "" || !strings.HasPrefix(line, " /") {
			continue
		}
		text := before[strings.LastIndex(before, "  ")+2:]
		n, err := strconv.Atoi(strings.ReplaceAll(text, " ", ""))
		return n, err == nil
	}
	return 0, false
}

// query is a filter, of which every term can be read.
func (p *place) query(text string) model.Query {
	p.tb.Helper()
	query, problems := model.ParseQuery(text, time.UTC)
	if len(problems) > 0 {
		p.tb.Fatalf("%q cannot be read: %v", text, problems)
	}
	return query
}

// match is the plain definition of filtering.
func match(keys []model.Key, query model.Query, now time.Time) (found []model.Key) {
	for _, key := range keys {
		if query.Match(key, now) {
			found = append(found, key)
		}
	}
	return found
}
