//go:build linux || darwin

package bench

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Sample is a series of durations.
type Sample []time.Duration

// Quantile is the q-th quantile (0 to 1) by nearest rank.
func (s Sample) Quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// Median is the middle of the series.
func (s Sample) Median() time.Duration { return s.Quantile(0.5) }

// Starts are the starts of one subject.
type Starts struct {
	// Times is from exec to the first complete frame.
	Times Sample
	// CPU is the processor time used until then, of all threads, user and system.
	CPU Sample
}

// FirstFrames starts every subject rounds times, one after the other in each
// round, beginning with another one each time, so that none always follows the
// same. It returns the starts by subject.
func FirstFrames(subjects []Subject, rounds, cols, rows int) ([]Starts, error) {
	all := make([]Starts, len(subjects))
	for round := range rounds {
		for turn := range subjects {
			i := (turn + round) % len(subjects)
			took, cpu, err := firstFrame(subjects[i], cols, rows)
			if err != nil {
				return nil, err
			}
			all[i].Times = append(all[i].Times, took)
			all[i].CPU = append(all[i].CPU, cpu)
		}
	}
	return all, nil
}

// firstFrame starts a subject once and ends it at its first complete frame.
func firstFrame(s Subject, cols, rows int) (took, cpu time.Duration, err error) {
	x, err := start(s, cols, rows)
	if err != nil {
		return 0, 0, fmt.Errorf("start %s: %w", s.Name, err)
	}
	took, err = x.frame(s.Ready)
	x.stop()
	return took, x.cmd.ProcessState.UserTime() + x.cmd.ProcessState.SystemTime(), err
}

// Presses are the answers of one subject to one kind of key press.
type Presses struct {
	// Times is from the key press to the last byte of the answer.
	Times Sample
	// CPU is the processor time that the subject used for each of them, of all
	// threads, and for whatever else it did until Quiet later.
	CPU Sample
	// Bytes is the mean size of an answer.
	Bytes float64
}

// add presses key n times, each press followed by back, unmeasured, if back is
// not empty.
func (p *Presses) add(l *live, n int, key, back string) error {
	for range n {
		a, err := l.press(key)
		if err != nil {
			return err
		}
		p.Bytes = (p.Bytes*float64(len(p.Times)) + float64(a.size)) / float64(len(p.Times)+1)
		p.Times, p.CPU = append(p.Times, a.took), append(p.CPU, a.cpu)
		if back == "" {
			continue
		}
		if _, err := l.press(back); err != nil {
			return err
		}
	}
	return nil
}

// batch is how many key presses a subject gets before it is the next one's turn.
const batch = 20

// KeyPresses measures, for each subject, n moves of the selection within the
// screen and, of lists long enough for it, n scrolls by one line. All subjects
// run at the same time and take turns in batches.
func KeyPresses(subjects []Subject, n, cols, rows int) (moves, scrolls []Presses, err error) {
	moves, scrolls = make([]Presses, len(subjects)), make([]Presses, len(subjects))
	lives := make([]*live, 0, len(subjects))
	defer func() {
		for _, l := range lives {
			l.close()
		}
	}()
	for _, s := range subjects {
		l, err := open(s, cols, rows)
		if err != nil {
			return nil, nil, err
		}
		lives = append(lives, l)
	}
	for done := 0; done < n; done += batch {
		for i, l := range lives {
			if err := moves[i].add(l, min(batch, n-done), l.subject.Down, l.subject.Up); err != nil {
				return nil, nil, err
			}
		}
	}
	if subjects[0].Rows <= rows+n {
		return moves, nil, nil
	}
	for _, l := range lives {
		if err := l.down(rows); err != nil {
			return nil, nil, err
		}
	}
	for done := 0; done < n; done += batch {
		for i, l := range lives {
			if err := scrolls[i].add(l, min(batch, n-done), l.subject.Down, ""); err != nil {
				return nil, nil, err
			}
		}
	}
	return moves, scrolls, nil
}
