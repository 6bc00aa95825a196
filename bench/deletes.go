//go:build linux || darwin

package bench

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"time"

	"clavier/e2e/term"
	"clavier/model"
	"clavier/store"
)

// doomedName begins the names of the keys that are deleted.
const doomedName = "retired-"

// Deletes lets clavier delete n keys among those of a crowd, with marks and the
// typed sentence, rounds times, each time in another copy of the store, and
// checks that the store has lost them and no other. The time is from enter on
// the sentence to the screen that tells what became of each key; by then each
// deletion is durable. The copies lie in dir, which must be on a drive for that
// to mean anything.
func Deletes(dir string, c *Crowd, n, rounds, cols, rows int) (Sample, error) {
	with := filepath.Join(dir, fmt.Sprintf("doomed-%d-%d.db", len(c.Keys), n))
	err := copyFile(with, c.Store)
	if err == nil {
		err = change(with, func(s *store.Store) error {
			return s.Fill(context.Background(), doomed(n), model.Actor{By: "bench", From: "bench"})
		})
	}
	if err != nil {
		return nil, err
	}
	var times Sample
	for round := range rounds {
		home := fmt.Sprintf("delete-%d", round)
		s, err := clavier(dir, home, with, nil, len(c.Keys)+n)
		if err != nil {
			return nil, err
		}
		took, err := sweep(s, n, cols, rows)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
		keys, err := listed(filepath.Join(dir, home, "data", "clavier", "local.db"))
		if err != nil {
			return nil, err
		}
		if err := spared(keys, len(c.Keys)); err != nil {
			return nil, err
		}
	}
	return times, nil
}

// sweep deletes the n doomed keys and returns how long that took.
func sweep(s Subject, n, cols, rows int) (time.Duration, error) {
	l, err := launch(s, cols, rows)
	if err != nil {
		return 0, err
	}
	defer l.close()
	if _, err := l.moments(loadQuiet, counted(s, s.Rows)); err != nil {
		return 0, err
	}
	sentence := fmt.Sprintf("delete %d keys", n)
	for _, step := range []struct {
		key string
		w   want
	}{
		{s.Tall.Open, shows(" /")},
		{"name:" + doomedName, matching(s, n, s.Rows)},
		{"\r", matching(s, n, s.Rows)},
		{s.Tall.MarkAll, marked(s, n)},
		{"d", shows(fmt.Sprintf("Delete %d keys?", n))},
		{sentence, shows(sentence)},
	} {
		// Longer than a dialog that opens takes no keys.
		if _, err := l.ask(step.key, 2*loadQuiet, step.w); err != nil {
			return 0, err
		}
	}
	return l.ask("\r", Quiet, deletedAll(n))
}

// deletedAll is the report that all n keys are deleted. The screen writes large numbers in groups of three digits.
func deletedAll(n int) want {
	text := fmt.Sprintf("Deleted%[1]dof%[1]dkeys", n)
	return want{text, func(s term.Screen) bool { return strings.Contains(strings.ReplaceAll(s.String(), " ", ""), text) }}
}

// doomed are n keys that nobody uses or protects.
func doomed(n int) iter.Seq[model.Record] {
	return func(yield func(model.Record) bool) {
		for i := range n {
			r := record(i, fmt.Sprintf("%s%04d", doomedName, i))
			r.Key.ID = strings.Replace(r.Key.ID, "00000000", "00000001", 1)
			if !yield(r) {
				return
			}
		}
	}
}

// spared checks that of the keys exactly those are left that were not doomed.
func spared(keys []model.Key, left int) error {
	for _, key := range keys {
		if strings.HasPrefix(key.Name, doomedName) {
			return fmt.Errorf("%s is still in the store", key.Name)
		}
	}
	if len(keys) != left {
		return fmt.Errorf("%d keys are left in the store and not %d", len(keys), left)
	}
	return nil
}
