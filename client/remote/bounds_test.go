package remote

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"clavier/model"
)

// piped returns a Remote whose service is this function, at the other end of a pipe, in the test's own time.
func piped(t *testing.T, ctx context.Context, url string, server func(ctx context.Context, conn net.Conn)) *Remote { //nolint:revive // a test goes first
	t.Helper()
	o, _ := options(t, url)
	o.Sleep = nil
	o.Dial = func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer func() { _ = there.Close() }()
			server(ctx, there)
		}()
		return here, nil
	}
	return open(t, o)
}

// taken reads a request and drops it.
func taken(conn net.Conn) {
	if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
		_, _ = io.Copy(io.Discard, request.Body)
	}
}

// drip writes a byte a second until ctx ends.
func drip(ctx context.Context, conn net.Conn, text string) {
	for i := 0; ctx.Err() == nil; i = (i + 1) % len(text) {
		select {
		case <-time.After(time.Second): // of the clock that the test turns
		case <-ctx.Done():
			return
		}
		if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
			return
		}
	}
}

// TestT13Bounds: each bound holds to the moment, in a clock that the test turns. What ran out of time is not asked again.
func TestT13Bounds(t *testing.T) {
	const here, there = "http://127.0.0.1", "https://keys.example"
	for _, test := range []struct {
		about  string
		url    string
		server func(context.Context, net.Conn)
		took   time.Duration
		says   string
	}{
		{"no answer", here, func(ctx context.Context, conn net.Conn) { taken(conn); <-ctx.Done() }, 10 * time.Second, "no answer came within 10s"},
		{"a byte of the headers each second", here, func(ctx context.Context, conn net.Conn) {
			taken(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: ")
			drip(ctx, conn, "x")
		}, 10 * time.Second, "no answer came within 10s"},
		{"a byte of the body each second", here, func(ctx context.Context, conn net.Conn) {
			taken(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+asJSON+"\r\n")
			drip(ctx, conn, " ")
		}, 30 * time.Second, "its answer did not end within 30s"},
		{"a byte of a problem each second", here, func(ctx context.Context, conn net.Conn) {
			taken(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 404 No\r\n"+asJSON+"\r\n")
			drip(ctx, conn, " ")
		}, 30 * time.Second, "answered 404"},
		{"the request is not taken", here, func(ctx context.Context, _ net.Conn) { <-ctx.Done() }, 30 * time.Second, "no answer came within 30s"},
		{"no handshake", there, func(ctx context.Context, conn net.Conn) { _, _ = conn.Read(make([]byte, 1<<16)); <-ctx.Done() }, 5 * time.Second,
			"no secure connection could be made within 5s"},
	} {
		t.Run(test.about, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				r := piped(t, ctx, test.url, test.server)
				began := time.Now()
				_, err := r.State(t.Context())
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %v, want %v", took, test.took)
				}
				wantOnly(t, err, model.ErrUnreachable)
				if !strings.Contains(err.Error(), test.says) {
					t.Errorf("got %q, want %q in it", err, test.says)
				}
				cancel()
				_ = r.Close()
				synctest.Wait()
			})
		})
	}
	t.Run("no connection", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o, _ := options(t, there)
			o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
			began := time.Now()
			_, err := open(t, o).State(t.Context())
			wantOnly(t, err, model.ErrUnreachable)
			if took := time.Since(began); took != 5*time.Second || !strings.Contains(err.Error(), "no connection could be made within 5s") {
				t.Errorf("it took %v: %v", took, err)
			}
		})
	})
}

// TestT13GivenUpAtOnce: whatever a call waits for, it ends in the moment in which its caller leaves; a change that was sent is in
// doubt then.
func TestT13GivenUpAtOnce(t *testing.T) {
	silent := func(ctx context.Context, conn net.Conn) { taken(conn); <-ctx.Done() }
	for about, test := range map[string]struct {
		server func(context.Context, net.Conn)
		sent   bool
	}{
		"an answer": {silent, true},
		"the body": {func(ctx context.Context, conn net.Conn) {
			taken(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+asJSON+"\r\n")
			<-ctx.Done()
		}, true},
		"the next try": {func(_ context.Context, conn net.Conn) {
			taken(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 429 Slow\r\nRetry-After: 20\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		}, false},
	} {
		for i, operation := range operations {
			t.Run(about+"/"+operation.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					served, end := context.WithCancel(t.Context())
					r := piped(t, served, "http://127.0.0.1", test.server)
					ctx, cancel := context.WithCancel(t.Context())
					began := time.Now()
					time.AfterFunc(3*time.Second, cancel)
					err := operation.call(ctx, r, record(t, "x").Key.ID)
					if took := time.Since(began); took != 3*time.Second || !errors.Is(err, context.Canceled) {
						t.Errorf("it took %v: %v", took, err)
					}
					if errors.Is(err, model.ErrOutcomeUnknown) != (test.sent && i > 0) {
						t.Errorf("got %v", err)
					}
					end()
					_ = r.Close()
					synctest.Wait()
				})
			})
		}
	}
}

// TestLeftBefore: for a caller who has left, nothing is sent and no token is asked for.
func TestLeftBefore(t *testing.T) {
	o, _ := options(t, "http://127.0.0.1:1")
	o.Token = func(context.Context) (model.Secret, error) {
		t.Error("the token was asked for")
		return model.Secret{}, nil
	}
	o.Dial = func(context.Context, string, string) (net.Conn, error) {
		t.Error("a connection was made")
		return nil, io.EOF
	}
	r := open(t, o)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, operation := range operations {
		if err := operation.call(ctx, r, record(t, "x").Key.ID); !errors.Is(err, context.Canceled) || errors.Is(err, model.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", operation.name, err)
		}
	}
}

// TestConnectionsAreKept: who asks once a second does not make a connection each time.
func TestConnectionsAreKept(t *testing.T) {
	connections := 0
	r := over(t, &fake{}, func(o *Options) {
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			connections++
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	})
	for range 20 {
		if _, err := r.Version(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.Delete(t.Context(), record(t, "gone").Key.ID, model.Actor{}, time.Time{}); !errors.Is(err, model.ErrNotFound) {
			t.Fatal(err)
		}
	}
	if connections != 1 {
		t.Errorf("%d connections were made", connections)
	}
}

// overPipe answers one request with a text.
func overPipe(text string) func(context.Context, net.Conn) {
	return func(_ context.Context, conn net.Conn) {
		taken(conn)
		_, _ = io.WriteString(conn, text)
	}
}
