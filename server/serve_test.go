package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// serving is a server that serves at addresses of its own.
type serving struct {
	*managed

	at, metrics *Listener
	stop        context.CancelFunc
	ended       chan error
}

// serve starts a server at spec over a store.
func serve(t *testing.T, store Store, spec string, grace time.Duration) *serving {
	t.Helper()
	s := &serving{managed: idle(t, store), ended: make(chan error, 1)}
	var err error
	if s.at, err = Listen(t.Context(), spec, ListenOptions{}); err != nil {
		t.Fatal(err)
	}
	if s.metrics, err = Listen(t.Context(), "127.0.0.1:0", ListenOptions{}); err != nil {
		t.Fatal(err)
	}
	var ctx context.Context
	ctx, s.stop = context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- s.server.Serve(ctx, ServeOptions{At: s.at, Metrics: s.metrics, Grace: grace})
	}()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.ended <- <-ended
	}()
	t.Cleanup(func() {
		s.stop()
		<-done
	})
	s.until("ready", func() bool { return s.get(wire.PathReady, "") == http.StatusOK })
	return s
}

// until waits for a condition.
func (s *serving) until(what string, met func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !met(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("it never came to be %s", what)
		}
	}
}

// client speaks to a listener.
func client(at *Listener) *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, at.Addr().Network(), strings.TrimPrefix(at.URL()[strings.Index(at.URL(), ":")+1:], "//"))
		},
	}}
}

// get returns the status of an answer; 0 if there is none.
func (s *serving) get(path, secret string) int {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://service"+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if secret != "" {
		r.Header.Set("X-Api-Key", secret)
	}
	response, err := client(s.at).Do(r)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	return response.StatusCode
}

// TestServe serves at an address and at a socket, and stops.
func TestServe(t *testing.T) {
	for _, spec := range []string{"127.0.0.1:0", "unix:" + filepath.Join(t.TempDir(), "clavier.sock")} {
		store := newFakeStore()
		s := serve(t, store, spec, 0)
		for _, test := range []struct {
			path, secret string
			status       int
		}{
			{wire.PathHealth, "", 200},
			{wire.PathVerify, s.secrets[model.RoleUse], 200},
			{wire.PathVerify + "/any/path?and=query", s.secrets[model.RoleUse], 200},
			{wire.PathVerify + "//x/../y", s.secrets[model.RoleUse], 200},
			{wire.PathVerify, "", 401},
			{wire.PathVerify + "y", s.secrets[model.RoleUse], 404},
			{wire.PathKeys, s.secrets[model.RoleRead], 200},
			{wire.PathKeys, s.secrets[model.RoleUse], 403},
			{"/metrics", "", 404},
		} {
			if got := s.get(test.path, test.secret); got != test.status {
				t.Errorf("%s: %s is answered %d and not %d", spec, test.path, got, test.status)
			}
		}
		everything := &http.Request{Method: http.MethodOptions, URL: &url.URL{Scheme: "http", Host: "service", Opaque: "*"}}
		response, err := client(s.at).Do(everything.WithContext(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: OPTIONS * is answered %d without a key", spec, response.StatusCode)
		}
		response, err = client(s.metrics).Get("http://service/metrics")
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(text), "clavier_keys 3") {
			t.Errorf("the metrics are %v, %.100s", err, text)
		}
		response.Body.Close()
		s.stop()
		if err := <-s.ended; err != nil {
			t.Errorf("%s: it ended with %v", spec, err)
		}
		if got := s.get(wire.PathHealth, ""); got != 0 {
			t.Errorf("%s: after the end the answer is %d", spec, got)
		}
		store.mu.Lock()
		if len(store.noted) == 0 {
			t.Errorf("%s: the uses were not written at the end", spec)
		}
		store.mu.Unlock()
	}
}

