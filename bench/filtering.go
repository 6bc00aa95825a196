//go:build linux || darwin

package bench

import (
	"fmt"
	"sync"
	"time"
)

// Queries are what people look for among the keys of a crowd: words that are
// in many names, in few, in none; several words; a word that must not be
// there. No two begin with the same letter, so that no program can answer one
// with what it kept of another.
var Queries = []Query{
	{With: []string{"payments"}},
	{With: []string{"staging"}},
	{With: []string{"kyc", "prod"}},
	{With: []string{"ocr-worker"}},
	{With: []string{"ledger"}, Without: []string{"prod"}},
	{With: []string{"acme", "scoring"}},
	{With: []string{"zookeeper"}},
}

// Typing is how one subject answered while queries were typed.
type Typing struct {
	// Times is from each key press to the last byte that changed the screen, on
	// which the final number of matches then stands.
	Times Sample
	// Unchanged is how many of the presses left the number of matches as it was.
	// Nothing on the screen tells when such a search is over, so the terminal must
	// have been quiet for longer.
	Unchanged int
}

// Filtering types every query once into each subject, character by character.
// Each query meets a subject that has not seen it or its beginning before and
// shows all rows; the subjects run at the same time and take turns query by
// query.
func Filtering(subjects []Subject, c *Crowd, queries []Query, cols, rows int) ([]Typing, error) {
	counts := answers(subjects, c, queries)
	lives, err := launchAll(subjects, c, cols, rows)
	defer closeAll(lives)
	if err != nil {
		return nil, err
	}
	all := make([]Typing, len(subjects))
	for q, query := range queries {
		for turn := range lives {
			i := (turn + q) % len(lives)
			if err := all[i].query(lives[i], query, counts[i][q], len(c.Keys)); err != nil {
				return nil, fmt.Errorf("filter %q: %w", query.With, err)
			}
		}
	}
	return all, nil
}

// query types one query and drops it.
func (a *Typing) query(l *live, q Query, counts []int, total int) error {
	tall := l.subject.Tall
	if tall.Open != "" {
		if _, err := l.press(tall.Open); err != nil {
			return err
		}
	}
	before := total
	for i, char := range tall.Filter.spell(q) {
		quiet := Quiet
		if counts[i] == before {
			quiet = a.silence()
			a.Unchanged++
		}
		took, err := l.ask(string(char), quiet, matching(l.subject, counts[i], total))
		if err != nil {
			return err
		}
		a.Times = append(a.Times, took)
		before = counts[i]
	}
	if _, err := l.ask(tall.Drop, Quiet, counted(l.subject, total)); err != nil {
		return err
	}
	// What the subject does for itself afterwards must not fall into the next turn.
	l.hush(loadQuiet)
	l.replay(nil)
	return nil
}

// silence is how long no byte may come before a search that does not change the
// number is taken to be over: three times the slowest answer so far, within
// bounds.
func (a *Typing) silence() time.Duration {
	return min(max(3*a.Times.Quantile(1), 150*time.Millisecond), time.Second)
}

// answers counts, for each subject and query and each key press of it, how
// many rows must be shown.
func answers(subjects []Subject, c *Crowd, queries []Query) [][][]int {
	all := make([][][]int, len(subjects))
	var wait sync.WaitGroup
	for i, s := range subjects {
		wait.Go(func() {
			f := s.Tall.Filter
			texts := f.texts(c.Keys)
			for _, q := range queries {
				var counts []int
				typed := f.spell(q)
				for end := range typed {
					counts = append(counts, f.count(texts, typed[:end+1]))
				}
				all[i] = append(all[i], counts)
			}
		})
	}
	wait.Wait()
	return all
}
