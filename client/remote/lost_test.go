package remote

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clavier/model"
)

// cutter serves a handler over connections that break: what is to be sent of an answer is decided by cut.
type cutter struct {
	net.Listener
	handler http.Handler
	// cut returns how many bytes of an answer are sent before the connection is reset; -1 for all. It is called one at a time.
	cut func(request *http.Request, answer int) int
	mu  sync.Mutex
	// longest is the length of the longest answer so far.
	longest int
}

func newCutter(t testing.TB, handler http.Handler, cut func(*http.Request, int) int) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: listener, handler: handler, cut: cut}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { c.serve(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); wg.Wait() })
	return c
}

// serve answers one request, and then ends the connection.
func (c *cutter) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	recorder := httptest.NewRecorder()
	c.handler.ServeHTTP(recorder, request)
	var answer bytes.Buffer
	response := recorder.Result()
	response.Close = true
	_ = response.Write(&answer)
	c.mu.Lock()
	c.longest = max(c.longest, answer.Len())
	n := c.cut(request, answer.Len())
	c.mu.Unlock()
	if n < 0 || n >= answer.Len() {
		_, _ = conn.Write(answer.Bytes())
		return
	}
	_, _ = conn.Write(answer.Bytes()[:n])
	_ = conn.(*net.TCPConn).SetLinger(0)
}

// most returns the length of the longest answer so far.
func (c *cutter) most() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.longest
}

func (c *cutter) url() string { return "http://" + c.Addr().String() }

// offsets calls one with every number of bytes that an answer can be cut at, until there are no more.
func offsets(t *testing.T, one func(t *testing.T, cut int) (longest int)) {
	t.Helper()
	for cut, longest := 0, 1; cut < longest; cut++ {
		longest = one(t, cut)
		if longest == 0 || t.Failed() {
			t.Fatalf("cut at %d of %d", cut, longest)
		}
	}
}

// TestT9CreateAnswerLost: the connection is reset after the commit, at every byte of the answer. There is exactly one key
// afterwards, it is the one whose secret is held, and the create is no error.
func TestT9CreateAnswerLost(t *testing.T) {
	for about, losses := range map[string]int{"once": 1, "twice": 2, "each time": maxTries} {
		t.Run(about, func(t *testing.T) {
			offsets(t, func(t *testing.T, cut int) int {
				service := &fake{}
				left := losses
				server := newCutter(t, service, func(r *http.Request, _ int) int {
					if r.Method == http.MethodPut && left > 0 {
						left--
						return cut
					}
					return -1
				})
				o, _ := options(t, server.url())
				r := open(t, o)
				sent := record(t, "production")
				if err := r.Put(t.Context(), sent, model.Actor{}); err != nil {
					t.Errorf("cut at %d: %v", cut, err)
				}
				keys := service.keys()
				if len(keys) != 1 || keys[0].Key.ID != sent.Key.ID || keys[0].Sealed.Digest != sent.Sealed.Digest {
					t.Errorf("cut at %d: the service has %d keys, or another", cut, len(keys))
				}
				puts := slices.DeleteFunc(service.asked(), func(s string) bool { return !strings.HasPrefix(s, "PUT") })
				if len(slices.Compact(slices.Clone(puts))) != 1 || len(puts) > maxTries {
					t.Errorf("cut at %d: asked %v", cut, puts)
				}
				return server.most()
			})
		})
	}
}

// TestT9CreateInDoubt: if no question is answered either, the create is in doubt, and another Put of the same record makes no
// second key.
func TestT9CreateInDoubt(t *testing.T) {
	service := &fake{}
	var silent atomic.Bool
	silent.Store(true)
	server := newCutter(t, service, func(*http.Request, int) int {
		if silent.Load() {
			return 0
		}
		return -1
	})
	o, token := options(t, server.url())
	r := open(t, o)
	sent := record(t, "production")
	err := r.Put(t.Context(), sent, model.Actor{})
	if !errors.Is(err, model.ErrOutcomeUnknown) || errors.Is(err, model.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	wantSentence(t, r, token, err)
	silent.Store(false)
	if err := r.Put(t.Context(), sent, model.Actor{}); err != nil {
		t.Errorf("the same record again: %v", err)
	}
	if keys := service.keys(); len(keys) != 1 {
		t.Errorf("there are %d keys", len(keys))
	}
}

// TestT9NothingArrived: a create that never came through is in doubt at most, never taken for made.
func TestT9NothingArrived(t *testing.T) {
	service := &fake{}
	server := newCutter(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut {
			service.ServeHTTP(w, r)
		}
	}), func(r *http.Request, _ int) int {
		if r.Method == http.MethodPut {
			return 0
		}
		return -1
	})
	o, _ := options(t, server.url())
	if err := open(t, o).Put(t.Context(), record(t, "production"), model.Actor{}); !errors.Is(err, model.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
}

