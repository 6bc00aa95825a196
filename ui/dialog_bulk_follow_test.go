package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/table"
)

// TestBulkFollowsWhatIsDeleted: the number changes and what was typed no longer counts.
func TestBulkFollowsWhatIsDeleted(t *testing.T) {
	s := start(t, crew(t))
	s.bulk("team-1", "team-2", "team-3")
	s.typed("delete 3 keys")
	s.fakes.gone("team-2")
	s.after(time.Second)
	s.shows("Delete 2 keys?", "team-2  gone", "team-2 was deleted by another program", "Type this to delete them: delete 2 keys",
		"[ delete ] waits for the exact sentence")
	s.press("enter")
	s.says("type the exact sentence first: delete 2 keys")
	s.clock.advance(settle)
	s.press("down", "ctrl+x")
	s.says("another program has deleted this key")
	s.typed("delete 2 keys")
	s.hides("team-2 was deleted by another program")
	s.press("enter")
	s.shows("Deleted 2 of 2 keys")
	s.fakes.gone("team-6")
	if got := s.live(); got != "team-4 team-5" {
		t.Errorf("left are %s", got)
	}
}

// TestBulkNumberDoesNotBecomeWhatWasTyped: a wrong number does not become the right one by what another program does.
func TestBulkNumberDoesNotBecomeWhatWasTyped(t *testing.T) {
	s := start(t, crew(t))
	s.bulk("team-1", "team-2", "team-3")
	s.typed("delete 2 keys")
	s.fakes.gone("team-2")
	s.after(time.Second)
	s.press("enter")
	s.shows("[ delete ] waits for the exact sentence", "Sentence:")
	s.hides("Sentence: delete")
	if s.fakes.called("delete") != 0 {
		t.Error("what was typed for 3 keys deletes 2")
	}
}

func TestBulkFollowsWhenAllAreDeleted(t *testing.T) {
	s := start(t, crew(t))
	s.bulk("team-1", "team-2")
	s.typed("delete 2 keys")
	s.fakes.gone("team-1")
	s.fakes.gone("team-2")
	s.after(time.Second)
	s.shows("Delete 0 keys?", "2 keys were deleted by another program", "[ delete ] has no key left")
	s.press("enter", "esc")
	if s.fakes.called("delete") != 0 || s.app.top() != nil {
		t.Error("the dialog cannot be left, or deletes")
	}
}

// TestBulkFollowsWhatComesIntoUse: such a key must be confirmed, and what was typed so far does not count.
func TestBulkFollowsWhatComesIntoUse(t *testing.T) {
	s := start(t, crew(t))
	s.bulk("team-1", "team-2", "team-3")
	s.typed("delete 3 keys")
	s.fakes.used("team-3", time.Second)
	s.after(time.Second)
	s.shows("Delete 3 keys?", "> team-3  in use", "team-3 has changed: confirm it or leave it out",
		"team-3 was used 2s ago. Type its name to delete it too: team-3", "[ confirm ] waits for the exact name")
	s.typed("team-3") // too soon: it was meant for what was asked before
	s.press("enter")
	s.says("type the exact name first, or ctrl+x leaves the key out")
	s.clock.advance(settle)
	s.typed("team-3")
	s.press("enter")
	s.shows("team-3  confirmed", "Type this to delete them: delete 3 keys", "Sentence:")
	s.hides("Sentence: delete")
	s.typed("delete 3 keys")
	s.press("enter")
	if got := s.live(); got != "team-4 team-5 team-6" {
		t.Errorf("left are %s", got)
	}
}

// TestBulkConfirmedKeyGetsAnotherReason: a protected key that comes into use after it was confirmed is asked for again.
func TestBulkConfirmedKeyGetsAnotherReason(t *testing.T) {
	s := start(t, crew(t, "prod-a", "prod-b"))
	s.bulk("prod-a", "prod-b", "team-1")
	s.typed("prod-a")
	s.press("enter")
	s.typed("prod-b")
	s.press("enter", "ctrl+home", "ctrl+x")
	s.shows("delete 2 keys", "prod-a  left out")
	s.fakes.used("prod-a", time.Second)
	s.fakes.used("prod-b", time.Second)
	s.after(time.Second)
	s.shows("prod-a  left out", "prod-b  in use, protected", "prod-b has changed", "Type its name to delete it too: prod-b")
	s.clock.advance(settle)
	s.press("ctrl+x")
	s.shows("delete 1 key")
}

