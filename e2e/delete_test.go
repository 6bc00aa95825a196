//go:build linux || darwin

package e2e

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/e2e/term"
	"clavier/model"
	"clavier/seal"
	"clavier/store"
)

// plant puts a key with any name into the store, as another program might, and returns its id.
func (p *place) plant(name string) string { p.tb.Helper(); return p.plantOld(name, 0) }

// plantOld is plant for a key of this age.
func (p *place) plantOld(name string, age time.Duration) string {
	p.tb.Helper()
	ctx := context.Background()
	vault, err := seal.Open(seal.Options{IdentityPath: p.Identity(), Own: true})
	p.must(err)
	records, err := store.Open(ctx, p.Database())
	p.must(err)
	defer func() { p.must(records.Close()) }()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	p.must(err)
	sealed, err := vault.Seal(secret)
	p.must(err)
	key := model.Key{
		ID: uuid.Must(uuid.NewV7()).String(), Name: name, Hint: secret.Hint(),
		CreatedAt: time.Now().Add(-age).UTC().Truncate(time.Millisecond), LastUse: model.LastUse{Reported: true},
	}
	p.must(records.Put(ctx, model.Record{Key: key, Sealed: sealed}, model.Actor{By: "another program"}))
	return key.ID
}

func (p *place) must(err error) {
	p.tb.Helper()
	if err != nil {
		p.tb.Fatal(err)
	}
}

// TestWrongThenRightNameOnDelete: only the exact name deletes, and an enter typed ahead of the dialog does not.
func TestWrongThenRightNameOnDelete(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		secrets := p.create("staging", "Production")
		x := p.open()
		waitSelected(x, "Production")
		x.Send("d\r\r")
		s := x.WaitFor("┌ Delete Production?")
		for _, said := range []string{"Whatever sends this key stops working at once.", "│ Key ", "│ Created ", "│ Last used ", "Type the name to delete it: Production"} {
			if !s.Contains(said) {
				p.tb.Errorf("it does not say %q\n%s", said, s.Frame())
			}
		}
		for _, wrong := range []string{"production", "Production ", " Production", "Prοduction", "Production\u200b", "staging"} {
			x.Type(wrong)
			x.Key(term.Enter)
			s := x.Screen()
			if !s.Contains("[ delete ] waits for the exact name") || !s.Contains("type the exact name first") {
				p.tb.Errorf("%q armed it\n%s", wrong, s.Frame())
			}
			x.Key(term.Ctrl('u'))
		}
		if n := strings.Count(p.run("list"), "clv_…"); n != 2 {
			p.tb.Fatalf("%d keys are left, want 2", n)
		}
		x.Type("Production")
		x.WaitFor("[ enter deletes it for good ]")
		x.Key(term.Enter)
		x.WaitFor("deleted Production for good")
		s = waitList(x, 1)
		if selected(s) != "staging" || s.Contains("> Production") {
			p.tb.Errorf("the list after\n%s", s.Frame())
		}
		if r := p.Run(p.tb, secrets[1]+"\n", nil, "verify"); r.Code != 1 {
			p.tb.Errorf("the deleted key verifies: code %d", r.Code)
		}
		x.Type("3")
		s = x.WaitFor(" deleted ")
		if line := s.LineWith(" deleted "); !strings.Contains(line, "Production") {
			p.tb.Errorf("no activity line\n%s", s.Frame())
		}
		x.Type("1dstaging")
		x.WaitFor("[ enter deletes it for good ]")
		x.Key(term.Esc)
		waitList(x, 1)
	})
}

// TestDeleteByID: a key whose name needs escaping, or which another key has too, is deleted by its id.
func TestDeleteByID(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{Cols: 100}, func(p *place) {
		p.create("first")
		id := p.plant("\x1b[2Jproduction\u202e")
		x := p.open()
		waitList(x, 2)
		s := x.Screen()
		if !s.Contains("> ⟨U+001B⟩[2Jproduction⟨U+202E⟩") {
			p.tb.Fatalf("the name is not escaped\n%s", s.Frame())
		}
		x.Type("d")
		s = x.WaitFor("Type the id to delete it: " + id)
		if !s.Contains("This name cannot be typed with certainty") {
			p.tb.Errorf("it does not say why\n%s", s.Frame())
		}
		x.Type("production")
		x.Key(term.Enter)
		x.WaitFor("[ delete ] waits for the exact id")
		x.Key(term.Ctrl('u'))
		x.Paste(id)
		x.WaitFor("[ enter deletes it for good ]")
		x.Key(term.Enter)
		waitSelected(x, "first")
		waitList(x, 1)
	})
}
