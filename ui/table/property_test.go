package table

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clavier/model"
)

// fatalf is what testing.T and rapid.T have in common.
type fatalf interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkListing compares a listing with the definition of the answer for the keys of its snapshot.
func checkListing(t fatalf, l *Listing, s *Snapshot, keys []model.Key) {
	t.Helper()
	r := l.Request()
	want := plainAnswer(keys, r)
	var got []string
	for _, row := range l.Rows() {
		key, ok := s.Key(row)
		if !ok {
			t.Fatalf("row %d of a listing is not in its snapshot", row)
		}
		got = append(got, key.ID)
	}
	if !l.Complete() {
		if len(got) > len(want) || !slices.Equal(got, want[:len(got)]) {
			t.Fatalf("the first page of %q by %v is %q, and all are %q", r.Query, r.Order, got, want)
		}
		if l.Count() >= 0 && l.Count() != len(want) {
			t.Fatalf("%q counts %d, not %d", r.Query, l.Count(), len(want))
		}
		return
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%q by %v is %q, not %q", r.Query, r.Order, got, want)
	}
	if l.Count() != len(want) || l.Total() != len(keys) {
		t.Fatalf("counts are %d of %d, not %d of %d", l.Count(), l.Total(), len(want), len(keys))
	}
	var stale StaleCount
	for _, k := range keys {
		switch r.Rule.Judge(k, r.Now) {
		case model.Fresh:
		case model.Stale:
			stale.All++
		case model.StaleByAge:
			stale.All++
			stale.ByAge++
		}
	}
	if l.StaleCount() != stale || l.Stale() != stale.All {
		t.Fatalf("stale are %+v, not %+v", l.StaleCount(), stale)
	}
}

// runSearch runs a search to its end: with or without an end of the budget, and cancelled now and then.
func runSearch(t *rapid.T, search *Search, s *Snapshot, keys []model.Key) *Listing {
	search.beside = rapid.IntRange(0, 3).Draw(t, "beside") == 0
	for range rapid.IntRange(0, 2).Draw(t, "cancelled") {
		ctx, cancel := context.WithCancel(context.Background())
		if rapid.Bool().Draw(t, "before") {
			cancel()
		}
		l, _ := search.Run(ctx, time.Duration(rapid.IntRange(1, 50_000).Draw(t, "budget")))
		cancel()
		checkListing(t, l, s, keys)
	}
	for _, budget := range rapid.SliceOfN(rapid.IntRange(1, 100_000), 0, 3).Draw(t, "budgets") {
		l, _ := search.Run(context.Background(), time.Duration(budget))
		checkListing(t, l, s, keys)
	}
	l, done := search.Run(context.Background(), 0)
	if !done {
		t.Fatalf("a search without an end of its budget is not done")
	}
	checkListing(t, l, s, keys)
	return l
}

// TestSearchIsTheDefinition compares searches of any keys with filtering by Query.Match and sorting by Order.Compare: with
// nothing known, after another search, partly and then on, cancelled and run again.
func TestSearchIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := genKeys(0, 0, 40).Draw(t, "keys")
		var table Table
		for from := 0; from < len(keys); {
			to := from + rapid.IntRange(1, 20).Draw(t, "block")
			table.Add(NewBlock(keys[from:min(to, len(keys))]))
			from = to
		}
		s := table.Snapshot()
		var previous *Listing
		var r Request
		for range rapid.IntRange(1, 5).Draw(t, "requests") {
			next := genRequest(keys).Draw(t, "request")
			switch last := r.Query.String(); {
			case len(keys) > 0 && rapid.Bool().Draw(t, "related"):
				related := genRelated(keys).Draw(t, "terms")
				r.Query, _ = model.ParseQuery(related[0], time.UTC)
				previous = runSearch(t, s.Search(r, previous), s, keys)
				r.Query, _ = model.ParseQuery(related[1], time.UTC)
				next = r
			case rapid.Bool().Draw(t, "longer"): // one more term or one more character, and all else as it was
				if text, cut := strings.CutSuffix(last, `"`); cut && rapid.Bool().Draw(t, "character") {
					last = text + rapid.SampledFrom(pieces).Draw(t, "typed") + `"`
				} else {
					last += " " + genTerm(keys).Draw(t, "term")
				}
				r.Query, _ = model.ParseQuery(last, time.UTC)
				next = r
			}
			r = next
			l := runSearch(t, s.Search(r, previous), s, keys)
			if rapid.Bool().Draw(t, "keep") {
				previous = l
			}
		}
	})
}

