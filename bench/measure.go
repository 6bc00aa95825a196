//go:build linux || darwin

package bench

import (
	"fmt"
	"math"
	"slices"
	"time"

	"clavier/e2e/term"
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
	// Bytes is the mean size of an answer.
	Bytes float64
}

// add presses key n times, each press followed by back, unmeasured, if back is
// not empty.
func (p *Presses) add(l *live, n int, key, back string) error {
	for range n {
		took, size, err := l.press(key)
		if err != nil {
			return err
		}
		p.Bytes = (p.Bytes*float64(len(p.Times)) + float64(size)) / float64(len(p.Times)+1)
		p.Times = append(p.Times, took)
		if back == "" {
			continue
		}
		if _, _, err := l.press(back); err != nil {
			return err
		}
	}
	return nil
}

// live is a running subject and the screen that its output makes.
type live struct {
	*session
	screen *term.Emulator
	last   term.Screen
}

// open starts a subject and goes two rows down, so that the first measured
// move is like the others.
func open(s Subject, cols, rows int) (*live, error) {
	x, err := start(s, cols, rows)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	l := &live{session: x, screen: term.NewEmulator(cols, rows, nil)}
	if _, err := x.frame(s.Ready); err != nil {
		l.close()
		return nil, err
	}
	_, _ = l.screen.Write(x.settle())
	l.last = l.screen.Screen()
	if err := l.down(2); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *live) close() {
	l.stop()
	l.screen.Close()
}

func (l *live) down(n int) error {
	for range n {
		if _, _, err := l.press(l.subject.Down); err != nil {
			return err
		}
	}
	return nil
}

// press sends a key and checks that its answer shows something.
func (l *live) press(key string) (time.Duration, int, error) {
	took, out, err := l.session.press(key)
	if err != nil {
		return 0, 0, err
	}
	_, _ = l.screen.Write(out)
	now := l.screen.Screen()
	if sameScreen(l.last, now) {
		return 0, 0, fmt.Errorf("%s answered a key press with %d bytes that change nothing on the screen:\n%s", l.subject.Name, len(out), now.Frame())
	}
	l.last = now
	return took, len(out), nil
}

// sameScreen compares text and style of every cell.
func sameScreen(a, b term.Screen) bool {
	for y := range a.Rows {
		for x := range a.Cols {
			if a.Cell(x, y) != b.Cell(x, y) {
				return false
			}
		}
	}
	return true
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