// TestT23ConfirmedNameBecomesUncertain: another key gets the same name.
func TestT23ConfirmedNameBecomesUncertain(t *testing.T) {
	s := start(t, crew(t, "prod-a"))
	id := s.fakes.named("prod-a")[0].ID
	s.bulk("prod-a", "team-1")
	s.typed("prod-a")
	s.press("enter")
	s.typed("delete 2 keys")
	s.fakes.add(t, "prod-a", time.Minute)
	s.after(time.Second)
	s.shows("prod-a has changed: confirm it or leave it out", "Type its id to delete it too: "+id)
	s.press("enter")
	if s.app.bulkRunning() {
		t.Error("the sentence deletes although a name is uncertain")
	}
	s.clock.advance(settle)
	s.typed(id)
	s.press("enter")
	s.fakes.add(t, "prod-a", time.Minute) // it was confirmed by its id: a third one changes nothing
	s.after(time.Second)
	s.shows("prod-a  confirmed")
}

// TestT23NameBecomesUncertainWhileTyped: from then on the id is asked for.
func TestT23NameBecomesUncertainWhileTyped(t *testing.T) {
	s := start(t, crew(t, "prod-a"))
	s.bulk("prod-a", "team-1")
	s.typed("prod-a")
	s.shows("[ enter confirms it ]")
	s.fakes.add(t, "prod-a", time.Minute)
	s.after(time.Second)
	s.shows("[ confirm ] waits for the exact id")
	s.press("enter")
	s.hides("  confirmed")
}

// TestBulkKeepsWhatIsTypedForOthers: what another program does to other keys takes nothing away.
func TestBulkKeepsWhatIsTypedForOthers(t *testing.T) {
	s := start(t, crew(t, "prod-a"))
	s.bulk("prod-a", "team-1", "team-2")
	s.typed("prod-")
	s.fakes.add(t, "newer", time.Minute)
	s.fakes.gone("team-5")
	s.fakes.used("team-6", time.Minute)
	s.after(time.Second)
	s.shows("Name: prod- ")
	s.typed("a")
	s.press("enter")
	s.typed("delete 3")
	s.fakes.gone("team-6")
	s.after(time.Second)
	s.typed(" keys")
	s.shows("[ enter deletes 3 keys for good ]")
}

// TestBulkReadsOnceAfterwards: while keys are deleted nobody asks for changes, and then the list is read once.
func TestBulkReadsOnceAfterwards(t *testing.T) {
	s := start(t, crew(t))
	s.bulk()
	s.typed("delete 6 keys")
	s.hold("delete")
	s.press("enter")
	versions, lists := s.fakes.called("version"), s.fakes.called("list")
	for range 20 {
		s.after(time.Second)
	}
	if s.fakes.called("version") != versions || s.fakes.called("list") != lists {
		t.Errorf("meanwhile the list was asked for")
	}
	s.release("delete")
	if s.fakes.called("version") != versions+1 || s.fakes.called("list") > lists+1 {
		t.Errorf("afterwards the list was asked for %d times", s.fakes.called("version")-versions)
	}
	s.shows("Deleted 6 of 6 keys", "0 keys")
}

// TestBulkReportFollows: a key that could not be deleted and is gone when the list is read again is not tried again.
func TestBulkReportFollows(t *testing.T) {
	s := start(t, crew(t), trouble(func(int, string) error { return model.ErrStoreWrite }))
	s.bulk("team-1", "team-2")
	s.typed("delete 2 keys")
	s.press("enter")
	s.shows("Deleted 0 of 2 keys · 2 failed", "team-1  failed: the store cannot be written")
	s.fakes.gone("team-1")
	s.after(time.Second)
	s.shows("Deleted 0 of 2 keys · 1 failed · 1 already gone", "team-1  no longer in the list", "[ enter retries 1 failed ]")
}

// looking opens the dialog over more keys than are looked at while the screen waits, and returns what looks at them, not run yet.
func looking(s *screen) tea.Cmd {
	s.mark()
	_, cmd := s.app.Update(keyMsg("d"))
	return cmd
}