// TestT9RefusedAfterALoss: what answers a repetition is about the first try, too.
func TestT9RefusedAfterALoss(t *testing.T) {
	for about, test := range map[string]struct {
		then http.HandlerFunc
		want error
	}{
		"the name is taken": {func(w http.ResponseWriter, _ *http.Request) { tells(w, model.ErrNameTaken, "taken") }, model.ErrNameTaken},
		"the token is gone": {func(w http.ResponseWriter, _ *http.Request) { tells(w, model.ErrToken, "gone") }, model.ErrOutcomeUnknown},
		"too many requests": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, model.ErrOutcomeUnknown},
	} {
		t.Run(about, func(t *testing.T) {
			first := true
			server := newCutter(t, test.then, func(*http.Request, int) int {
				if first {
					first = false
					return 0
				}
				return -1
			})
			o, _ := options(t, server.url())
			if err := open(t, o).Put(t.Context(), record(t, "production"), model.Actor{}); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// TestT10DeleteAnswerLost: a deletion whose answer is lost at any byte is known to be made: it is repeated, and the key is gone.
func TestT10DeleteAnswerLost(t *testing.T) {
	for about, losses := range map[string]int{"once": 1, "each time": maxTries} {
		t.Run(about, func(t *testing.T) {
			offsets(t, func(t *testing.T, cut int) int {
				service := &fake{records: []model.Record{record(t, "deleted"), record(t, "kept")}}
				left := losses
				server := newCutter(t, service, func(r *http.Request, _ int) int {
					if r.Method == http.MethodDelete && left > 0 {
						left--
						return cut
					}
					return -1
				})
				o, _ := options(t, server.url())
				if err := open(t, o).Delete(t.Context(), service.records[0].Key.ID, model.Actor{}, time.Now()); err != nil {
					t.Errorf("cut at %d: %v", cut, err)
				}
				if keys := service.keys(); len(keys) != 1 || keys[0].Key.Name != "kept" {
					t.Errorf("cut at %d: %d keys are left", cut, len(keys))
				}
				// What the repetition answers is enough; only if nothing answers, the key is asked for.
				if n := count(service.asked(), http.MethodGet); n > 0 && about == "once" {
					t.Errorf("cut at %d: %d questions were asked", cut, n)
				}
				return server.most()
			})
		})
	}
}

// TestT10DeleteOfNothing: a key that was never there is not taken for deleted, unless a try was in doubt.
func TestT10DeleteOfNothing(t *testing.T) {
	r := over(t, &fake{})
	if err := r.Delete(t.Context(), record(t, "gone").Key.ID, model.Actor{}, time.Now()); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// TestT10EndAnswerLost: an end is sent once; if its answer is lost at any byte, the key tells.
func TestT10EndAnswerLost(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	for about, ends := range map[string]time.Time{"at once": now, "later": now.Add(time.Hour), "never": {}} {
		t.Run(about, func(t *testing.T) {
			offsets(t, func(t *testing.T, cut int) int {
				service := &fake{records: []model.Record{record(t, "ended")}}
				server := newCutter(t, service, func(r *http.Request, _ int) int {
					if r.Method == http.MethodPost {
						return cut
					}
					return -1
				})
				o, _ := options(t, server.url())
				key, err := open(t, o).End(t.Context(), service.records[0].Key.ID, ends, model.Actor{}, now)
				if err != nil || key.Disabled != (about == "at once") || about == "later" && !key.ExpiresAt.Equal(ends) {
					t.Errorf("cut at %d: %+v, %v", cut, key, err)
				}
				if n := count(service.asked(), http.MethodPost); n != 1 {
					t.Errorf("cut at %d: it was sent %d times", cut, n)
				}
				return server.most()
			})
		})
	}
}

// TestT10EndNotMade: an end that was lost on its way is in doubt, and is not sent again.
func TestT10EndNotMade(t *testing.T) {
	service := &fake{records: []model.Record{record(t, "not ended")}}
	server := newCutter(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			service.ServeHTTP(w, r)
		}
	}), func(r *http.Request, _ int) int {
		if r.Method == http.MethodPost {
			return 0
		}
		return -1
	})
	o, _ := options(t, server.url())
	_, err := open(t, o).End(t.Context(), service.records[0].Key.ID, time.Now().Add(time.Hour), model.Actor{}, time.Now())
	if !errors.Is(err, model.ErrOutcomeUnknown) {
		t.Errorf("got %v", err)
	}
}

func count(requests []string, method string) (n int) {
	for _, request := range requests {
		if strings.HasPrefix(request, method+" ") {
			n++
		}
	}
	return n
}

// TestT10LeftInDoubt: who leaves while a change that may have been made is to be repeated is told both.
func TestT10LeftInDoubt(t *testing.T) {
	for about, notices := range map[string]bool{"in the pause": true, "after the pause": false} {
		t.Run(about, func(t *testing.T) {
			service := &fake{}
			server := newCutter(t, service, func(*http.Request, int) int { return 0 })
			o, _ := options(t, server.url())
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o.Sleep = func(ctx context.Context, _ time.Duration) error {
				if cancel(); notices {
					return ctx.Err()
				}
				return nil
			}
			err := open(t, o).Put(ctx, record(t, "production"), model.Actor{})
			if !errors.Is(err, model.ErrOutcomeUnknown) || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if n := len(service.asked()); n != 1 {
				t.Errorf("it was sent %d times", n)
			}
		})
	}
}
