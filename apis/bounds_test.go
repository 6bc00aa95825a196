package apis

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"clavier/model"
)

// piped is a Prober whose server is this function, at the other end of a pipe. Everything is in the test's own time.
func piped(ctx context.Context, server func(ctx context.Context, conn net.Conn)) *Prober {
	return New(Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer func() { _ = there.Close() }()
			server(ctx, there)
		}()
		return here, nil
	}})
}

// TestBounds is trust row T13: each bound holds to the moment, in a clock that the test turns.
func TestBounds(t *testing.T) {
	silent := func(ctx context.Context, conn net.Conn) { readHead(conn); <-ctx.Done() }
	drip := func(text string) func(context.Context, net.Conn) {
		return func(ctx context.Context, conn net.Conn) {
			readHead(conn)
			for i := 0; ctx.Err() == nil; i = (i + 1) % len(text) {
				select {
				case <-time.After(time.Second): // of the clock that the test turns
				case <-ctx.Done():
				}
				if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
					return
				}
			}
		}
	}
	for _, test := range []struct {
		about  string
		url    string
		server func(context.Context, net.Conn)
		took   time.Duration
		why    string
	}{
		{"no answer", "http://127.0.0.1", silent, 10 * time.Second, "no answer came within 10s"},
		{"a byte of the status each second", "http://127.0.0.1", drip("HTTP/1.1 200 OK and so on"), 10 * time.Second, "no answer came within 10s"},
		{"a byte of the headers each second", "http://127.0.0.1", func(ctx context.Context, conn net.Conn) {
			readHead(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: ")
			drip("xxxxxxxxxxxxxxxxxxxx")(ctx, conn)
		}, 10 * time.Second, "no answer came within 10s"},
		{"the request is not taken", "http://127.0.0.1", func(ctx context.Context, _ net.Conn) { <-ctx.Done() }, 30 * time.Second, "no answer came within 30s"},
		{"no handshake", "https://api.example", func(ctx context.Context, conn net.Conn) { _, _ = conn.Read(make([]byte, 1<<16)); <-ctx.Done() }, 5 * time.Second,
			"no secure connection could be made within 5s; nothing was sent"},
	} {
		t.Run(test.about, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				secret, began := newSecret(), time.Now()
				got := piped(ctx, test.server).Try(t.Context(), describe(test.url), secret)
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %v, want %v", took, test.took)
				}
				cancel()
				synctest.Wait()
				wantUnknown(t, got, secret, 0, test.why)
			})
		})
	}
	t.Run("no connection", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := New(Options{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }})
			secret, began := newSecret(), time.Now()
			wantUnknown(t, p.Try(t.Context(), describe("https://api.example"), secret), secret, 0, "no connection could be made within 5s; nothing was sent")
			if took := time.Since(began); took != 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	})
}

// TestGivenUpAtOnce: whatever a try waits for, it ends in the moment in which it is given up.
func TestGivenUpAtOnce(t *testing.T) {
	for about, server := range map[string]func(context.Context, net.Conn){
		"answer":  func(ctx context.Context, conn net.Conn) { readHead(conn); <-ctx.Done() },
		"request": func(ctx context.Context, _ net.Conn) { <-ctx.Done() },
	} {
		t.Run(about, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				served, end := context.WithCancel(t.Context())
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, nil)
				time.AfterFunc(time.Second, cancel)
				secret, began := newSecret(), time.Now()
				got := piped(served, server).Try(ctx, describe("http://127.0.0.1"), secret)
				if took := time.Since(began); took != time.Second {
					t.Errorf("it took %v", took)
				}
				end()
				synctest.Wait()
				if got.Why != "it was given up before an answer came" && got.Why != "it was given up before an answer came; nothing was sent" {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}

// TestLimitsAreTaken: bounds that are given hold instead of the defaults.
func TestLimitsAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := New(Options{Limits: Limits{Headers: 2 * time.Second}, Dial: func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() { readHead(there); <-ctx.Done(); _ = there.Close() }()
			return here, nil
		}})
		began, secret := time.Now(), newSecret()
		wantUnknown(t, p.Try(t.Context(), describe("http://127.0.0.1"), secret), secret, 0, "no answer came within 2s")
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("it took %v", took)
		}
		cancel()
		synctest.Wait()
	})
}

// TestTook: what an answer took is the time up to its status, and not that of its body.
func TestTook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		got := piped(ctx, func(ctx context.Context, conn net.Conn) {
			readHead(conn)
			time.Sleep(3 * time.Second) // of the clock that the test turns
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
			<-ctx.Done()
		}).Try(t.Context(), describe("http://127.0.0.1"), newSecret())
		if got.Took != 3*time.Second || got.Verdict != model.VerdictAlive || !got.At.Equal(time.Now()) {
			t.Errorf("got %+v", got)
		}
		cancel()
		synctest.Wait()
	})
}
