package clip

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var osc52Pattern = regexp.MustCompile("\x1b\\]52;([^;]*);([^\x07\x1b]*)(?:\x07|\x1b\\\\)")

// clipsIn decodes all copies by OSC 52 in what a terminal was sent.
func clipsIn(t *testing.T, stream string) []string {
	t.Helper()
	var clips []string
	for _, m := range osc52Pattern.FindAllStringSubmatch(stream, -1) {
		if strings.Contains(m[2], "?") {
			t.Errorf("a request to read the clipboard was sent: %q", m[0])
		}
		text, err := base64.StdEncoding.DecodeString(m[2])
		if err != nil {
			t.Errorf("payload %q: %v", m[2], err)
		}
		clips = append(clips, string(text))
	}
	return clips
}

func TestSequence(t *testing.T) {
	for _, length := range []int{1, 42, MaxSecret} {
		secret := strings.Repeat("x", length)
		if got := sequence(secret, plain); !slices.Equal(clipsIn(t, got), []string{secret}) || !strings.HasPrefix(got, "\x1b]52;c;") {
			t.Errorf("plain, %d bytes: %.40q", length, got)
		}
		chunks := strings.Split(strings.TrimSuffix(strings.TrimPrefix(sequence(secret, inScreen), "\x1bP"), "\x1b\\"), "\x1b\\\x1bP")
		for _, chunk := range chunks {
			if len(chunk) > 90 {
				t.Errorf("a string of %d bytes for GNU screen", len(chunk))
			}
		}
		if got := strings.Join(chunks, ""); !slices.Equal(clipsIn(t, got), []string{secret}) {
			t.Errorf("in screen, %d bytes: %.40q", length, got)
		}
	}
}

// oneWrite records whole writes.
type oneWrite struct{ writes []string }

func (w *oneWrite) Write(p []byte) (int, error) {
	w.writes = append(w.writes, string(p))
	return len(p), nil
}

func TestCopyByTerminalIsOneWrite(t *testing.T) {
	var w oneWrite
	c := New(Choose("osc52", made("linux", vars{"TERM": "xterm"})), &w)
	secret := newSecret()
	r, err := c.Copy(context.Background(), secret)
	if err != nil || r.Way != OSC52 || r.Confirmed || r.Text != "terminal (OSC 52), unconfirmed" {
		t.Fatalf("copy = %+v, %v", r, err)
	}
	if len(w.writes) != 1 || !slices.Equal(clipsIn(t, w.writes[0]), []string{secret}) {
		t.Fatalf("%d writes", len(w.writes))
	}
	cleared, err := c.Clear(context.Background())
	if err != nil || cleared.Outcome != Asked || !strings.Contains(cleared.Text, "unconfirmed") {
		t.Fatalf("clear = %+v, %v", cleared, err)
	}
	if len(w.writes) != 2 || !slices.Equal(clipsIn(t, w.writes[1]), []string{blank}) {
		t.Fatalf("%d writes, last %q", len(w.writes), w.writes[len(w.writes)-1])
	}
	if cleared, err = c.Clear(context.Background()); err != nil || cleared.Outcome != Nothing || len(w.writes) != 2 {
		t.Errorf("second clear = %+v, %v, %d writes", cleared, err, len(w.writes))
	}
}

func TestEmptyCopyIsNoOp(t *testing.T) {
	var w oneWrite
	c := New(Choose("osc52", made("linux", vars{"TERM": "xterm"})), &w)
	secret := newSecret()
	if _, err := c.Copy(context.Background(), secret); err != nil {
		t.Fatal(err)
	}
	r, err := c.Copy(context.Background(), "")
	if err != nil || r.Way != "" || len(w.writes) != 1 || !c.Holding() {
		t.Errorf("empty copy = %+v, %v, %d writes", r, err, len(w.writes))
	}
}

func TestCopyRefuses(t *testing.T) {
	ctx := context.Background()
	off := New(Choose("none", made("linux", vars{"TERM": "xterm"})), io.Discard)
	if _, err := off.Copy(ctx, newSecret()); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), `clipboard = "none"`) {
		t.Errorf("none: %v", err)
	}
	if _, err := new(Clipboard).Copy(ctx, newSecret()); !errors.Is(err, ErrNone) {
		t.Errorf("zero value: %v", err)
	}
	c := New(Choose("osc52", made("linux", vars{"TERM": "xterm"})), nil)
	if _, err := c.Copy(ctx, newSecret()); err == nil || !strings.Contains(err.Error(), "no terminal") || c.Holding() {
		t.Errorf("no terminal: %v", err)
	}
	c.Terminal = io.Discard
	if _, err := c.Copy(ctx, strings.Repeat("x", MaxSecret+1)); err == nil || c.Holding() {
		t.Errorf("too long: %v", err)
	}
}

// stopped is a terminal stopped with ctrl+s, until it is released.
type stopped struct {
	release chan struct{}
	bytes.Buffer
}

func (s *stopped) Write(p []byte) (int, error) {
	<-s.release
	return s.Buffer.Write(p)
}

func TestStoppedTerminalIsBounded(t *testing.T) {
	s := &stopped{release: make(chan struct{})}
	defer close(s.release)
	c := New(Choose("osc52", made("linux", vars{"TERM": "xterm"})), s)
	c.Timeout = 20 * time.Millisecond
	_, err := c.Copy(context.Background(), newSecret())
	if err == nil || !strings.Contains(err.Error(), "took no output within 0.02 s") {
		t.Errorf("error %v", err)
	}
	if !c.Holding() {
		t.Error("the write may still happen, yet nothing would be cleared")
	}
}