// TestNarrowing holds narrows to its word, for queries that are parts of each other.
func TestNarrowing(t *testing.T) {
	narrowed := 0
	rapid.Check(t, func(t *rapid.T) {
		keys := genKeys(0, 1, 20).Draw(t, "keys")
		a := genRequest(keys).Draw(t, "a")
		b := a
		related := genRelated(keys).Draw(t, "related")
		common := rapid.SampledFrom([]string{"", genTerm(keys).Draw(t, "term")}).Draw(t, "common")
		if rapid.IntRange(0, 4).Draw(t, "any") > 0 {
			a.Query, _ = model.ParseQuery(common+" "+related[0], time.UTC)
		}
		b.Query, _ = model.ParseQuery(related[1]+" "+common+" "+genQuery(keys).Draw(t, "more"), time.UTC)
		b.StaleOnly = rapid.Bool().Draw(t, "stale")
		b.Now = b.Now.Add(rapid.SampledFrom([]time.Duration{0, 0, 24 * time.Hour}).Draw(t, "later"))
		if !narrows(a, b) {
			return
		}
		if a.Query.String() != "" && a.Query.String() != b.Query.String() {
			narrowed++
		}
		all := plainAnswer(keys, a)
		for _, id := range plainAnswer(keys, b) {
			if !slices.Contains(all, id) {
				t.Fatalf("%q is said to narrow %q, but has %q more", b.Query, a.Query, id)
			}
		}
	})
	if narrowed == 0 {
		t.Error("nothing was narrowed")
	}
}

// TestStaleCount counts stale keys at moments of any order, which lie about those at which keys become stale.
func TestStaleCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := genKeys(0, 1, 10).Draw(t, "keys")
		var table Table
		table.Add(NewBlock(keys))
		s := table.Snapshot()
		for range 10 {
			k := rapid.SampledFrom(keys).Draw(t, "key")
			at := rapid.SampledFrom([]time.Time{k.CreatedAt, k.LastUse.At, now}).Draw(t, "from")
			r := Request{Rule: rapid.SampledFrom([]model.StaleRule{model.DefaultStaleRule, {Unused: time.Hour}}).Draw(t, "rule")}
			back := rapid.SampledFrom([]time.Duration{0, r.Rule.Older, r.Rule.Unused, r.Rule.Never}).Draw(t, "after")
			r.Now = at.Add(back + time.Duration(rapid.IntRange(-1, 1).Draw(t, "near")))
			l, _ := s.Search(r, nil).Run(context.Background(), 0)
			checkListing(t, l, s, keys)
		}
	})
}

// TestUUIDPattern compares the search in the bits of a UUID with one in its text.
func TestUUIDPattern(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := uuid{rapid.Uint64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo")}
		text := string(u.append(nil))
		if back, ok := parseUUID(text); !ok || back != u {
			t.Fatalf("%s is read as %v", text, back)
		}
		from := rapid.IntRange(0, uuidLen-1).Draw(t, "from")
		part := text[from:rapid.IntRange(from+1, uuidLen).Draw(t, "to")]
		switch rapid.IntRange(0, 3).Draw(t, "change") {
		case 0:
			at := rapid.IntRange(0, len(part)-1).Draw(t, "at")
			part = part[:at] + rapid.SampledFrom([]string{"-", "0", "a", "--", "g", ""}).Draw(t, "other") + part[at+1:]
		case 1:
			part = rapid.StringOfN(rapid.RuneFrom([]rune("0123456789abcdef-")), 1, 4, -1).Draw(t, "any")
		}
		if part == "" {
			return
		}
		p, ok := parseUUIDPattern(part)
		if got, want := ok && p.in(u), strings.Contains(text, part); got != want {
			t.Fatalf("%q in %s is %v, not %v", part, text, got, want)
		}
	})
}

