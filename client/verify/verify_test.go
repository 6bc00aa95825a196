package verify

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

const keyID = "01890a5d-ac96-774b-bcce-b302099a8057"

func drawn(t testing.TB) model.Secret {
	t.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// service is a key service that knows some secrets.
type service struct {
	mu    sync.Mutex
	live  map[string]string // the name, by the secret
	asked int
	// answer is how a request is answered instead, if it is not nil.
	answer http.HandlerFunc
	// hold is closed to let answers go; nil to let them go at once.
	hold chan struct{}
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked++
	hold, answer := s.hold, s.answer
	s.mu.Unlock()
	if hold != nil {
		<-hold
	}
	if answer != nil {
		answer(w, r)
		return
	}
	presented, err := wire.Presented(r.Header)
	s.mu.Lock()
	name, ok := s.live[presented]
	s.mu.Unlock()
	if err != nil || !ok || r.URL.Path != wire.PathVerify {
		w.Header().Set("WWW-Authenticate", `Bearer realm="clavier"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set(wire.HeaderKeyID, keyID)
	w.Header().Set(wire.HeaderKeyName, wire.EncodeName(name))
	w.Header().Set(wire.HeaderKeyRole, "use")
}

func (s *service) set(change func(s *service)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// answering has every request answered like this; nil takes that back.
func (s *service) answering(answer http.HandlerFunc) { s.set(func(s *service) { s.answer = answer }) }

func (s *service) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// clock is one that the test turns.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) turn(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// asking returns a Verifier, its service, and its clock.
func asking(t testing.TB, change ...func(*Options)) (*Verifier, *service, *clock) {
	t.Helper()
	s := &service{live: map[string]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c := &clock{at: time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)}
	o := Options{URL: server.URL, Now: c.now}
	for _, ch := range change {
		ch(&o)
	}
	v, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v, s, c
}

// let makes a secret live, and returns a header that presents it.
func (s *service) let(t testing.TB, name string) (model.Secret, http.Header) {
	secret := drawn(t)
	s.set(func(s *service) { s.live[secret.Reveal()] = name })
	return secret, bearer(secret)
}

func bearer(secret model.Secret) http.Header {
	return http.Header{"Authorization": {"Bearer " + secret.Reveal()}}
}

// TestCheck: a good key is known by its header, and is asked about with the secret and nothing else.
func TestCheck(t *testing.T) {
	v, s, _ := asking(t)
	secret, header := s.let(t, "caf\u00e9 & more")
	header.Set("Cookie", "session")
	header.Set(wire.HeaderKeyName, "root")
	s.answering(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" || r.Header.Get(wire.HeaderKeyName) != "" || r.Method != http.MethodGet || r.ContentLength > 0 {
			t.Errorf("more than the secret was sent: %d headers", len(r.Header))
		}
		w.Header().Set(wire.HeaderKeyID, keyID)
		w.Header().Set(wire.HeaderKeyName, wire.EncodeName("caf\u00e9 & more"))
		w.Header().Set(wire.HeaderKeyRole, "manage")
	})
	for range 3 {
		got, err := v.Check(t.Context(), header)
		if want := (Identity{KeyID: keyID, Name: "caf\u00e9 & more", Role: model.RoleManage}); err != nil || got != want {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	for _, header := range []http.Header{
		{"X-Api-Key": {secret.Reveal()}}, {"Authorization": {"token " + secret.Reveal()}}, {"Authorization": {"Basic x"}, "X-Api-Key": {secret.Reveal()}},
	} {
		if _, err := v.Check(t.Context(), header); err != nil {
			t.Errorf("got %v", err)
		}
	}
	if n := s.count(); n != 1 {
		t.Errorf("the service was asked %d times", n)
	}
}

// TestCheckRefusesUnasked is the middleware's part of T1 and T25: what cannot be a key is refused without a question.
func TestCheckRefusesUnasked(t *testing.T) {
	v, s, _ := asking(t)
	secret, _ := s.let(t, "live")
	other, _ := s.let(t, "other")
	text := secret.Reveal()
	for about, header := range map[string]http.Header{
		"nothing": {}, "empty": {"Authorization": {""}}, "no secret": {"Authorization": {"Bearer"}}, "another scheme": {"Authorization": {"Basic " + text}},
		"bare": {"Authorization": {text}}, "no shape": {"X-Api-Key": {"secret"}}, "a wrong checksum": {"X-Api-Key": {text[:len(text)-1] + flip(text[len(text)-1])}},
		"a part": {"X-Api-Key": {text[:len(text)-1]}}, "more": {"X-Api-Key": {text + "x"}}, "with a newline": {"X-Api-Key": {text + "\n"}},
		"two keys": {"Authorization": {"Bearer " + text}, "X-Api-Key": {other.Reveal()}}, "two in one header": {"X-Api-Key": {text, other.Reveal()}},
	} {
		got, err := v.Check(t.Context(), header)
		if !errors.Is(err, model.ErrRefused) || err.Error() != model.ErrRefused.Error() || got != (Identity{}) {
			t.Errorf("%s: got %+v, %v", about, got, err)
		}
	}
	if n := s.count(); n != 0 {
		t.Errorf("the service was asked %d times", n)
	}
}

func flip(c byte) string {
	if c == '0' {
		return "1"
	}
	return "0"
}

// TestTTL: a good answer is used for as long as it may be, counted from the question on, and no longer; a refusal likewise, apart
// from it; and no turn of the clock makes an answer last.
func TestTTL(t *testing.T) {
	v, s, c := asking(t, func(o *Options) { o.TTL, o.NegativeTTL = 5*time.Second, 2*time.Second })
	secret, header := s.let(t, "production")
	check := func(want error, asked int) {
		t.Helper()
		if _, err := v.Check(t.Context(), header); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
		if n := s.count(); n != asked {
			t.Errorf("the service was asked %d times, want %d", n, asked)
		}
	}
	check(nil, 1)
	s.set(func(s *service) { delete(s.live, secret.Reveal()) })
	c.turn(5*time.Second - 1)
	check(nil, 1)
	c.turn(1)
	check(model.ErrRefused, 2)
	s.set(func(s *service) { s.live[secret.Reveal()] = "again" })
	c.turn(2*time.Second - 1)
	check(model.ErrRefused, 2)
	c.turn(1)
	check(nil, 3)
	c.turn(-time.Hour)
	check(nil, 4)
	c.turn(time.Hour)
	check(nil, 5)
}

// TestTTLCountsFromTheQuestion: the time that an answer takes is part of its age.
func TestTTLCountsFromTheQuestion(t *testing.T) {
	v, s, c := asking(t)
	_, header := s.let(t, "slow")
	s.answering(func(w http.ResponseWriter, _ *http.Request) {
		c.turn(DefaultTTL)
		w.Header().Set(wire.HeaderKeyID, keyID)
		w.Header().Set(wire.HeaderKeyName, "")
		w.Header().Set(wire.HeaderKeyRole, "use")
	})
	for n := range 3 {
		if _, err := v.Check(t.Context(), header); err != nil || s.count() != n+1 {
			t.Errorf("asked %d times: %v", s.count(), err)
		}
	}
}

// TestNothingKept: with a negative time nothing is kept.
func TestNothingKept(t *testing.T) {
	v, s, _ := asking(t, func(o *Options) { o.TTL, o.NegativeTTL = -1, -1 })
	_, good := s.let(t, "good")
	for range 3 {
		_, _ = v.Check(t.Context(), good)
		_, _ = v.Check(t.Context(), bearer(drawn(t)))
	}
	if n := s.count(); n != 6 {
		t.Errorf("the service was asked %d times", n)
	}
}

// TestFlood: however many bad keys come, the caches stay as small as they may be, and good keys are not pushed out.
func TestFlood(t *testing.T) {
	v, s, _ := asking(t, func(o *Options) { o.MaxEntries = 50 })
	headers := make([]http.Header, 50)
	for i := range headers {
		_, headers[i] = s.let(t, fmt.Sprint(i))
		if _, err := v.Check(t.Context(), headers[i]); err != nil {
			t.Fatal(err)
		}
	}
	for range 500 {
		if _, err := v.Check(t.Context(), bearer(drawn(t))); !errors.Is(err, model.ErrRefused) {
			t.Fatal(err)
		}
	}
	before := s.count()
	for _, header := range headers {
		if _, err := v.Check(t.Context(), header); err != nil {
			t.Error(err)
		}
	}
	if n := s.count(); n != before || v.good.Len() != 50 || v.bad.Len() != 50 {
		t.Errorf("good keys were asked about %d times again; %d and %d answers are kept", n-before, v.good.Len(), v.bad.Len())
	}
}

// TestOneQuestion: many requests with one key at once make one question, and who leaves does not spoil it for the others.
func TestOneQuestion(t *testing.T) {
	v, s, _ := asking(t)
	_, header := s.let(t, "busy")
	hold := make(chan struct{})
	s.set(func(s *service) { s.hold = hold })
	leaving, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { _, err := v.Check(leaving, header); left <- err }()
	for s.count() == 0 {
		runtime.Gosched()
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := v.Check(t.Context(), header); err != nil || got.Name != "busy" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	close(hold)
	wg.Wait()
	if n := s.count(); n > 2 { // a second one if all were late
		t.Errorf("the service was asked %d times", n)
	}
}

// TestLateToAQuestion: who comes long after a question went out does not go by its answer: the key may have been deleted since.
func TestLateToAQuestion(t *testing.T) {
	for _, ttl := range []time.Duration{0, -1} {
		read := make(chan struct{}, 8) // the clock, by whoever comes
		v, s, clock := asking(t, func(o *Options) {
			o.TTL = ttl
			now := o.Now
			o.Now = func() time.Time { defer func() { read <- struct{}{} }(); return now() }
		})
		_, header := s.let(t, "slow")
		hold := make(chan struct{})
		s.answering(func(w http.ResponseWriter, _ *http.Request) {
			<-hold
			w.Header().Set(wire.HeaderKeyID, keyID)
			w.Header().Set(wire.HeaderKeyName, "slow")
			w.Header().Set(wire.HeaderKeyRole, "use")
		})
		check := func() chan error {
			done := make(chan error, 1)
			go func() { _, err := v.Check(t.Context(), header); done <- err }()
			<-read
			return done
		}
		first := check()
		for s.count() == 0 {
			runtime.Gosched()
		}
		<-read // by the question
		s.answering(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
		clock.turn(DefaultTTL)
		late := check()
		for range 1000 { // it joins the question now; if not, it asks one of its own
			runtime.Gosched()
		}
		close(hold)
		if err := <-first; err != nil {
			t.Errorf("who asked got %v", err)
		}
		if err := <-late; !errors.Is(err, model.ErrRefused) {
			t.Errorf("who came %v later got %v", DefaultTTL, err)
		}
	}
}

// TestFailsClosed: where the service does not decide, nobody is let in: whatever it answers, and if it does not.
func TestFailsClosed(t *testing.T) {
	withKey := func(status int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
		}
	}
	all := []string{wire.HeaderKeyID, keyID, wire.HeaderKeyName, "", wire.HeaderKeyRole, "use"}
	for about, answer := range map[string]http.HandlerFunc{
		"200 without a key": withKey(200), "200 without an id": withKey(200, all[2:]...), "200 without a role": withKey(200, all[:4]...),
		"200 without a name": withKey(200, wire.HeaderKeyID, keyID, wire.HeaderKeyRole, "use"), "an id that is none": withKey(200, append([]string{wire.HeaderKeyName, "", wire.HeaderKeyRole, "use"}, wire.HeaderKeyID, "x")...),
		"a role that is none": withKey(200, wire.HeaderKeyID, keyID, wire.HeaderKeyName, "", wire.HeaderKeyRole, "root"),
		"201":                 withKey(201, all...), "204": withKey(204, all...), "301": withKey(301, append(all, "Location", "/v1/verify/")...), "302": withKey(302, append(all, "Location", "https://evil.example")...),
		"400": withKey(400), "403": withKey(403), "404": withKey(404), "429": withKey(429), "500": withKey(500, all...), "503": withKey(503), "a reset": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(about, func(t *testing.T) {
			v, s, _ := asking(t)
			secret, header := s.let(t, "production")
			s.answering(answer)
			for range 2 { // and it is not kept
				got, err := v.Check(t.Context(), header)
				if !errors.Is(err, model.ErrUnreachable) || errors.Is(err, model.ErrRefused) || got != (Identity{}) {
					t.Fatalf("got %+v, %v", got, err)
				}
				if !model.IsDisplayable(err.Error()) || strings.Contains(err.Error(), secret.Reveal()) {
					t.Errorf("the error is %q", err)
				}
			}
			s.answering(nil)
			if _, err := v.Check(t.Context(), header); err != nil {
				t.Errorf("when it is well again: %v", err)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		v, s, _ := asking(t, func(o *Options) {
			o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, io.ErrUnexpectedEOF }
		})
		_, header := s.let(t, "production")
		if _, err := v.Check(t.Context(), header); !errors.Is(err, model.ErrUnreachable) {
			t.Errorf("got %v", err)
		}
	})
}

// TestKeptWhileDown: a key that was good a moment ago is let in while the service is away, and not for longer than it may be.
func TestKeptWhileDown(t *testing.T) {
	v, s, c := asking(t)
	_, header := s.let(t, "production")
	if _, err := v.Check(t.Context(), header); err != nil {
		t.Fatal(err)
	}
	s.answering(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	if _, err := v.Check(t.Context(), header); err != nil {
		t.Errorf("within the time: %v", err)
	}
	c.turn(DefaultTTL)
	if _, err := v.Check(t.Context(), header); !errors.Is(err, model.ErrUnreachable) {
		t.Errorf("after it: %v", err)
	}
}

// TestNew: options that cannot be are refused with a sentence.
func TestNew(t *testing.T) {
	for about, o := range map[string]Options{
		"no address": {}, "plain http elsewhere": {URL: "http://keys.example.com"}, "user info": {URL: "https://ada:hunter2@keys.example.com"},
		"a query": {URL: "https://keys.example.com?x"}, "too long": {URL: "https://keys.example.com", TTL: MaxTTL + 1},
		"too long a refusal": {URL: "https://keys.example.com", NegativeTTL: MaxTTL + 1}, "a negative number": {URL: "https://keys.example.com", MaxEntries: -1},
		"no authorities": {URL: "https://keys.example.com", CAFile: "/nowhere/ca.pem"},
	} {
		if v, err := New(o); err == nil || v != nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, %v", about, v, err)
		}
	}
}

// TestNoSecretKept: what a Verifier keeps holds no secret.
func TestNoSecretKept(t *testing.T) {
	v, s, _ := asking(t)
	secret, header := s.let(t, "production")
	if _, err := v.Check(t.Context(), header); err != nil {
		t.Fatal(err)
	}
	for _, key := range v.good.Keys() {
		if kept, _ := v.good.Get(key); bytes.Contains(key[:], []byte(secret.Reveal())) || strings.Contains(fmt.Sprintf("%#v", kept), secret.Reveal()) {
			t.Error("the secret is kept")
		}
	}
}

// BenchmarkCheckKept is a check whose answer is kept.
func BenchmarkCheckKept(b *testing.B) {
	v, s, _ := asking(b)
	_, header := s.let(b, "production")
	if _, err := v.Check(b.Context(), header); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Check(b.Context(), header); err != nil {
			b.Fatal(err)
		}
	}
}
