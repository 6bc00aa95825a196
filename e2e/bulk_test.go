//go:build linux || darwin

package e2e

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/e2e/crowd"
	"clavier/e2e/term"
	"clavier/model"
	"clavier/seal"
	"clavier/store"
)

// ids are the ids of the keys that list tells of.
func (p *place) ids(args ...string) []string {
	p.tb.Helper()
	lines, err := csv.NewReader(strings.NewReader(p.run(append([]string{"list", "--csv"}, args...)...))).ReadAll()
	p.must(err)
	list := make([]string, 0, len(lines))
	at := slices.Index(lines[0], "id")
	for _, line := range lines[1:] {
		list = append(list, line[at])
	}
	return list
}

// deletions are the lines of activity that tell of a deletion: how many for each id.
func (p *place) deletions() map[string]int {
	p.tb.Helper()
	ctx := context.Background()
	records, err := store.Open(ctx, p.Database())
	p.must(err)
	defer func() { p.must(records.Close()) }()
	lines, err := records.Activity(ctx, 5000)
	p.must(err)
	found := map[string]int{}
	for _, line := range lines {
		if line.Action == model.ActionDeleted {
			found[line.KeyID]++
		}
	}
	return found
}

// verifies reports whether the secret of a key is good.
func (p *place) verifies(key crowd.Key) bool {
	p.tb.Helper()
	r := p.Run(p.tb, key.Secret.Reveal()+"\n", nil, "verify")
	if r.Code == 0 && r.Out != key.Name+"\n" {
		p.tb.Errorf("the secret of %s verifies as %s", key.Name, r.Out)
	}
	return r.Code == 0
}

// mustLeave fails the test unless exactly these keys are gone, of all that there were, each with one line of activity.
func (p *place) mustLeave(all, gone []crowd.Key) {
	p.tb.Helper()
	left := map[string]bool{}
	for _, id := range p.ids() {
		left[id] = true
	}
	lines := p.deletions()
	if len(left) != len(all)-len(gone) || len(lines) != len(gone) {
		p.tb.Errorf("%d keys are left and %d lines tell of a deletion, want %d and %d", len(left), len(lines), len(all)-len(gone), len(gone))
	}
	for _, key := range gone {
		if left[key.ID] || lines[key.ID] != 1 {
			p.tb.Errorf("%s: listed %t, %d lines of its deletion", key.Name, left[key.ID], lines[key.ID])
		}
		left[key.ID] = true
	}
	for _, key := range all {
		if !left[key.ID] {
			p.tb.Fatalf("%s is gone", key.Name)
		}
	}
}

// mustBeWhollyThereOrGone fails the test unless the store finds the digests of exactly those keys that are not gone, and what
// it holds of these unseals to their secrets. Other than by verify, no use is noted.
func (p *place) mustBeWhollyThereOrGone(all, gone []crowd.Key) {
	p.tb.Helper()
	ctx := context.Background()
	vault, err := seal.Open(seal.Options{IdentityPath: p.Identity(), Own: true})
	p.must(err)
	records, err := store.Open(ctx, p.Database())
	p.must(err)
	defer func() { p.must(records.Close()) }()
	for _, key := range all {
		found, findErr := records.Find(ctx, key.Secret.Digest())
		sealed, sealedErr := records.Sealed(ctx, key.ID)
		if slices.Contains(gone, key) {
			if !errors.Is(findErr, model.ErrNotFound) || !errors.Is(sealedErr, model.ErrNotFound) {
				p.tb.Errorf("%s is gone, and the store has it: %v, %v", key.Name, findErr, sealedErr)
			}
			continue
		}
		secret, unsealErr := vault.Unseal(sealed)
		if err := errors.Join(findErr, sealedErr, unsealErr); err != nil || found.ID != key.ID || secret.Reveal() != key.Secret.Reveal() {
			p.tb.Errorf("%s is there, and not wholly: %v", key.Name, err)
		}
	}
}

// named finds a key by its name.
func named(keys []crowd.Key, name string) crowd.Key {
	i := slices.IndexFunc(keys, func(key crowd.Key) bool { return key.Name == name })
	return keys[i]
}