// machine is a table beside what it should be: keys and marks by id.
type machine struct {
	table  *Table
	keys   map[string]model.Key
	marks  map[string]bool
	buried map[string]bool // ids that a block does not bring back
	rows   map[string]Row
	number int
	last   *Listing
	olds   []old
}

// old is a snapshot and the keys that it must have for good.
type old struct {
	snapshot *Snapshot
	keys     []model.Key
}

func (m *machine) list() []model.Key {
	return slices.SortedFunc(maps.Values(m.keys), func(a, b model.Key) int { return strings.Compare(a.ID, b.ID) })
}

func (m *machine) pick(t *rapid.T) model.Key {
	if len(m.keys) == 0 {
		t.Skip("no keys")
	}
	return rapid.SampledFrom(m.list()).Draw(t, "key")
}

func (m *machine) remember(key model.Key) {
	m.keys[key.ID] = key
	m.rows[key.ID], _ = m.table.Find(key.ID)
	delete(m.buried, key.ID)
}

func (m *machine) forget(id string) {
	delete(m.keys, id)
	delete(m.marks, id)
	delete(m.rows, id)
	m.buried[id] = true
}

// Add adds new keys, and some that are there or were deleted.
func (m *machine) Add(t *rapid.T) {
	keys := genKeys(m.number, 0, 12).Draw(t, "keys")
	m.number += len(keys)
	var news []model.Key
	news = append(news, keys...)
	for id := range maps.Keys(m.buried) {
		keys = append(keys, model.Key{ID: id, Name: "back"})
	}
	if len(m.keys) > 0 {
		known := m.pick(t)
		known.Name += "changed"
		keys = append(keys, known)
	}
	b := NewBlock(keys)
	if b.Len() != len(keys) {
		t.Fatalf("a block of %d has %d", len(keys), b.Len())
	}
	if rapid.Bool().Draw(t, "reserve") {
		m.table.Reserve(m.table.Len() + len(keys))
	}
	m.table.Add(b)
	for _, key := range news {
		m.remember(key)
	}
	if rapid.Bool().Draw(t, "elsewhere") { // a block that is added to another table too is not that table's to change
		var other Table
		other.Add(b)
		for _, key := range keys {
			key.Name, key.Owner, key.ExpiresAt = "X", "other", time.Date(4000, 1, 1, 0, 0, 0, 0, time.UTC)
			other.Put(key)
		}
	}
}

// PutNew puts a key that is not there, maybe one that was.
func (m *machine) PutNew(t *rapid.T) {
	key := genKey(m.number).Draw(t, "key")
	m.number++
	if len(m.buried) > 0 && rapid.Bool().Draw(t, "again") {
		key.ID = rapid.SampledFrom(slices.Sorted(maps.Keys(m.buried))).Draw(t, "id")
	}
	if row, ok := m.table.Find(key.ID); ok {
		t.Fatalf("row %d of %q is there", row, key.ID)
	}
	row := m.table.Put(key)
	for id, other := range m.rows {
		if other == row {
			t.Fatalf("row %d is that of %q", row, id)
		}
	}
	m.remember(key)
}

// PutOld changes a key.
func (m *machine) PutOld(t *rapid.T) {
	key := m.changed(t)
	if row := m.table.Put(key); row != m.rows[key.ID] {
		t.Fatalf("row %d becomes row %d", m.rows[key.ID], row)
	}
	m.remember(key)
}

