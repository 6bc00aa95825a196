//go:build linux || darwin

package bench

import (
	"fmt"
	"slices"
	"time"

	"clavier/e2e/term"
)

// live is a running subject and the screen that its output makes. The screen
// is made only while the terminal is quiet: the emulator must not take the
// processor from what is measured.
type live struct {
	*session
	screen *term.Emulator
	last   term.Screen
	fed    int // how many chunks are on the screen
}

// launch starts a subject in a terminal of cols by rows.
func launch(s Subject, cols, rows int) (*live, error) {
	x, err := start(s, cols, rows)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	l := &live{session: x, screen: term.NewEmulator(cols, rows, nil)}
	l.last = l.screen.Screen()
	return l, nil
}

// open starts a subject and goes two rows down, so that the first measured
// move is like the others.
func open(s Subject, cols, rows int) (*live, error) {
	l, err := launch(s, cols, rows)
	if err != nil {
		return nil, err
	}
	if _, err = l.frame(s.Ready); err == nil {
		l.hush(Quiet)
		l.replay(nil)
		err = l.down(2)
	}
	if err != nil {
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
		if _, err := l.press(l.subject.Down); err != nil {
			return err
		}
	}
	return nil
}

// replay puts what has arrived since the last replay on the screen and returns
// its size and when the last of it came. see, if not nil, is called for each
// chunk after which the screen is another than before.
func (l *live) replay(see func(at time.Time, s term.Screen)) (size int, at time.Time) {
	l.mu.Lock()
	chunks := slices.Clone(l.chunks[l.fed:])
	from := 0
	if l.fed > 0 {
		from = l.chunks[l.fed-1].end
	}
	out := slices.Clone(l.out[from:])
	l.mu.Unlock()
	for i, c := range chunks {
		_, _ = l.screen.Write(out[size : c.end-from])
		size, at = c.end-from, c.at
		if see == nil && i < len(chunks)-1 {
			continue
		}
		now := l.screen.Screen()
		if see != nil && !sameScreen(l.last, now) {
			see(c.at, now)
		}
		l.last = now
	}
	l.fed += len(chunks)
	return size, at
}

// answer is what one key press brought.
type answer struct {
	took time.Duration // to its last byte
	cpu  time.Duration // what the subject used until it was quiet, and while that was awaited
	size int           // in bytes
}

// press sends a key. An answer that shows nothing is an error.
func (l *live) press(key string) (answer, error) {
	before, err := spent(l.pid())
	if err != nil {
		return answer{}, err
	}
	pause()
	sent, arrived, err := l.send(key)
	if err != nil {
		return answer{}, err
	}
	select {
	case <-arrived:
	case <-time.After(patience):
		return answer{}, fmt.Errorf("%s did not answer a key press within %v", l.subject.Name, patience)
	}
	l.hush(Quiet)
	after, err := spent(l.pid())
	if err != nil {
		return answer{}, err
	}
	last := l.last
	size, at := l.replay(nil)
	if size == 0 {
		return answer{}, fmt.Errorf("%s ended and did not answer a key press", l.subject.Name)
	}
	if sameScreen(last, l.last) {
		return answer{}, fmt.Errorf("%s answered a key press with %d bytes that change nothing on the screen:\n%s", l.subject.Name, size, l.last.Frame())
	}
	return answer{at.Sub(sent), after - before, size}, nil
}

// ask sends a key and waits until the screen is as wanted and the terminal has
// been quiet for as long as quiet. It returns the time to the last byte that
// changed the screen. An answer may come in any number of parts, with any time
// between them.
func (l *live) ask(key string, quiet time.Duration, w want) (time.Duration, error) {
	pause()
	sent, _, err := l.send(key)
	if err != nil {
		return 0, err
	}
	at := sent
	for deadline := sent.Add(patience); ; {
		l.hush(quiet)
		l.replay(func(when time.Time, _ term.Screen) { at = when })
		if w.ok(l.last) {
			return at.Sub(sent), nil
		}
		if err := l.more(deadline, w); err != nil {
			return 0, err
		}
	}
}

// more waits until there is something to replay.
func (l *live) more(deadline time.Time, w want) error {
	l.mu.Lock()
	fresh, arrived, over := l.fed < len(l.chunks), l.arrived, l.over
	l.mu.Unlock()
	switch {
	case fresh:
		return nil
	case over:
		return fmt.Errorf("%s ended before it showed %s:\n%s", l.subject.Name, w.what, l.last.Frame())
	}
	select {
	case <-arrived:
		return nil
	case <-time.After(time.Until(deadline)):
		return fmt.Errorf("%s did not show %s in time:\n%s", l.subject.Name, w.what, l.last.Frame())
	}
}

// moments waits until the last of wants holds and the terminal has been quiet
// for as long as quiet. It returns, for each of them, when it held first,
// counted from exec.
func (l *live) moments(quiet time.Duration, wants ...want) ([]time.Duration, error) {
	firsts := make([]time.Duration, len(wants))
	final := wants[len(wants)-1]
	for deadline := l.begun.Add(patience); ; {
		l.hush(quiet)
		l.replay(func(at time.Time, s term.Screen) {
			for i, w := range wants {
				if firsts[i] == 0 && w.ok(s) {
					firsts[i] = at.Sub(l.begun)
				}
			}
		})
		if final.ok(l.last) {
			break
		}
		if err := l.more(deadline, final); err != nil {
			return nil, err
		}
	}
	for i, first := range firsts {
		if first == 0 {
			return nil, fmt.Errorf("%s never showed %s", l.subject.Name, wants[i].what)
		}
	}
	return firsts, nil
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
