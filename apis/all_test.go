package apis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"clavier/model"
)

// keysAndAPIs returns n keys and m APIs with addresses of their own.
func keysAndAPIs(n, m int) ([]model.Key, []model.API) {
	keys, apis := make([]model.Key, n), make([]model.API, m)
	for i := range keys {
		keys[i] = model.Key{ID: fmt.Sprintf("id-%d", i)}
	}
	for i := range apis {
		apis[i] = describe(fmt.Sprintf("http://127.0.0.%d", i+1))
		apis[i].Name = fmt.Sprintf("api-%d", i)
	}
	return keys, apis
}

// TestTryAll: each key meets each API once, four at a time, and each answer comes as soon as it is there.
func TestTryAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys, apis := keysAndAPIs(4, 3)
		var busy, most, revealed atomic.Int32
		p := New(Options{Dial: func(_ context.Context, _, address string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() {
				defer func() { _ = there.Close() }()
				head := readHead(there)
				now := busy.Add(1)
				for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
				}
				time.Sleep(time.Second) // of the clock that the test turns
				busy.Add(-1)
				// Key 2 is dead at the second API, and the third fails.
				line := "200 OK"
				switch {
				case strings.HasPrefix(address, "127.0.0.2:") && strings.Contains(head, "secret-2\r\n"):
					line = "401 No"
				case strings.HasPrefix(address, "127.0.0.3:"):
					line = "500 Oops"
				}
				_, _ = io.WriteString(there, "HTTP/1.1 "+line+"\r\nContent-Length: 0\r\n\r\n")
			}()
			return here, nil
		}})
		reveal := func(_ context.Context, id string) (model.Secret, error) {
			revealed.Add(1)
			return model.NewSecret("secret-" + strings.TrimPrefix(id, "id-")), nil
		}
		began := time.Now()
		got, when := map[string]model.Verdict{}, map[time.Duration]int{}
		p.TryAll(t.Context(), apis, keys, reveal, func(a model.Answer) { // the race detector sees it if two are given at once
			got[a.KeyID+" "+a.API] = a.Verdict
			when[time.Since(began)]++
		})
		want := map[string]model.Verdict{}
		for _, key := range keys {
			want[key.ID+" api-0"], want[key.ID+" api-1"], want[key.ID+" api-2"] = model.VerdictAlive, model.VerdictAlive, model.VerdictUnknown
		}
		want["id-2 api-1"] = model.VerdictDead
		if !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if most.Load() != AtOnce || revealed.Load() != int32(len(keys)) {
			t.Errorf("%d at once, %d secrets revealed", most.Load(), revealed.Load())
		}
		if want := map[time.Duration]int{time.Second: 4, 2 * time.Second: 4, 3 * time.Second: 4}; !maps.Equal(when, want) {
			t.Errorf("answers came at %v, want %v", when, want)
		}
	})
}

// TestTryAllGivenUp: it ends at once, with what was answered by then, and reveals nothing more.
func TestTryAllGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys, apis := keysAndAPIs(20, 1)
		served, end := context.WithCancel(t.Context())
		p := piped(served, func(ctx context.Context, conn net.Conn) {
			if head := readHead(conn); strings.Contains(head, "id-0\r\n") {
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				return
			}
			<-ctx.Done()
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		var revealed atomic.Int32
		began, answers := time.Now(), 0
		p.TryAll(ctx, apis, keys, func(_ context.Context, id string) (model.Secret, error) {
			revealed.Add(1)
			return model.NewSecret(id), nil
		}, func(model.Answer) { answers++ })
		if took := time.Since(began); took != time.Second || answers != 1 || revealed.Load() != 5 {
			t.Errorf("it took %v, gave %d answers and revealed %d secrets", took, answers, revealed.Load())
		}
		end()
		synctest.Wait()
	})
}

// TestTryAllWithoutASecret: a secret that cannot be had makes its key unknown, and harms no other; nor does a panic.
func TestTryAllWithoutASecret(t *testing.T) {
	server := serve(t, nil, status("200 OK"))
	keys, apis := keysAndAPIs(3, 1)
	apis[0].URL = server.url()
	got := map[string]model.Answer{}
	New(Options{Now: stopped}).TryAll(t.Context(), apis, keys, func(_ context.Context, id string) (model.Secret, error) {
		switch id {
		case "id-0":
			return model.Secret{}, errors.New("damaged \x1b[2J")
		case "id-1":
			panic("odd")
		}
		return newSecret(), nil
	}, func(a model.Answer) { got[a.KeyID] = a })
	for id, want := range map[string]model.Answer{
		"id-0": {KeyID: "id-0", API: "api-0", Verdict: model.VerdictUnknown, At: moment, Why: "its secret cannot be had: damaged ⟨U+001B⟩[2J; nothing was sent"},
		"id-1": {KeyID: "id-1", API: "api-0", Verdict: model.VerdictUnknown, At: moment, Why: "the try failed: odd"},
		"id-2": {KeyID: "id-2", API: "api-0", Verdict: model.VerdictAlive, At: moment, Status: 200},
	} {
		if got[id] != want {
			t.Errorf("got %+v, want %+v", got[id], want)
		}
	}
	if requests, _ := server.seen(); len(requests) != 1 {
		t.Errorf("%d requests", len(requests))
	}
}

// TestTryAllOfNothing: no key or no API is no work.
func TestTryAllOfNothing(t *testing.T) {
	keys, apis := keysAndAPIs(1, 1)
	fail := func(context.Context, string) (model.Secret, error) {
		t.Error("a secret was revealed")
		return model.Secret{}, nil
	}
	New(Options{}).TryAll(t.Context(), nil, keys, fail, func(model.Answer) { t.Error("an answer came") })
	New(Options{}).TryAll(t.Context(), apis, nil, fail, func(model.Answer) { t.Error("an answer came") })
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	New(Options{}).TryAll(ended, apis, keys, func(context.Context, string) (model.Secret, error) { return newSecret(), nil }, func(model.Answer) { t.Error("an answer came") })
}