// changed returns a key that differs in something from the one that is there.
func (m *machine) changed(t *rapid.T) model.Key {
	id := m.pick(t).ID
	key, other := m.keys[id], genKey(0).Draw(t, "other")
	for _, change := range []func(){
		func() { key.Name = other.Name }, func() { key.Hint = other.Hint }, func() { key.Owner = other.Owner },
		func() { key.LastUse = other.LastUse }, func() { key.ExpiresAt = other.ExpiresAt }, func() { key.Disabled = other.Disabled },
		func() { key.CreatedAt = other.CreatedAt }, func() { key.Imported = other.Imported }, func() { key.Dead = other.Dead },
		func() { key.Rotating = other.Rotating }, func() { key.Note = other.Note },
	} {
		if rapid.Bool().Draw(t, "change") {
			change()
		}
	}
	return key
}

// Apply reports new, changed and deleted keys.
func (m *machine) Apply(t *rapid.T) {
	c := model.Changes{Keys: genKeys(m.number, 0, 3).Draw(t, "keys"), Gone: []string{"never there"}}
	m.number += len(c.Keys)
	if len(m.keys) > 0 {
		c.Keys = append(c.Keys, m.changed(t))
		c.Gone = append(c.Gone, m.pick(t).ID)
	}
	m.table.Apply(c)
	for _, key := range c.Keys {
		m.remember(key)
	}
	for _, id := range c.Gone {
		m.forget(id)
	}
	m.table.Apply(model.Changes{All: true})
}

// Remove deletes a key.
func (m *machine) Remove(t *rapid.T) {
	id := m.pick(t).ID
	row := m.rows[id]
	m.table.Remove(row)
	m.table.Remove(row)
	m.forget(id)
	m.table.SetMark(row, true)
	m.table.MarkAll([]Row{row}, true)
	m.table.Invert([]Row{row})
	if key, ok := m.table.Key(row); ok || m.table.Marked(row) {
		t.Fatalf("row %d is deleted, and still is %+v", row, key)
	}
}

// Mark marks one key or takes the mark off.
func (m *machine) Mark(t *rapid.T) {
	id := m.pick(t).ID
	on := rapid.Bool().Draw(t, "on")
	m.table.SetMark(m.rows[id], on)
	m.setMark(id, on)
}

func (m *machine) setMark(id string, on bool) {
	if delete(m.marks, id); on {
		m.marks[id] = true
	}
}

// Search searches the table as it is, with an earlier listing.
func (m *machine) Search(t *rapid.T) {
	keys := m.list()
	s := m.table.Snapshot()
	m.last = runSearch(t, s.Search(genRequest(keys).Draw(t, "request"), m.last), s, keys)
}

// MarkListing marks all that the last listing has, or takes the marks off, or turns them round.
func (m *machine) MarkListing(t *rapid.T) {
	if m.last == nil {
		t.Skip("no listing")
	}
	ids := map[string]bool{}
	for _, row := range m.last.Rows() {
		if key, ok := m.table.Key(row); ok {
			ids[key.ID] = true
		}
	}
	byRows := rapid.Bool().Draw(t, "by rows")
	how := rapid.IntRange(0, 2).Draw(t, "how")
	switch {
	case how < 2 && byRows:
		m.table.MarkAll(m.last.Rows(), how == 0)
	case how < 2:
		m.table.MarkListing(m.last, how == 0)
	case byRows:
		m.table.Invert(m.last.Rows())
	default:
		m.table.InvertListing(m.last)
	}
	for id := range ids {
		m.setMark(id, how == 0 || how == 2 && !m.marks[id])
	}
}

// Clear takes all marks off.
func (m *machine) Clear(*rapid.T) {
	m.table.ClearMarks()
	clear(m.marks)
}

// Reload reads everything again, in another order and without some, and carries the marks over.
func (m *machine) Reload(t *rapid.T) {
	keys := m.list()
	if len(keys) > 0 && rapid.Bool().Draw(t, "lost") {
		m.forget(keys[0].ID)
		keys = keys[1:]
	}
	slices.Reverse(keys)
	from := m.table
	m.table, m.last, m.olds = new(Table), nil, nil
	half := len(keys) / 2
	m.table.Add(NewBlock(keys[:half]))
	m.table.Add(NewBlock(keys[half:]))
	m.table.CarryMarks(from)
	clear(m.buried)
	for _, key := range keys {
		m.remember(key)
	}
}

