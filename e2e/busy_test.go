//go:build linux || darwin

package e2e

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"clavier/e2e/term"
)

// holdWrites lets nobody write to the store until the function it returns is called.
func (p *place) holdWrites() (release func()) {
	p.tb.Helper()
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:"+p.Database())
	p.must(err)
	conn, err := db.Conn(ctx)
	p.must(err)
	_, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	p.must(err)
	return func() {
		_, err := conn.ExecContext(ctx, "ROLLBACK")
		p.must(err)
		p.must(conn.Close())
		p.must(db.Close())
	}
}

// TestCreateWaits: while the store is held by another program, a create says what it is doing, takes no second enter,
// asks before it is left, and goes on when the store is free.
func TestCreateWaits(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		p.create("first")
		x := p.open()
		waitSelected(x, "first")
		release := p.holdWrites()
		x.Type("nproduction")
		x.WaitFor("enter creates it")
		x.Send("\r\rmore")
		s := x.WaitFor(" creating production · esc cancels")
		if !s.Contains("│ Name: production ") {
			p.tb.Errorf("the field is not locked\n%s", s.Frame())
		}
		x.Key(term.CtrlC)
		x.WaitFor("┌ Leave now?")
		x.Send("\r") // the answer is no unless it is y
		x.WaitGone("┌ Leave now?")
		release()
		x.WaitFor("production was created")
		if names := strings.Join(p.keys(), " "); names != "production first" {
			p.tb.Errorf("the keys are %s", names)
		}
	})
}

// TestCreateCancelled: esc gives a create up that has to wait, and nothing is made.
func TestCreateCancelled(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{})
	p.create("first")
	x := p.Start(p.tb, p.opts)
	waitSelected(x, "first")
	release := p.holdWrites()
	x.Type("nproduction")
	x.WaitFor("enter creates it")
	x.Key(term.Enter)
	x.WaitFor(" creating production · esc cancels")
	x.Key(term.Esc)
	x.WaitFor("cancelled; the list shows whether the key was made")
	release()
	leave(p.tb, x, "┌ New")
	waitList(x, 1)
	if names := strings.Join(p.keys(), " "); names != "first" {
		p.tb.Errorf("the keys are %s", names)
	}
}

// TestCreateGivesUp: a store that stays held is an error in the dialog, which keeps the name, and enter tries again.
func TestCreateGivesUp(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{Cols: 120})
	p.create("first")
	x := p.Start(p.tb, p.opts)
	waitSelected(x, "first")
	release := p.holdWrites()
	x.Type("nproduction")
	x.WaitFor("enter creates it")
	x.Key(term.Enter)
	s := x.WaitFor(" is busy: another program held it for 5 s")
	if !s.Contains("│ Name: production ") {
		p.tb.Errorf("the name is lost\n%s", s.Frame())
	}
	release()
	x.Key(term.Enter)
	x.WaitFor("production was created")
}

// TestLeftDuringCreate: leaving in spite of the question ends the program soon, with a whole terminal and a sound store.
func TestLeftDuringCreate(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{})
	p.create("first")
	x := p.Start(p.tb, p.opts)
	waitSelected(x, "first")
	release := p.holdWrites()
	x.Type("nproduction")
	x.WaitFor("enter creates it")
	x.Key(term.Enter)
	x.WaitFor(" creating production · esc cancels")
	x.Key(term.CtrlC)
	x.WaitFor("┌ Leave now?")
	x.Type("y")
	x.WaitExit()
	x.MustBeWhole(p.tb)
	release()
	p.mustBeSound(nil)
}
