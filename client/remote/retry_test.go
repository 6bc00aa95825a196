package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"clavier/model"
)

// waits is what a Remote waits, and says that it waits.
type waits struct {
	slept []time.Duration
	until []time.Time
}

// noted returns options that wait nothing and note it, at a clock that stands still.
func noted(w *waits, now time.Time) func(*Options) {
	return func(o *Options) {
		o.Now = func() time.Time { return now }
		o.Sleep = func(ctx context.Context, d time.Duration) error { w.slept = append(w.slept, d); return ctx.Err() }
		o.Waiting = func(_ context.Context, until time.Time) { w.until = append(w.until, until) }
	}
}

// TestT14RetryAfter: what a service asks for is the least that is waited, told while it is, and given up beyond 30 s.
func TestT14RetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	in := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, test := range []struct {
		header string
		least  time.Duration // 0: as if nothing were asked for
		says   string        // not empty: given up at once
	}{
		{"1", time.Second, ""}, {"7", 7 * time.Second, ""}, {"30", 30 * time.Second, ""}, {in(12 * time.Second), 12 * time.Second, ""},
		{"", 0, ""}, {"0", 0, ""}, {"-5", 0, ""}, {"soon", 0, ""}, {in(-time.Hour), 0, ""}, {"1.5", 0, ""}, {"99999999999999999999", 0, ""},
		{"31", 0, "it asks to be tried again in 31s"}, {"3600", 0, "it asks to be tried again in 1h0m0s"},
		{in(10 * time.Minute), 0, "it asks to be tried again in 10m0s"}, {"2000000000", 0, "it asks to be tried again in more than a day"},
	} {
		for _, status := range []int{429, 500, 502, 503} {
			t.Run(fmt.Sprintf("%q/%d", test.header, status), func(t *testing.T) {
				requests, w := 0, &waits{}
				r := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					requests++
					if test.header != "" {
						w.Header().Set("Retry-After", test.header)
					}
					w.WriteHeader(status)
				}), noted(w, now))
				_, err := r.State(t.Context())
				wantOnly(t, err, model.ErrUnreachable)
				if test.says != "" {
					if requests != 1 || len(w.slept)+len(w.until) > 0 || !strings.Contains(err.Error(), test.says) {
						t.Errorf("%d requests, waited %v: %v", requests, w.slept, err)
					}
					return
				}
				if requests != maxTries || len(w.slept) != maxTries-1 {
					t.Fatalf("%d requests, waited %v", requests, w.slept)
				}
				for _, d := range w.slept {
					if d < test.least || d > test.least+2*time.Second {
						t.Errorf("waited %v, want %v at least", d, test.least)
					}
				}
				if (test.least > 0) != (len(w.until) > 0) {
					t.Errorf("told of %v", w.until)
				}
				for i, until := range w.until {
					if i%2 == 0 && until.Before(now.Add(test.least)) || i%2 == 1 && !until.IsZero() {
						t.Errorf("told of %v", w.until)
					}
				}
			})
		}
	}
}

// TestT14Backoff: between tries a call waits longer and longer, and never as long as another one for certain.
func TestT14Backoff(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 50 {
		w := &waits{}
		r := over(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }), noted(w, time.Now()))
		_, _ = r.State(t.Context())
		for i, d := range w.slept {
			seen[d] = true
			if base := firstPause << i; d < base/2 || d > 2*base {
				t.Errorf("pause %d took %v", i, d)
			}
		}
	}
	if len(seen) < 50 {
		t.Errorf("100 pauses took %d different times", len(seen))
	}
}

// TestT14ThenItWorks: what works at the second or third try worked.
func TestT14ThenItWorks(t *testing.T) {
	for failures := range maxTries {
		service, left := &fake{}, failures
		r := over(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			if left > 0 {
				left--
				tells(w, model.ErrStoreBusy, "busy")
				return
			}
			service.ServeHTTP(w, request)
		}), noted(&waits{}, time.Now()))
		if err := r.Put(t.Context(), record(t, "production"), model.Actor{}); err != nil || len(service.keys()) != 1 {
			t.Errorf("after %d failures: %v", failures, err)
		}
	}
}

// TestT14GivenUpWhileWaiting: who leaves while a call waits is told at once, and that it waits no longer.
func TestT14GivenUpWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		served, end := context.WithCancel(t.Context())
		var told []time.Time
		r := piped(t, served, "http://127.0.0.1", overPipe("HTTP/1.1 503 No\r\nRetry-After: 25\r\nContent-Length: 0\r\n\r\n"))
		type caller struct{}
		r.waiting = func(ctx context.Context, until time.Time) {
			if ctx.Value(caller{}) != "us" {
				t.Error("another one's call waits")
			}
			told = append(told, until)
		}
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), caller{}, "us"))
		began := time.Now()
		time.AfterFunc(10*time.Second, cancel)
		_, err := r.State(ctx)
		if took := time.Since(began); !errors.Is(err, context.Canceled) || took != 10*time.Second {
			t.Errorf("it took %v: %v", took, err)
		}
		if len(told) != 2 || told[0].Before(began.Add(25*time.Second)) || !told[1].IsZero() {
			t.Errorf("told of %v", told)
		}
		end()
		_ = r.Close()
		synctest.Wait()
	})
}
