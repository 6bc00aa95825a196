//go:build linux || darwin

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/e2e/term"
	"clavier/model"
)

// openMany opens clavier on 100 000 keys and waits until all of them are there.
func (p *place) openMany() (term.Terminal, []model.Key) {
	p.tb.Helper()
	keys := plain(p.populate(many))
	x := p.open()
	waitLoaded(p.tb, x, keys)
	return x, keys
}

// waitLoaded is waitAll for a program that has just begun to read many keys, perhaps beside others that do the same.
func waitLoaded(tb testing.TB, x term.Terminal, keys []model.Key) {
	tb.Helper()
	within(nowhere{tb, func() string { return x.Screen().Frame() }}, 6*term.Patience(), "all keys", func() bool {
		s := x.Screen()
		return total(s, grouped(len(keys))) && lists(s, keys)
	})
}

// answer is the list that a question has. What a filter says of ages depends on the moment of the search, so there may be
// another one a little later.
type answered struct{ now, later []model.Key }

// asked is the plain definition of what a list shows.
func (p *place) asked(keys []model.Key, text string, stale bool, order model.Order) answered {
	p.tb.Helper()
	query := p.query(text)
	at := func(now time.Time) []model.Key {
		found := match(keys, query, now)
		if stale {
			found = slices.DeleteFunc(found, func(key model.Key) bool { return model.DefaultStaleRule.Judge(key, now) == model.Fresh })
		}
		if order != (model.Order{}) {
			slices.SortFunc(found, order.Compare)
		}
		return found
	}
	now := time.Now()
	a := answered{now: at(now)}
	a.later = a.now
	if stale || slices.ContainsFunc(query.Terms(), func(t model.Term) bool { return !t.Field.IsText() }) {
		a.later = at(now.Add(time.Minute))
	}
	return a
}

// wait waits until the list is part of this answer, and counts its keys with these words: " of 100 000".
func (a answered) wait(x term.Terminal, desc, words string) term.Screen {
	is := func(s term.Screen, keys []model.Key) bool {
		_, ok := part(s, keys)
		return ok && tally(s, grouped(len(keys))+words)
	}
	return x.WaitUntil(desc, func(s term.Screen) bool { return is(s, a.now) || is(s, a.later) })
}

// waitAll waits until nothing keeps keys from the list.
func waitAll(x term.Terminal, keys []model.Key) term.Screen {
	return x.WaitUntil("all keys", func(s term.Screen) bool {
		_, ok := part(s, keys)
		return ok && total(s, grouped(len(keys))) && !narrowed(s)
	})
}

// narrowed reports whether there is a line for the filter, or for the stale keys.
func narrowed(s term.Screen) bool {
	return slices.ContainsFunc(s.Lines, func(line string) bool {
		return strings.HasPrefix(line, " / ") || strings.HasPrefix(line, " ! ") || line == " /"
	})
}

// filter types a filter in place of the one that stands there.
func filter(x term.Terminal, text string) {
	x.Type("/")
	x.Key(term.CtrlU)
	x.Send(text)
}

