package paint

import (
	"bytes"
	"testing"
)

// recorder counts writes and keeps what was written.
type recorder struct {
	bytes.Buffer
	writes int
}

func (r *recorder) Write(p []byte) (int, error) {
	r.writes++
	return r.Buffer.Write(p)
}

// take returns what was written since the last take.
func (r *recorder) take() string {
	s := r.String()
	r.Reset()
	r.writes = 0
	return s
}

// started returns an Output on the alternate screen.
func started(tb testing.TB, w *recorder, synced bool) *Output {
	tb.Helper()
	o := NewOutput(w, synced)
	if _, err := o.WriteString("\x1b[?1049h"); err != nil {
		tb.Fatal(err)
	}
	w.take()
	return o
}

func TestBytesPerKeyPress(t *testing.T) {
	const width, height = 120, 40
	for _, rows := range []int{10, 1000, 100000} {
		w := &recorder{}
		o := started(t, w, true)
		s := newScene(width, height, rows)
		paint := func() int {
			t.Helper()
			if err := o.Paint(Frame{Content: s.content()}, width, height); err != nil {
				t.Fatal(err)
			}
			if w.writes > 1 {
				t.Fatalf("%d writes for one frame", w.writes)
			}
			return len(w.take())
		}
		whole := paint()
		var mostMove, mostScroll int
		for range min(rows-1, 300) {
			top := s.top
			s.move(1)
			n := paint()
			if s.top == top {
				mostMove = max(mostMove, n)
			} else {
				mostScroll = max(mostScroll, n)
			}
		}
		for range min(rows-1, 300) {
			top := s.top
			s.move(-1)
			n := paint()
			if s.top == top {
				mostMove = max(mostMove, n)
			} else {
				mostScroll = max(mostScroll, n)
			}
		}
		t.Logf("%d rows: whole frame %d bytes, most for a move %d, for a scrolled line %d", rows, whole, mostMove, mostScroll)
		if mostMove == 0 || mostMove > 150 {
			t.Errorf("%d rows: a move took %d bytes, want 1 to 150", rows, mostMove)
		}
		if rows > height && (mostScroll == 0 || mostScroll > 300) {
			t.Errorf("%d rows: a scrolled line took %d bytes, want 1 to 300", rows, mostScroll)
		}
		if n := paint(); n != 0 {
			t.Errorf("%d rows: an unchanged frame took %d bytes", rows, n)
		}
	}
}
