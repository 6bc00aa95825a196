package ui

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clavier/model"
	"clavier/ui/clip"
)

// noon is when every test begins.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// clock stands still until a test moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fakes is what stands outside the screen: the keys, the clipboard, and what goes wrong with them. Methods are named as
// those of Service and Clipboard, in lower case: "list", "create", "delete", "reveal", "unlock", "activity", "version",
// "copy", "clear", "switch", "pages", "page", "changes"; "search" is a search of the list.
type fakes struct {
	mu     sync.Mutex
	clock  *clock
	events chan event
	calls  map[string]int
	gates  map[string]*gate
	errs   map[string]error
	panics map[string]any
	told   map[string]func(host string, until time.Time) // what a method tells when it waits; see Options.Waits

	keys     []model.Key // newest first
	secrets  map[string]model.Secret
	lines    []model.Activity
	changes  int64
	log      []string // the id of the key that each change was about
	forgot   int64    // changes up to this one cannot be told any more
	locked   string   // the passphrase, or nothing
	unlocked bool
	made     int

	clipboard string
	receipt   clip.Receipt
	cleared   clip.Cleared
}

func newFakes(c *clock) *fakes {
	return &fakes{
		clock: c, events: make(chan event, 1000), calls: map[string]int{}, gates: map[string]*gate{},
		errs: map[string]error{}, panics: map[string]any{}, told: map[string]func(string, time.Time){}, secrets: map[string]model.Secret{},
		receipt: clip.Receipt{Way: clip.Native, Confirmed: true, Text: "native (xclip)"},
		cleared: clip.Cleared{Way: clip.Native, Outcome: clip.Gone, Text: "clipboard cleared"},
	}
}

// gate holds a method up until it is opened; a deaf one does not hear that its context has ended.
type gate struct {
	open   chan struct{}
	deaf   bool
	parked int // in this gate, as the screen has seen
}

// event tells the screen what becomes of a command.
type event struct {
	parked, woken *gate
	done          bool
	msg           any
}

// enter is what every method begins with.
func (f *fakes) enter(ctx context.Context, method string) error {
	f.mu.Lock()
	f.calls[method]++
	f.told[method], _ = ctx.Value(toldKey{}).(func(string, time.Time))
	g := f.gates[method]
	f.mu.Unlock()
	if g != nil {
		f.events <- event{parked: g}
		done := ctx.Done()
		if g.deaf {
			done = nil
		}
		select {
		case <-g.open:
		case <-done:
		}
		f.events <- event{woken: g}
		if ctx.Err() != nil && !g.deaf {
			return ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if p, ok := f.panics[method]; ok {
		panic(p)
	}
	return f.errs[method]
}

type toldKey struct{}

// waits is Options.Waits.
func waits(ctx context.Context, told func(string, time.Time)) context.Context {
	return context.WithValue(ctx, toldKey{}, told)
}

// tell has the last call of a method wait for a service, or wait no longer if it is for no time.
func (f *fakes) tell(method, host string, d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var until time.Time
	if d > 0 {
		until = f.clock.Now().Add(d)
	}
	f.told[method](host, until)
}

// background is the context of what is asked without one.
func (f *fakes) background() context.Context { return context.Background() }

func (f *fakes) called(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[method]
}

// fail makes a method return err, or work again if err is nil.
func (f *fakes) fail(method string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs[method] = err
}

// add makes a key behind the screen's back, older than now by age. It returns the key with its id.
func (f *fakes) add(tb testing.TB, name string, age time.Duration) model.Key {
	tb.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		tb.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.made++
	key := model.Key{
		ID: fmt.Sprintf("0192f1c4-7b2e-7c3a-9d4e-%012d", f.made), Name: name, Hint: secret.Hint(),
		CreatedAt: f.clock.Now().Add(-age), LastUse: model.LastUse{Reported: true},
	}
	f.secrets[key.ID] = secret
	f.insert(key)
	return key
}

// changed notes a change of a key.
func (f *fakes) changed(id string) {
	f.changes++
	f.log = append(f.log, id)
}

func (f *fakes) insert(key model.Key) {
	f.changed(key.ID)
	f.keys = append(f.keys, key)
	slices.SortStableFunc(f.keys, func(a, b model.Key) int { return b.CreatedAt.Compare(a.CreatedAt) })
	f.lines = append([]model.Activity{{
		At: key.CreatedAt, Action: model.ActionCreated, KeyID: key.ID, KeyName: key.Name, KeyCreatedAt: key.CreatedAt,
		Actor: model.Actor{By: "ada", From: "jump-1"},
	}}, f.lines...)
}

// change replaces the key with the same id behind the screen's back.
func (f *fakes) change(id string, change func(*model.Key)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changed(id)
	for i := range f.keys {
		if f.keys[i].ID == id {
			change(&f.keys[i])
		}
	}
}

// remove deletes a key behind the screen's back.
func (f *fakes) remove(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.keys, func(k model.Key) bool { return k.ID == id })
	if i < 0 {
		return false
	}
	f.changed(id)
	f.lines = append([]model.Activity{{
		At: f.clock.Now(), Action: model.ActionDeleted, KeyID: id, KeyName: f.keys[i].Name, KeyCreatedAt: f.keys[i].CreatedAt,
		Actor: model.Actor{By: "ada", From: "jump-1"},
	}}, f.lines...)
	f.keys = slices.Delete(slices.Clone(f.keys), i, i+1)
	return true
}

func (f *fakes) secret(id string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.secrets[id].Reveal()
}

func (f *fakes) held() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clipboard
}

// bare is a provider that can do no more than every provider can.
type bare struct{ f *fakes }