// TestGracefulStop stops a server while a request is at work: it is finished, nothing new is accepted, and meanwhile the server
// says that it is not ready.
func TestGracefulStop(t *testing.T) {
	store := newFakeStore()
	s := serve(t, store, "127.0.0.1:0", 0)
	record, _ := s.add("production")
	hold := make(chan struct{})
	asked := store.count("Delete")
	slow := &slowStore{fakeStore: store, hold: hold}
	s.store.mu.Lock()
	s.store.Store = slow
	s.store.mu.Unlock()

	statuses := make(chan int, 1)
	go func() {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodDelete, "http://service"+wire.PathKeys+"/"+record.Key.ID, nil)
		if err != nil {
			statuses <- 0
			return
		}
		r.Header.Set("Authorization", "Bearer "+s.secrets[model.RoleManage])
		response, err := client(s.at).Do(r)
		if err != nil {
			statuses <- 0
			return
		}
		response.Body.Close()
		statuses <- response.StatusCode
	}()
	s.until("asked", func() bool { return store.count("Delete") > asked })
	s.stop()
	s.until("closed", func() bool { return s.get(wire.PathHealth, "") == 0 })
	if err := s.server.ready(); !errors.Is(err, errStopping) {
		t.Errorf("a server that stops is ready: %v", err)
	}
	select {
	case err := <-s.ended:
		t.Fatalf("it ended before its requests: %v", err)
	default:
	}
	close(hold)
	if got := <-statuses; got != http.StatusNoContent {
		t.Errorf("the request is answered %d", got)
	}
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

// slowStore deletes when it is let.
type slowStore struct {
	*fakeStore

	hold chan struct{}
}

func (s *slowStore) Delete(ctx context.Context, id string, by model.Actor, at time.Time) error {
	s.mu.Lock()
	s.asked["Delete"]++
	s.mu.Unlock()
	select {
	case <-s.hold:
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.fakeStore.Delete(ctx, id, by, at)
}

// TestShortGrace cuts off what does not finish in time.
func TestShortGrace(t *testing.T) {
	s := serve(t, newFakeStore(), "127.0.0.1:0", time.Millisecond)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.at.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/lookup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 10\r\n\r\n", s.secrets[model.RoleRead])
	s.until("reading", func() bool { return s.get(wire.PathHealth, "") == http.StatusOK })
	s.stop()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

// TestLostListener ends a server whose listener fails.
func TestLostListener(t *testing.T) {
	s := serve(t, newFakeStore(), "127.0.0.1:0", 0)
	s.at.Close()
	if err := <-s.ended; err == nil || !strings.Contains(err.Error(), "no longer listen") {
		t.Errorf("it ended with %v", err)
	}
}

// TestServiceManager tells a service manager when the server is ready, and when it stops.
func TestServiceManager(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Skipf("there are no sockets for messages here: %v", err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	s := serve(t, newFakeStore(), "127.0.0.1:0", 0)
	hears := func(want string) {
		t.Helper()
		text := make([]byte, 100)
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := conn.Read(text); err != nil || string(text[:n]) != want {
			t.Errorf("the service manager hears %q and not %q: %v", text[:n], want, err)
		}
	}
	hears("READY=1")
	s.stop()
	hears("STOPPING=1")
}

// TestHealth holds what is answered about the server itself.
func TestHealth(t *testing.T) {
	store := newFakeStore()
	store.fail(errDown)
	s := New(Options{Store: store, Log: slog.New(slog.DiscardHandler)})
	m := &managed{t: t, server: s, handler: s.Handler(), valid: documented(s), store: &faultStore{Store: store, fails: map[string]error{}}}
	m.send("", http.MethodGet, wire.PathHealth, nil).want(http.StatusOK)
	m.send("", http.MethodGet, wire.PathReady, nil).kind(model.ErrUnsure)
	m.send("clv_x", http.MethodGet, wire.PathKeys, nil).kind(model.ErrUnsure)
	store.fail(nil)
	m.run()
	m.catchUp()
	m.send("", http.MethodGet, wire.PathReady, nil).want(http.StatusOK)
	m.send("clv_x", http.MethodGet, wire.PathKeys, nil).kind(model.ErrToken)
	s.stopping.Store(true)
	if p := m.send("", http.MethodGet, wire.PathReady, nil).kind(model.ErrUnsure).problem(); !strings.Contains(p.Detail, "stopping") {
		t.Errorf("the problem is %+v", p)
	}
	m.send("", http.MethodGet, wire.PathHealth, nil).want(http.StatusOK)
}
