//go:build linux || darwin

package bench

import (
	"fmt"
	"slices"

	"clavier/model"
)

// Whole is how long one subject took for something that touches every key.
type Whole struct {
	// What was done, and by which subject.
	What, Subject string
	// Times is from the key press to the last byte that changed the screen.
	Times Sample
}

// sorting are the orders that clavier's s goes through, beginning with the one
// that it starts in, and then S.
var sorting = []struct {
	what, key string
	order     model.Order
}{
	{"last use", "s", model.Order{By: model.SortUsed}},
	{"end", "s", model.Order{By: model.SortExpires}},
	{"name", "s", model.Order{By: model.SortName}},
	{"creation", "s", model.Order{By: model.SortCreated}},
	{"creation, turned round", "S", model.Order{By: model.SortCreated, Reverse: true}},
}

// Wholes measures, rounds times, how each subject marks all keys, and how
// clavier, the first of them, sorts them: to the first rows in the new order,
// and, each time in a program that has not sorted before, to the last ones, for
// which all must be in order.
func Wholes(subjects []Subject, c *Crowd, rounds, cols, rows int) ([]Whole, error) {
	all, err := markings(subjects, c, rounds, cols, rows)
	if err != nil {
		return nil, err
	}
	ends := make([][2][]string, len(sorting))
	for i, s := range sorting {
		ends[i] = outermost(c.Keys, s.order)
	}
	for end, which := range []string{"first rows", "last rows"} {
		sorts := make([]Whole, len(sorting))
		for i, s := range sorting {
			sorts[i] = Whole{What: fmt.Sprintf("sort by %s, %s", s.what, which), Subject: subjects[0].Name}
		}
		for range rounds {
			if err := sortings(sorts, subjects[0], c, ends, end, cols, rows); err != nil {
				return nil, err
			}
		}
		all = append(all, sorts...)
	}
	return all, nil
}

// markings measures marking all rows. The subjects run at the same time and
// take turns.
func markings(subjects []Subject, c *Crowd, rounds, cols, rows int) ([]Whole, error) {
	lives, err := launchAll(subjects, c, cols, rows)
	defer closeAll(lives)
	if err != nil {
		return nil, err
	}
	all := make([]Whole, len(lives))
	for round := range rounds {
		for turn := range lives {
			i := (turn + round) % len(lives)
			l := lives[i]
			all[i].What, all[i].Subject = "mark all", l.subject.Name
			took, err := l.ask(l.subject.Tall.MarkAll, Quiet, marked(l.subject, len(c.Keys)))
			if err != nil {
				return nil, err
			}
			all[i].Times = append(all[i].Times, took)
			if _, err := l.ask(l.subject.Tall.Clear, loadQuiet, marked(l.subject, 0)); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// sortings sorts by each order, and looks at the first rows of it (end 0) or at
// the last ones (end 1).
func sortings(into []Whole, s Subject, c *Crowd, ends [][2][]string, end, cols, rows int) error {
	l, err := launch(s, cols, rows)
	if err != nil {
		return err
	}
	defer l.close()
	if _, err := l.moments(loadQuiet, counted(s, len(c.Keys))); err != nil {
		return err
	}
	// From an end of the list the other one is seen at once only if it is there.
	to := []string{"g", "G"}[end]
	for i, order := range sorting {
		took, err := l.ask(order.key+to, Quiet, onTop(ends[i][end]))
		if err != nil {
			return fmt.Errorf("%s: %w", into[i].What, err)
		}
		into[i].Times = append(into[i].Times, took)
		l.hush(loadQuiet)
		l.replay(nil)
	}
	return nil
}

// outermost are the names of the first ten keys and of the last ten, in order.
func outermost(keys []model.Key, o model.Order) [2][]string {
	sorted := make([]*model.Key, len(keys))
	for i := range keys {
		sorted[i] = &keys[i]
	}
	slices.SortFunc(sorted, func(a, b *model.Key) int { return o.Compare(*a, *b) })
	name := func(keys []*model.Key) []string {
		all := make([]string, len(keys))
		for i, key := range keys {
			all[i] = key.Name
		}
		return all
	}
	few := min(10, len(sorted))
	return [2][]string{name(sorted[:few]), name(sorted[len(sorted)-few:])}
}