// waitReport waits until many keys have been deleted, each of which may take its time, and the report has this title.
func waitReport(tb testing.TB, x term.Terminal, title string) term.Screen {
	tb.Helper()
	var s term.Screen
	tb = nowhere{tb, func() string { return s.Frame() }} //nolint:gocritic // s changes while it is waited for
	within(tb, 6*term.Patience(), "the report "+title, func() bool {
		s = x.Screen()
		return s.Contains("┌ " + title + " ")
	})
	return s
}

// TestBulkDeleteOfManyKeys: of 100 000 keys a filter finds the dead ones; the protected one among them is confirmed by
// its name, the one in use is left out, the sentence deletes the others. What is gone, and what is left, is exactly that.
func TestBulkDeleteOfManyKeys(t *testing.T) { //nolint:gocyclo // one story
	t.Parallel()
	everywhere(t, wide, func(p *place) {
		all := p.populate(many)
		const text = crowd.Family + " age>3y"
		query, now := p.query(text), time.Now()
		var doomed []crowd.Key
		for _, key := range all {
			if query.Match(key.Key, now) {
				doomed = append(doomed, key)
			}
		}
		n := len(doomed)
		prod, busy := named(doomed, crowd.Protected), named(doomed, crowd.Busy)
		if n < 30 {
			p.tb.Fatalf("the filter finds %d keys only", n)
		}
		x := p.open()
		waitLoaded(p.tb, x, plain(all))
		filter(x, text)
		x.WaitUntil("the dead keys", func(s term.Screen) bool { return tally(s, grouped(n)+" of 100 000") })
		x.Key(term.Enter)
		x.Type("a")
		x.WaitFor(fmt.Sprintf("marked all %d that are shown", n))

		// Enter, typed ahead, does nothing, nor does the sentence before its time.
		x.Send("d\r\r")
		s := x.WaitUntil("the whole dialog", func(s term.Screen) bool {
			return s.Contains(fmt.Sprintf("┌ Delete %d keys? ", n)) && s.Contains(fmt.Sprintf("1 of %d", n))
		})
		for _, said := range []string{
			"Whatever sends these keys stops working at once. This cannot be undone.",
			"2 of them are in use or protected: confirm each, or leave it out.",
			fmt.Sprintf("1 of %d", n),
		} {
			if !s.Contains(said) {
				p.tb.Errorf("it does not say %q\n%s", said, s.Frame())
			}
		}
		if !strings.Contains(s.LineWith(prod.Name+" "), "protected") || !strings.Contains(s.LineWith(busy.Name+" "), "in use") {
			p.tb.Errorf("the two do not stand out\n%s", s.Frame())
		}
		for _, key := range doomed[:3] {
			if line := s.LineWith(key.Hint); !strings.Contains(line, key.Name+" ") {
				p.tb.Errorf("%s is not listed\n%s", key.Name, s.Frame())
			}
		}
		x.Send(fmt.Sprintf("delete %d keys\r", n))
		s = x.WaitFor("[ confirm ] waits for the exact name")
		if !s.Contains("type the exact name first, or ctrl+x leaves the key out") {
			p.tb.Errorf("enter was not refused\n%s", s.Frame())
		}
		x.Key(term.CtrlU)

		// The list is walked through to its end: every name can be read.
		x.Send("\x1b[1;5F")
		s = x.WaitFor(fmt.Sprintf("%d of %d", n, n))
		if last := doomed[n-1]; !strings.Contains(s.LineWith(last.Hint), "> "+last.Name) {
			p.tb.Errorf("the last key\n%s", s.Frame())
		}
		x.Send("\x1b[1;5H")
		x.WaitFor(fmt.Sprintf(" 1 of %d", n))

		// The protected one by its exact name; the one in use is left out.
		for range 2 {
			s = x.Screen()
			switch {
			case s.Contains("Type its name to delete it too: " + prod.Name):
				if !s.Contains(prod.Name + " is protected.") {
					p.tb.Errorf("it does not say why\n%s", s.Frame())
				}
				x.Type(strings.ToUpper(prod.Name))
				x.Key(term.Enter)
				x.WaitFor("[ confirm ] waits for the exact name")
				x.Key(term.CtrlU)
				x.Type(prod.Name)
				x.WaitFor("[ enter confirms it ]")
				x.Key(term.Enter)
				x.WaitUntil("it to be confirmed", func(s term.Screen) bool {
					return strings.Contains(s.LineWith(prod.Name+" "), " confirmed ")
				})
			case s.Contains("Type its name to delete it too: " + busy.Name):
				if !strings.Contains(s.LineWith(busy.Name+" was used "), "h ago") {
					p.tb.Errorf("it does not say why\n%s", s.Frame())
				}
				x.Key(term.Ctrl('x'))
				x.WaitUntil("it to be left out", func(s term.Screen) bool {
					return strings.Contains(s.LineWith(busy.Name+" "), " left out ")
				})
			default:
				p.tb.Fatalf("neither of the two is asked for\n%s", s.Frame())
			}
		}
		sentence := fmt.Sprintf("delete %d keys", n-1)
		x.WaitFor("Type this to delete them: " + sentence)
		for _, wrong := range []string{fmt.Sprintf("delete %d keys", n), "Delete" + sentence[6:], sentence + " "} {
			x.Type(wrong)
			x.Key(term.Enter)
			x.WaitFor("[ delete ] waits for the exact sentence")
			x.Key(term.CtrlU)
		}
		x.Type(sentence)
		x.WaitFor(fmt.Sprintf("[ enter deletes %d keys for good ]", n-1))
		began := time.Now()
		x.Key(term.Enter)
		s = waitReport(p.tb, x, fmt.Sprintf("Deleted %d of %d keys", n-1, n-1))
		p.tb.Logf("%d keys were deleted in %v", n-1, time.Since(began).Round(time.Millisecond))
		if s.Contains("failed") || !s.Contains("  deleted") {
			p.tb.Errorf("the report\n%s", s.Frame())
		}
		if bar := "Deleting " + fmt.Sprint(n-1) + " keys"; !strings.Contains(string(x.Raw()), bar) {
			p.tb.Errorf("no progress was shown")
		}
		leave(p.tb, x, "┌ Deleted")

		// The one that was left out stays, with its mark.
		s = x.WaitUntil("the list without them", func(s term.Screen) bool {
			return tally(s, "1 of "+grouped(len(all)-n+1)) && len(rows(s)) == 1
		})
		if r := rows(s)[0]; r.name != busy.Name || r.marker != " >*" || !strings.HasSuffix(s.Line(0), "· 1 marked") {
			p.tb.Errorf("what is left of them\n%s", s.Frame())
		}
		gone := slices.DeleteFunc(slices.Clone(doomed), func(key crowd.Key) bool { return key.ID == busy.ID })

		// The activity tells of each, the newest first.
		x.Type("3")
		x.WaitFor(" deleted ")
		told := map[string]bool{}
		for range n {
			s = x.Screen()
			for _, key := range gone {
				if line := s.LineWith(key.ID[:13]); strings.Contains(line, " deleted ") && strings.Contains(line, key.Name) {
					told[key.ID] = true
				}
			}
			if len(told) == len(gone) {
				break
			}
			x.Key(term.PageDown)
			x.WaitUntil("the next page", func(now term.Screen) bool { return now.Frame() != s.Frame() })
		}
		if len(told) != len(gone) {
			p.tb.Errorf("the activity tells of %d deletions, want %d\n%s", len(told), len(gone), s.Frame())
		}
		x.Type("q")
		if code := x.WaitExit(); code != 0 {
			p.tb.Errorf("code %d", code)
		}
		p.mustLeave(all, gone)
		mustBePrivate(p.tb, p.Data())
		for _, key := range []crowd.Key{prod, gone[0], gone[len(gone)/2], gone[len(gone)-1]} {
			if p.verifies(key) {
				p.tb.Errorf("%s was deleted and verifies", key.Name)
			}
		}
		if !p.verifies(busy) {
			p.tb.Errorf("%s was left out and does not verify", busy.Name)
		}
		if left := p.ids("--filter", text); len(left) != 1 || left[0] != busy.ID {
			p.tb.Errorf("list finds %d keys", len(left))
		}
	})
}