// TestBulkLooksBesideTheScreen: while very many keys are being looked at nothing is armed, and esc leaves.
func TestBulkLooksBesideTheScreen(t *testing.T) {
	const count = bulkAtOnce + 1
	sentence := fmt.Sprintf("delete %d keys", count)
	s := start(t, swarm(count), func(s *setup) { s.options.Profile.Protect = model.Patterns{"*-000777"} })
	cmd := looking(s)
	s.shows("Delete the marked keys?", "Looking at them, for those that are in use or protected …")
	s.paste(sentence)
	s.press("enter")
	s.says("the keys are still being looked at")
	s.press("ctrl+x")
	s.says("there is no key here")
	s.press("ctrl+o", "down", "ctrl+end", "pgup")
	s.run(cmd)
	s.shows(fmt.Sprintf("Delete %d keys?", count), "> key-000777  protected", "Type its name to delete it too: key-000777")
	s.hides("Name: delete")
	s.press("ctrl+x")
	s.shows(fmt.Sprintf("Delete %d keys?", count-1), "  key-000000", "  key-000001")

	s = start(t, swarm(count))
	cmd = looking(s)
	s.press("esc")
	s.run(cmd)
	if s.app.top() != nil || len(s.app.ops) != 0 {
		t.Errorf("esc does not leave:\n%s", s.text())
	}
}

// TestBulkLooksAgainBesideTheScreen: from the moment at which the list changes until the keys are looked at again, nothing
// is armed; what changes meanwhile counts too.
func TestBulkLooksAgainBesideTheScreen(t *testing.T) {
	const count = bulkAtOnce + 1
	sentence := fmt.Sprintf("delete %d keys", count)
	s := start(t, swarm(count))
	s.bulk()
	s.paste(sentence)
	s.shows("[ enter deletes")
	d := s.app.top().(*bulkDialog)
	inUse := func(name string) {
		key := s.fakes.named(name)[0]
		key.LastUse = model.LastUse{Reported: true, At: s.clock.Now()}
		s.app.list.apply(model.Changes{Keys: []model.Key{key}})
	}
	inUse("key-000003")
	cmd := s.app.follow()
	s.shows("[ delete ] waits: the keys have changed and are looked at again", "Sentence: "+sentence)
	s.press("enter")
	s.says("the keys are still being looked at")
	inUse("key-000005")
	if s.app.follow() != nil {
		t.Error("the keys are looked at twice at a time")
	}
	s.run(cmd)
	s.shows("2 of them are in use or protected", "> key-000003  in use", "key-000005  in use", "Name:")
	s.hides("Name: delete")
	s.press("enter")
	if s.app.bulkRunning() || d.open != 2 {
		t.Error("a key that came into use is deleted with the others")
	}
}

// TestBulkFollowsIntoAnotherTable: everything is read again, the list has another table.
func TestBulkFollowsIntoAnotherTable(t *testing.T) {
	s := start(t, crew(t, "prod-a"))
	s.bulk("prod-a", "team-1", "team-2")
	s.typed("prod-a")
	s.press("enter")
	before := s.app.list.table
	s.fakes.gone("team-1")
	s.fakes.add(t, "newer", time.Minute)
	s.run(s.app.reload(opQuiet))
	if s.app.list.table == before {
		t.Fatal("the list was not read again")
	}
	s.shows("Delete 2 keys?", "prod-a  confirmed", "team-1  gone", "team-2  ")
	s.clock.advance(settle)
	s.typed("delete 2 keys")
	s.press("enter")
	if got := s.live(); got != "newer team-3 team-4 team-5 team-6" {
		t.Errorf("left are %s", got)
	}
}

// TestBulkLookFails: a failure inside arms nothing.
func TestBulkLookFails(t *testing.T) {
	s := start(t, swarm(bulkAtOnce+1))
	s.mayCrash = true
	d := &bulkDialog{field: newField(false), asked: -1, table: s.app.list.table}
	s.app.open(d)
	s.run(lookAt(s.app, d, bulkAtOnce+1, func(context.Context) int { panic("inside") }, func(int) { t.Error("it goes on") }))
	if s.app.top() != nil || !strings.Contains(s.status(), "failed inside clavier") {
		t.Errorf("the dialog stays:\n%s", s.text())
	}
}

func TestAsListed(t *testing.T) {
	for _, c := range []struct{ rows, listed, want []table.Row }{
		{nil, []table.Row{1, 2}, nil},
		{[]table.Row{3, 1, 2}, nil, []table.Row{3, 1, 2}},
		{[]table.Row{1, 2, 5, 9}, []table.Row{9, 100, 4, 2}, []table.Row{9, 2, 1, 5}},
	} {
		if got := asListed(c.rows, c.listed); !slices.Equal(got, c.want) {
			t.Errorf("of %v, %v are listed: %v", c.rows, c.listed, got)
		}
	}
}