// Keep keeps a snapshot, to see later that it has not changed.
func (m *machine) Keep(*rapid.T) { m.olds = append(m.olds, old{m.table.Snapshot(), m.list()}) }

// Recall searches a snapshot that was kept.
func (m *machine) Recall(t *rapid.T) {
	if len(m.olds) == 0 {
		t.Skip("no snapshot")
	}
	old := rapid.SampledFrom(m.olds).Draw(t, "old")
	runSearch(t, old.snapshot.Search(genRequest(old.keys).Draw(t, "request"), m.last), old.snapshot, old.keys)
}

// Check holds the table to what it should be.
func (m *machine) Check(t *rapid.T) {
	dead := 0
	for _, key := range m.keys {
		if key.Dead {
			dead++
		}
	}
	if m.table.DeadCount() != dead {
		t.Fatalf("%d keys are dead, not %d", m.table.DeadCount(), dead)
	}
	if m.table.Len() != len(m.keys) || m.table.Snapshot().Len() != len(m.keys) {
		t.Fatalf("there are %d keys, not %d", m.table.Len(), len(m.keys))
	}
	marked := []string{}
	extent := Extent{}
	for id, key := range m.keys {
		row, ok := m.table.Find(id)
		if got, live := m.table.Key(row); !ok || !live || got != key {
			t.Fatalf("%q is %+v, not %+v", id, got, key)
		}
		if row != m.rows[id] {
			t.Fatalf("row %d of %q became row %d", m.rows[id], id, row)
		}
		if m.table.Marked(row) != m.marks[id] {
			t.Fatalf("%q: marked is %v", id, !m.marks[id])
		}
		if m.marks[id] {
			marked = append(marked, id)
		}
		extent.include(&key)
	}
	if len(m.keys) > 0 {
		name, same := m.pick(t).Name, 0
		for _, other := range m.keys {
			if model.SameName(name, other.Name) {
				same++
			}
		}
		if n := m.table.SameName(name); n != same {
			t.Fatalf("%d keys have the name %q, not %d", n, name, same)
		}
	}
	for id := range m.buried {
		if row, ok := m.table.Find(id); ok {
			t.Fatalf("%q is deleted, and row %d", id, row)
		}
	}
	if got := m.table.Extent(); got.Name < extent.Name || got.Hint < extent.Hint || extent.Unusual && !got.Unusual {
		t.Fatalf("the extent %+v is less than %+v", got, extent)
	}
	var got []string
	for _, row := range m.table.MarkedRows() {
		key, _ := m.table.Key(row)
		got = append(got, key.ID)
	}
	slices.Sort(got)
	slices.Sort(marked)
	if !slices.Equal(got, marked) || m.table.MarkedCount() != len(marked) {
		t.Fatalf("marked are %d: %q, not %q", m.table.MarkedCount(), got, marked)
	}
	if m.last != nil {
		shown := 0
		for _, row := range m.last.Rows() {
			if m.table.Marked(row) {
				shown++
			}
		}
		if n := m.table.MarkedIn(m.last); n != shown {
			t.Fatalf("%d of a listing are marked, not %d", n, shown)
		}
	}
}

// TestTableIsAMap compares a table with maps of keys and marks, after any sequence of changes, searches, marks and reloads;
// and snapshots with what they were.
func TestTableIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{table: new(Table), keys: map[string]model.Key{}, marks: map[string]bool{}, buried: map[string]bool{}, rows: map[string]Row{}}
		t.Repeat(map[string]func(*rapid.T){
			"": m.Check, "Add": m.Add, "PutNew": m.PutNew, "PutOld": m.PutOld, "Apply": m.Apply, "Remove": m.Remove, "Mark": m.Mark, "Search": m.Search,
			"MarkListing": m.MarkListing, "Clear": m.Clear, "Reload": m.Reload, "Keep": m.Keep, "Recall": m.Recall,
		})
	})
}
