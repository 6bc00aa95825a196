package verify

import (
	"context"
	"errors"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"clavier/model"
	"clavier/wire"
)

// pipes is a listener whose connections are pipes, which a test with a clock of its own can wait for.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inBubble returns a Verifier and its service, which holds its answers about unknown keys until it is let go.
func inBubble(t *testing.T) (v *Verifier, s *service, letGo func()) {
	t.Helper()
	hold := make(chan struct{})
	s = &service{live: map[string]string{}}
	s.answer = func(w http.ResponseWriter, r *http.Request) {
		presented, _ := wire.Presented(r.Header)
		s.mu.Lock()
		_, ok := s.live[presented]
		s.mu.Unlock()
		if !ok {
			<-hold
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set(wire.HeaderKeyID, keyID)
		w.Header().Set(wire.HeaderKeyName, "")
		w.Header().Set(wire.HeaderKeyRole, "use")
	}
	l := pipes{make(chan net.Conn), make(chan struct{})}
	server := &http.Server{Handler: s}
	go func() { _ = server.Serve(l) }()
	v, err := New(Options{URL: "http://127.0.0.1:1", Dial: l.dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close(); _ = server.Close() })
	return v, s, func() { close(hold) }
}

// strangers has requests with made-up secrets come, each with one of its own, and waits until nothing moves any more. What they
// get comes out of the channel.
func strangers(ctx context.Context, t *testing.T, v *Verifier, n int) chan error {
	got := make(chan error, n)
	for range n {
		header := bearer(drawn(t))
		go func() { _, err := v.Check(ctx, header); got <- err }()
	}
	synctest.Wait()
	return got
}

// begin has a request come, and waits until nothing moves any more.
func begin(ctx context.Context, v *Verifier, header http.Header) chan error {
	got := make(chan error, 1)
	go func() { _, err := v.Check(ctx, header); got <- err }()
	synctest.Wait()
	return got
}

// TestWhoLeavesLeavesNothing: however many requests with made-up secrets come while the service is slow, only so many questions
// are on their way, and nothing of the others stays when they leave.
func TestWhoLeavesLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, s, letGo := inBubble(t)
		const n, shared = 2000, mostAsking - mostKnown
		before := runtime.NumGoroutine()
		ctx, leave := context.WithCancel(t.Context())
		got := strangers(ctx, t, v, n)
		if asked := s.count(); asked != shared {
			t.Errorf("%d questions are on their way, want %d", asked, shared)
		}
		leave()
		synctest.Wait()
		for range n {
			if err := <-got; !errors.Is(err, context.Canceled) {
				t.Fatalf("who left got %v", err)
			}
		}
		// The connection of a question has two at either end.
		if more := runtime.NumGoroutine() - before; more > 8*mostAsking {
			t.Errorf("%d requests left %d goroutines", n, more)
		}
		if left := len(v.asking); left != shared {
			t.Errorf("%d questions are left, want %d", left, shared)
		}
		letGo()
		synctest.Wait()
		if err := <-begin(ctx, v, bearer(drawn(t))); !errors.Is(err, context.Canceled) {
			t.Errorf("who had left before got %v", err)
		}
		if asked := s.count(); asked != shared || len(v.asking) != 0 || len(v.turns) != 0 || v.bad.Len() != shared {
			t.Errorf("%d were asked about and %d refusals are kept, want %d; there are %d questions with %d turns", asked, v.bad.Len(), shared,
				len(v.asking), len(v.turns))
		}
	})
}

// TestKnownKeysPassStrangers: a good key waits behind no made-up secret: not while its answer is kept, and not when it is asked
// about again.
func TestKnownKeysPassStrangers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, s, letGo := inBubble(t)
		_, header := s.let(t, "")
		if _, err := v.Check(t.Context(), header); err != nil {
			t.Fatal(err)
		}
		time.Sleep(DefaultTTL) // of the clock that the test turns
		ctx, leave := context.WithCancel(t.Context())
		strangers(ctx, t, v, 500)
		before := s.count()
		for range 2 { // the first time it is asked about again, then that answer is kept
			select {
			case err := <-begin(ctx, v, header):
				if asked := s.count() - before; err != nil || asked != 1 {
					t.Errorf("asked %d times again, it is told %v", asked, err)
				}
			default:
				t.Error("a good key waits behind strangers")
			}
		}
		if len(v.known) != 0 {
			t.Errorf("%d turns of known keys are not given back", len(v.known))
		}
		leave()
		letGo()
	})
}

// TestOneTurn: requests with one key wait for one turn, which is given up by the last of them alone.
func TestOneTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, s, letGo := inBubble(t)
		strangers(t.Context(), t, v, mostAsking)
		_, header := s.let(t, "")
		before, place := len(v.asking), len(v.asking)+1
		leaving, leave := context.WithCancel(t.Context())
		first, second := begin(leaving, v, header), begin(t.Context(), v, header)
		if len(v.asking) != place {
			t.Errorf("two requests with one key have %d places in the line", len(v.asking)-before)
		}
		leave()
		synctest.Wait()
		if err := <-first; !errors.Is(err, context.Canceled) || len(v.asking) != place {
			t.Errorf("who left got %v; there are %d questions", err, len(v.asking))
		}
		letGo()
		if err := <-second; err != nil {
			t.Errorf("who stayed got %v", err)
		}
		synctest.Wait()
		if asked := s.count(); asked != mostAsking+1 {
			t.Errorf("%d questions were asked", asked)
		}
	})
}

// TestTurnIsWaitedForInTime: the wait for a turn is a part of the time that a question may take.
func TestTurnIsWaitedForInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, _, letGo := inBubble(t)
		const n = 10 * mostAsking
		start, late := time.Now(), 0
		got := strangers(t.Context(), t, v, n)
		for range n {
			err := <-got
			if !errors.Is(err, model.ErrUnreachable) || !model.IsDisplayable(err.Error()) {
				t.Fatalf("it is told %v", err)
			}
			if strings.Contains(err.Error(), "too many others were asked about for 10s") {
				late++
			}
		}
		if took := time.Since(start); took != v.limits.All || late == 0 {
			t.Errorf("the last was told after %v, want %v; %d had no turn", took, v.limits.All, late)
		}
		letGo()
	})
}
