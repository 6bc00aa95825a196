//go:build linux || darwin

package e2e

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/e2e/crowd"
	"clavier/e2e/program"
	"clavier/e2e/term"
	"clavier/model"
	"clavier/seal"
	"clavier/store"
)

// template is a home with a store that is made once and copied to each test that wants it.
type template struct {
	keys int
	// owned says that the secrets are sealed to the identity of the home, so that they can be had again. Without it there
	// is no identity.
	owned bool

	once sync.Once
	home program.Home
	all  []crowd.Key // the oldest first
	err  error
}

// The templates.
var (
	many = &template{keys: 100_000}
	some = &template{keys: 200, owned: true}
)

// make fills the store, in another process: the race detector makes it sixty times slower.
func (m *template) make(tb testing.TB) {
	stage := program.Build(tb, "./e2e/stage")
	dir, err := os.MkdirTemp("", "clavier-many")
	if err != nil {
		m.err = err
		return
	}
	m.home.Dir = dir
	now := time.Now()
	args := []string{"fill"}
	if m.owned {
		args = append(args, "-identity", m.home.Identity())
	}
	cmd := exec.Command(stage, append(args, m.home.Database(), fmt.Sprint(m.keys), now.Format(time.RFC3339Nano))...)
	var said strings.Builder
	cmd.Stderr = &said
	if m.err = cmd.Start(); m.err != nil {
		return
	}
	all, err := crowd.Options{Keys: m.keys, Now: now}.All()
	m.all, m.err = all, errors.Join(err, cmd.Wait())
	if m.err != nil {
		m.err = fmt.Errorf("fill a store: %w: %s", m.err, said.String())
	}
}

// cleanTemplates removes what make made.
func cleanTemplates() {
	for _, m := range []*template{many, some} {
		if m.home.Dir != "" {
			_ = os.RemoveAll(m.home.Dir)
		}
	}
}

// populate copies the template into the home, which has neither store nor identity, and returns its keys, the newest first.
func (p *place) populate(m *template) []crowd.Key {
	p.tb.Helper()
	if m == many && testing.Short() {
		p.tb.Skip("skipped: 100 000 keys are not made in a short run")
	}
	m.once.Do(func() { m.make(p.tb) })
	if m.err != nil || m.all == nil {
		p.tb.Fatalf("no store to begin with: %v", m.err)
	}
	p.copyTree(m.home.Dir, p.Dir)
	mustBePrivate(p.tb, p.Data())
	keys := slices.Clone(m.all)
	slices.SortFunc(keys, func(a, b crowd.Key) int { return model.Order{}.Compare(a.Key, b.Key) })
	return keys
}

// copyTree copies what is below a directory into another, readable by its owner alone.
func (p *place) copyTree(from, to string) {
	p.tb.Helper()
	p.must(filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o600)
	}))
}

// plain are the keys without their secrets.
func plain(keys []crowd.Key) []model.Key {
	list := make([]model.Key, len(keys))
	for i, key := range keys {
		list[i] = key.Key
	}
	return list
}

// grouped is a number as the screen shows it: 100 000.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}

// row is a key in the list as it stands on the screen.
type row struct{ marker, name, hint string }

// rows are the visible rows of the list, of a screen wide enough for the hints.
func rows(s term.Screen) (list []row) {
	x, y, ok := s.Find(" KEY ")
	if !ok {
		return nil
	}
	for _, line := range s.Lines[y+1:] {
		cells := []rune(line)
		if len(cells) < x+10 || strings.HasPrefix(line, " /") || !strings.Contains(line, "clv_…") {
			break
		}
		// Wide characters take two cells and one rune: the hint is looked for, not counted to.
		name, rest, _ := strings.Cut(string(cells[3:]), "  clv_…")
		list = append(list, row{string(cells[:3]), strings.TrimRight(name, " "), "clv_…" + strings.Fields(rest)[0]})
	}
	return list
}

// lists reports whether the visible rows are the first of these keys.
func lists(s term.Screen, keys []model.Key) bool {
	from, ok := part(s, keys)
	return ok && from == 0
}

// part finds the visible rows among the keys, from which place on they are.
func part(s term.Screen, keys []model.Key) (from int, ok bool) {
	const others = 6 // header, views, headings, filter, status, footer
	list := rows(s)
	if len(list) != min(len(keys), s.Rows-others) {
		return 0, false
	}
	if len(list) == 0 {
		return 0, true
	}
	for from := range keys[:len(keys)-len(list)+1] {
		if list[0].hint == keys[from].Hint && slices.EqualFunc(list, keys[from:from+len(list)], row.is) {
			return from, true
		}
	}
	return 0, false
}

// is reports whether the row tells of the key.
func (r row) is(key model.Key) bool {
	name := model.Display(key.Name)
	if short, cut := strings.CutSuffix(r.name, "…"); cut {
		return r.hint == key.Hint && strings.HasPrefix(name, short)
	}
	return r.hint == key.Hint && r.name == name
}

// markedRows counts the rows that are marked.
func markedRows(s term.Screen) (n int) {
	for _, r := range rows(s) {
		if strings.Contains(r.marker, "*") {
			n++
		}
	}
	return n
}

// sow puts keys with these names into the store of the home, sealed to its identity; the first is the newest. They are a
// year old and were never used.
func (p *place) sow(names ...string) []crowd.Key {
	p.tb.Helper()
	ctx := context.Background()
	vault, err := seal.Open(seal.Options{IdentityPath: p.Identity(), Own: true})
	p.must(err)
	records, err := store.Open(ctx, p.Database())
	p.must(err)
	defer func() { p.must(records.Close()) }()
	made := time.Now().Add(-365 * 24 * time.Hour).UTC().Truncate(time.Millisecond)
	keys := make([]crowd.Key, len(names))
	p.must(records.Fill(ctx, func(yield func(model.Record) bool) {
		for i, name := range names {
			secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
			p.must(err)
			sealed, err := vault.Seal(secret)
			p.must(err)
			keys[i] = crowd.Key{Secret: secret, Key: model.Key{
				ID: uuid.Must(uuid.NewV7()).String(), Name: name, Hint: secret.Hint(), Owner: "somebody",
				CreatedAt: made.Add(-time.Duration(i) * time.Minute), LastUse: model.LastUse{Reported: true},
			}}
			if !yield(model.Record{Key: keys[i].Key, Sealed: sealed}) {
				return
			}
		}
	}, model.Actor{By: "somebody", From: "somewhere"}))
	return keys
}

// numbered are names with two digits: name-01 and so on.
func numbered(name string, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%s-%02d", name, i+1)
	}
	return list
}