func (s bare) List(ctx context.Context) ([]model.Key, error) {
	if err := s.f.enter(ctx, "list"); err != nil {
		return nil, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	return slices.Clone(s.f.keys), nil
}

func (s bare) Create(ctx context.Context, draft model.Draft) (model.Issued, error) {
	if err := s.f.enter(ctx, "create"); err != nil {
		return model.Issued{}, err
	}
	s.f.mu.Lock()
	taken := slices.ContainsFunc(s.f.keys, func(k model.Key) bool { return model.SameName(k.Name, string(draft.Name)) })
	s.f.mu.Unlock()
	if taken {
		return model.Issued{}, fmt.Errorf("create: %w", model.ErrNameTaken)
	}
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		return model.Issued{}, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.f.made++
	key := model.Key{
		ID: fmt.Sprintf("0192f1c4-7b2e-7c3a-9d4e-%012d", s.f.made), Name: string(draft.Name), Hint: secret.Hint(),
		CreatedAt: s.f.clock.Now(), LastUse: model.LastUse{Reported: true},
	}
	s.f.secrets[key.ID] = secret
	s.f.insert(key)
	return model.Issued{Key: key, Secret: secret}, nil
}

func (s bare) Delete(ctx context.Context, id string) error {
	if err := s.f.enter(ctx, "delete"); err != nil {
		return err
	}
	if !s.f.remove(id) {
		return fmt.Errorf("delete: %w", model.ErrNotFound)
	}
	return nil
}

// full is a provider that can do everything.
type full struct{ bare }

func (s full) Reveal(ctx context.Context, id string) (model.Secret, error) {
	if err := s.f.enter(ctx, "reveal"); err != nil {
		return model.Secret{}, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if s.f.locked != "" && !s.f.unlocked {
		return model.Secret{}, fmt.Errorf("unseal: %w", model.ErrLocked)
	}
	if !slices.ContainsFunc(s.f.keys, func(k model.Key) bool { return k.ID == id }) {
		return model.Secret{}, fmt.Errorf("reveal: %w", model.ErrNotFound)
	}
	return s.f.secrets[id], nil
}

func (s full) Unlock(ctx context.Context, passphrase []byte) error {
	if err := s.f.enter(ctx, "unlock"); err != nil {
		return err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if string(passphrase) != s.f.locked {
		return fmt.Errorf("unlock: %w", model.ErrPassphrase)
	}
	s.f.unlocked = true
	return nil
}

func (s full) Protected(ctx context.Context) (bool, error) {
	err := s.f.enter(ctx, "protected")
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	return s.f.locked != "", err
}

func (s full) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	if err := s.f.enter(ctx, "activity"); err != nil {
		return nil, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	return slices.Clone(s.f.lines[:min(limit, len(s.f.lines))]), nil
}

func (s full) Version(ctx context.Context) (int64, error) {
	if err := s.f.enter(ctx, "version"); err != nil {
		return 0, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	return s.f.changes, nil
}

// paged is a full provider that lists its keys by pages, and tells what has changed.
type paged struct {
	full
	size int // keys on a page
}

// byPages makes the provider one that lists its keys by pages of this many.
func byPages(size int) func(*setup) {
	return func(s *setup) { s.options.Service = paged{full{bare{s.fakes}}, size} }
}

// Pages calls "pages" before the first page and "page" before each other one. The slice of a page is used again.
func (s paged) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		if err := s.f.enter(ctx, "pages"); err != nil {
			yield(model.Page{}, err)
			return
		}
		s.f.mu.Lock()
		keys, mark := slices.Clone(s.f.keys), s.f.changes+1
		s.f.mu.Unlock()
		page := make([]model.Key, 0, s.size)
		for i := 0; i < len(keys); i += s.size {
			if i > 0 {
				if err := s.f.enter(ctx, "page"); err != nil {
					s.f.note("left")
					yield(model.Page{}, err)
					return
				}
			}
			clear(page[:cap(page)])
			page = append(page[:0], keys[i:min(i+s.size, len(keys))]...)
			if !yield(model.Page{Keys: page, Total: len(keys), Mark: mark}, nil) {
				s.f.note("left")
				return
			}
		}
		s.f.note("read")
	}
}

// note counts what became of a reading: "read" to its end, or "left" before.
func (f *fakes) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[what]++
}

func (s paged) Changes(ctx context.Context, since int64) (model.Changes, error) {
	if err := s.f.enter(ctx, "changes"); err != nil {
		return model.Changes{}, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	c := model.Changes{Mark: s.f.changes + 1}
	if since-1 < s.f.forgot {
		c.All = true
		return c, nil
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(s.f.log[since-1:]))) {
		if i := slices.IndexFunc(s.f.keys, func(k model.Key) bool { return k.ID == id }); i >= 0 {
			c.Keys = append(c.Keys, s.f.keys[i])
		} else {
			c.Gone = append(c.Gone, id)
		}
	}
	return c, nil
}

// board is a clipboard that behaves as package clip's does.
type board struct{ f *fakes }

func (b board) Copy(ctx context.Context, secret string) (clip.Receipt, error) {
	if secret == "" {
		return clip.Receipt{}, errors.New("an empty secret reached the clipboard")
	}
	if err := b.f.enter(ctx, "copy"); err != nil {
		return clip.Receipt{}, err
	}
	b.f.mu.Lock()
	defer b.f.mu.Unlock()
	b.f.clipboard = secret
	return b.f.receipt, nil
}

func (b board) Clear(ctx context.Context) (clip.Cleared, error) {
	if err := b.f.enter(ctx, "clear"); err != nil {
		return clip.Cleared{}, err
	}
	b.f.mu.Lock()
	defer b.f.mu.Unlock()
	b.f.clipboard = ""
	return b.f.cleared, nil
}

// passphrase makes one at run time.
func passphrase() string { return strings.ToLower(rand.Text()) }