// TestFilterManyKeys: of 100 000 keys the list shows those that match, and counts them, as the plain definition has it.
func TestFilterManyKeys(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, wide)
	x, keys := p.openMany()
	odd := keys[len(keys)/4]
	found := 0
	for _, text := range []string{
		"receipts",
		"receipts -prod -staging",
		`"prod (old)"`,
		"TODO",
		"owner:deploy-bot name:ci-kyc",
		"id:" + odd.ID[9:23],
		"hint:" + odd.Hint[len(odd.Hint)-4:],
		"age>6y used:never -" + `"(old)"`,
		fmt.Sprintf("created:%d-02 invoices", time.Now().Year()-2),
		"unused>2y status:active,disabled fraud",
		"expires<0d used<3d status:disabled|expired",
		"請求書 age<1y",
		"no such key",
	} {
		filter(x, text)
		want := p.asked(keys, text, false, model.Order{})
		s := want.wait(x, "the answer to "+text, " of 100 000")
		if len(want.now) > 0 {
			found++
		} else if !s.Contains("No key matches. esc drops the filter.") {
			p.tb.Errorf("an empty answer\n%s", s.Frame())
		}
		x.Key(term.Enter)
	}
	if found != 12 {
		p.tb.Errorf("%d filters found something, want all but the last", found)
	}

	// What was found is underlined.
	filter(x, "receipts-st")
	s := p.asked(keys, "receipts-st", false, model.Order{}).wait(x, "the highlights", " of 100 000")
	y := 4
	before, _, _ := strings.Cut(s.Line(y), "receipts-st")
	for i := range len("receipts-st") {
		if c := s.Cell(len(before)+i, y); !c.Underline {
			p.tb.Errorf("%q in line %d is not underlined\n%s", c.Text, y, s.Frame())
			break
		}
	}
	if s.Cell(len(before)-1, y).Underline || s.Cell(len(before)+len("receipts-st"), y).Underline {
		p.tb.Errorf("more than the match is underlined\n%s", s.Frame())
	}
	x.Key(term.Esc)
	waitAll(x, keys)

	// A term that cannot be read is pointed at, and the rest goes on to filter, while it is typed and afterwards.
	for _, half := range []struct{ text, rest, part, want string }{
		{"receipts age>", "receipts", "age>", "a span such as 90d"},
		{"receipts age>9", "receipts", "9", "a span with one of the units h, d, w, mo, y, such as 90d"},
		{"nome:x receipts", "receipts", "nome", "name instead"},
		{"receipts created<2024-13", "receipts", "13", "a month from 01 to 12"},
	} {
		filter(x, half.text)
		s := p.asked(keys, half.rest, false, model.Order{}).wait(x, "the answer to half of "+half.text, " of 100 000")
		_, y, _ := s.Find(" / " + half.text)
		left, under := strings.LastIndex(" / "+half.text, half.part), s.Line(y+1)
		if strings.TrimSpace(under[:left]) != "" || !strings.HasPrefix(under[left:], strings.Repeat("^", len(half.part))+" expected ") ||
			!strings.Contains(under, half.want) {
			p.tb.Errorf("%q is not marked, or not what is wrong with it\n%s", half.part, s.Frame())
		}
		x.Key(term.Enter)
		if s := x.Screen(); !s.Contains("expected ") {
			p.tb.Errorf("what is wrong is no longer told\n%s", s.Frame())
		}
	}
	x.Key(term.Esc)
	waitAll(x, keys)

	// The arrow brings back what was kept, the newest first.
	x.Type("/")
	x.Key(term.Up)
	x.WaitFor(" / receipts created<2024-13")
	x.Key(term.Up)
	x.WaitFor(" / nome:x receipts")
	x.Key(term.Down)
	x.WaitFor(" / receipts created<2024-13")
	x.Key(term.Up, term.Up, term.Up, term.Up)
	x.WaitFor(" / no such key ")
	x.Key(term.Up)
	p.asked(keys, "請求書 age<1y", false, model.Order{}).wait(x, "an earlier filter", " of 100 000")
	x.Key(term.Esc)
	waitAll(x, keys)
}

// TestSortManyKeys: s goes through the columns and S turns each round; the heading shows it.
func TestSortManyKeys(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, wide)
	x, keys := p.openMany()
	heads := map[model.Order]string{
		{By: model.SortUsed}: "LAST USED ↓", {By: model.SortUsed, Reverse: true}: "LAST USED ↑",
		{By: model.SortExpires}: "EXPIRES ↑", {By: model.SortExpires, Reverse: true}: "EXPIRES ↓",
		{By: model.SortName}: "NAME ↑", {By: model.SortName, Reverse: true}: "NAME ↓",
		{By: model.SortCreated}: "CREATED ↓", {By: model.SortCreated, Reverse: true}: "CREATED ↑",
	}
	sorted := func(desc string, order model.Order, list []model.Key) {
		list = first(list, order, p.opts.Rows)
		x.WaitUntil(desc, func(s term.Screen) bool { return s.Contains(heads[order]) && lists(s, list) })
	}
	for _, by := range []model.SortBy{model.SortUsed, model.SortExpires, model.SortName, model.SortCreated} {
		x.Type("s")
		sorted("all sorted by "+by.String(), model.Order{By: by}, keys)
		x.Type("S")
		sorted("all turned round, by "+by.String(), model.Order{By: by, Reverse: true}, keys)
		x.Type("g")
	}
	filter(x, "ledger")
	x.Key(term.Enter)
	few := match(keys, p.query("ledger"), time.Now())
	for _, by := range []model.SortBy{model.SortUsed, model.SortExpires, model.SortName, model.SortCreated} {
		x.Type("s")
		sorted("some sorted by "+by.String(), model.Order{By: by}, few)
	}

	// The cursor stays on its key.
	x.Type("jjjjj")
	waitRow(x, few[5])
	x.Type("s")
	x.WaitFor(heads[model.Order{By: model.SortUsed}])
	waitRow(x, few[5])
	x.Key(term.Esc)
	slices.SortFunc(keys, model.Order{By: model.SortUsed}.Compare)
	waitAll(x, keys)
	waitRow(x, few[5])
}

// first are the first n keys in an order, found without putting the others in order too.
func first(keys []model.Key, order model.Order, n int) (list []model.Key) {
	for i := range keys {
		if len(list) == n && order.Compare(list[n-1], keys[i]) < 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(list, keys[i], order.Compare)
		list = slices.Insert(list, at, keys[i])[:min(len(list)+1, n)]
	}
	return list
}

