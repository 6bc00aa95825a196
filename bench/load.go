//go:build linux

package bench

import (
	"time"
)

// Loading is how one subject came to a list of many rows.
type Loading struct {
	// First is from exec to the first ten rows on the screen.
	First Sample
	// All is from exec to the final number of rows on the screen.
	All Sample
	// Memory is what it held then, after a second of rest.
	Memory []Memory
}

// Loads starts the subjects over the same crowd, rounds times in turns, and
// weighs them in the first weighed rounds.
func Loads(subjects []Subject, c *Crowd, rounds, weighed, cols, rows int) ([]Loading, error) {
	all := make([]Loading, len(subjects))
	for round := range rounds {
		for turn := range subjects {
			i := (turn + round) % len(subjects)
			if err := all[i].add(subjects[i], c, round < weighed, cols, rows); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// add starts the subject once.
func (a *Loading) add(s Subject, c *Crowd, weigh bool, cols, rows int) error {
	l, err := launch(s, cols, rows)
	if err != nil {
		return err
	}
	defer l.close()
	at, err := l.moments(loadQuiet, onTop(c.top(10)), counted(s, len(c.Keys)))
	if err != nil {
		return err
	}
	a.First, a.All = append(a.First, at[0]), append(a.All, at[1])
	if !weigh {
		return nil
	}
	<-time.After(time.Second)
	mem, err := memory(l.cmd.Process.Pid)
	a.Memory = append(a.Memory, mem)
	return err
}

// Weight is the median of what was resident.
func (a *Loading) Weight() int64 {
	s := make(Sample, len(a.Memory))
	for i, m := range a.Memory {
		s[i] = time.Duration(m.Resident)
	}
	return int64(s.Median())
}