// TestMarkManyKeys: marks stay through filters, orders and the view of the stale keys, the header counts them and those
// that are hidden, and esc takes off one thing at a time.
func TestMarkManyKeys(t *testing.T) {
	t.Parallel()
	everywhere(t, wide, func(p *place) {
		x, keys := p.openMany()
		marked := func(n, hidden int) {
			text := " · " + grouped(n) + " marked"
			if hidden > 0 {
				text += ", " + grouped(hidden) + " hidden"
			}
			x.WaitUntil("the header to say"+text, func(s term.Screen) bool {
				return strings.HasSuffix(s.Line(0), text) || n == 0 && !strings.Contains(s.Line(0), "marked")
			})
		}
		const one, both = "kyc-prod", "kyc-prod us-east"
		kyc, east := match(keys, p.query(one), time.Now()), match(keys, p.query(both), time.Now())
		if len(east) < 5 || len(kyc) < 2*len(east) {
			p.tb.Fatalf("the keys are not what this test needs: %d and %d", len(kyc), len(east))
		}
		filter(x, one)
		x.Key(term.Enter)
		x.Type("a")
		marked(len(kyc), 0)
		x.Type("  ")
		marked(len(kyc)-2, 0)
		s := waitRow(x, kyc[2])
		if markedRows(s) != len(rows(s))-2 {
			p.tb.Errorf("two marks were taken off\n%s", s.Frame())
		}
		x.Key(term.Esc)
		waitAll(x, keys)
		marked(len(kyc)-2, 0)

		// Marks are counted where they cannot be seen, and stay when the order changes.
		filter(x, both)
		x.Key(term.Enter)
		here := len(east)
		for _, key := range kyc[:2] {
			if slices.Contains(east, key) {
				here--
			}
		}
		marked(len(kyc)-2, len(kyc)-2-here)
		x.Type("sS")
		x.WaitFor("LAST USED ↑")
		marked(len(kyc)-2, len(kyc)-2-here)
		x.Type("A")
		marked(len(kyc)-2-here+len(east)-here, len(kyc)-2-here)
		if s := x.Screen(); markedRows(s) != len(east)-here {
			p.tb.Errorf("the marks that are shown were turned round\n%s", s.Frame())
		}
		x.Type("A")
		marked(len(kyc)-2, len(kyc)-2-here)

		// Only the stale ones, filtered and all.
		x.Type("!")
		want := p.asked(keys, both, true, model.Order{By: model.SortUsed, Reverse: true})
		s = want.wait(x, "the stale keys that match", " stale of 100 000")
		for y, line := range s.Lines {
			if strings.Contains(line, "clv_…") && !strings.HasSuffix(line, "stale") {
				p.tb.Errorf("row %d is not stale\n%s", y, s.Frame())
			}
		}
		x.Key(term.Esc)
		stale := p.asked(keys, "", true, model.Order{By: model.SortUsed, Reverse: true})
		s = stale.wait(x, "all stale keys", " stale of 100 000")
		if !strings.Contains(s.Line(0), " · "+grouped(len(stale.now))+" stale · ") && !strings.Contains(s.Line(0), " · "+grouped(len(stale.later))+" stale · ") {
			p.tb.Errorf("the header counts other stale keys\n%s", s.Frame())
		}
		x.Key(term.Esc)
		slices.SortFunc(keys, model.Order{By: model.SortUsed, Reverse: true}.Compare)
		waitAll(x, keys)
		marked(len(kyc)-2, 0)
		x.Key(term.Esc)
		marked(0, 0)
		if s := x.Screen(); markedRows(s) != 0 || !total(s, "100 000") {
			p.tb.Errorf("after the last esc\n%s", s.Frame())
		}
		x.Type("q")
		if code := x.WaitExit(); code != 0 {
			p.tb.Errorf("code %d", code)
		}
	})
}

// TestExportSomeOfManyKeys: what is filtered and sorted out of 100 000 keys is what the file holds, and what list prints.
func TestExportSomeOfManyKeys(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, wide)
	x, keys := p.openMany()
	const text = "receipts -staging"
	filter(x, text)
	x.Key(term.Enter)
	want := p.asked(keys, text, false, model.Order{By: model.SortName, Reverse: true})
	x.Type("sssS")
	want.wait(x, "the sorted answer", " of 100 000")
	n := grouped(len(want.now))
	x.Type("e")
	x.WaitFor("┌ Export " + n + " keys")
	x.Key(term.CtrlU)
	x.Type("~/receipts.csv")
	x.Key(term.Enter)
	x.WaitFor("wrote " + n + " keys to ~/receipts.csv")
	path := filepath.Join(p.Dir, "receipts.csv")
	written, err := os.ReadFile(path)
	p.must(err)
	if got := names(p.tb, string(written)); len(got) != len(want.now) || got[0] != want.now[0].Name {
		p.tb.Errorf("the file holds %d keys", len(got))
	}
	if string(written) != p.run("list", "--csv", "--filter", text, "--sort", "name", "--reverse") {
		p.tb.Errorf("the file is not what list prints")
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		p.tb.Errorf("the file is %v, %v", info.Mode(), err)
	}
}
