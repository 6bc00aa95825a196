package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"clavier/model"
	"clavier/server/live"
	"clavier/wire"
)

// verifierOptions are what a verifier is made of. What is not set has its default.
type verifierOptions struct {
	// Now is the clock that decides what has expired; time.Now by default. Waiting is not measured with it.
	Now func() time.Time
	// UnsureAfter is how long after the store was last asked the verifier goes on answering from memory; 30 s by default.
	UnsureAfter time.Duration
	// Poll is how often the store is asked for changes; every 100 ms by default, and every 250 ms if it is a Notifier.
	Poll time.Duration
	// FlushEvery is how often uses are written; every second by default.
	FlushEvery time.Duration
	// Log takes what happens with the store; nothing is logged of a request. slog.Default by default.
	Log *slog.Logger
}

func (o verifierOptions) orDefaults(store Store) verifierOptions {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.UnsureAfter <= 0 {
		o.UnsureAfter = 30 * time.Second
	}
	if o.Poll <= 0 {
		o.Poll = 100 * time.Millisecond
		if _, tells := store.(Notifier); tells {
			o.Poll = 250 * time.Millisecond
		}
	}
	if o.FlushEvery <= 0 {
		o.FlushEvery = time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// verifier answers whether presented secrets belong to live keys. It answers from memory; what it remembers is kept fresh by
// run, and by catchUp. It is safe for concurrent use.
type verifier struct {
	store Store
	o     verifierOptions

	// Who judges reads doubtful before keys, who replaces keys writes them before doubtful.
	keys atomic.Pointer[live.Keys] // nil before they were loaded
	// doubtful is true while keys lack changes that nobody can tell one by one: then no key is taken without asking the store.
	doubtful atomic.Bool
	sureAt   atomic.Pointer[sureMoment] // when the store was asked for what keys hold now; before, when the verifier was made

	allowed, denied, unsure atomic.Uint64

	follower
	uses uses
}

// newVerifier returns a verifier that knows no keys yet: run or catchUp loads them.
func newVerifier(store Store, o verifierOptions) *verifier {
	v := &verifier{store: store, o: o.orDefaults(store)}
	v.setSure(time.Now())
	v.life, v.end = context.WithCancel(context.Background())
	v.wake = make(chan struct{}, 1)
	return v
}

// The values of headers that do not depend on the key.
var (
	noStore     = []string{"no-store"}
	noLength    = []string{"0"}
	closes      = []string{"close"}
	challenge   = []string{`Bearer realm="clavier"`}
	retrySoon   = []string{"1"}
	roleHeaders = [][]string{{model.RoleUse.String()}, {model.RoleRead.String()}, {model.RoleManage.String()}}
)

// ServeHTTP answers 200 with the headers of the key, 401, or 503 while nobody can be sure. The body is always empty, and that of
// the request is not read: a connection on which one was announced ends with the answer. All answers of 401 are the same, whatever the reason.
func (v *verifier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, err := v.judge(r.Context(), r.Header)
	header := w.Header()
	header["Cache-Control"] = noStore
	header["Content-Length"] = noLength
	if r.ContentLength != 0 && r.ProtoMajor == 1 { // else the answer would wait for a body, which may never come
		header["Connection"] = closes
	}
	switch {
	case err == nil:
		v.allowed.Add(1)
		texts := &[2]string{found.KeyID, found.Name}
		header[wire.HeaderKeyID] = texts[0:1:1]
		header[wire.HeaderKeyName] = texts[1:2:2]
		header[wire.HeaderKeyRole] = roleHeader(found.Role)
		w.WriteHeader(http.StatusOK)
	case errors.Is(err, model.ErrUnsure):
		v.unsure.Add(1)
		header["Retry-After"] = retrySoon
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		v.denied.Add(1)
		header["Www-Authenticate"] = challenge
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func roleHeader(role model.Role) []string {
	if int(role) < len(roleHeaders) {
		return roleHeaders[role]
	}
	return []string{role.String()}
}

// identify returns the key whose secret is presented; its name is encoded. The error is model.ErrToken or model.ErrUnsure.
func (v *verifier) identify(h http.Header) (live.Found, error) { return v.judge(v.life, h) }

// judge returns the live key whose secret is presented, and notes its use. The error is model.ErrToken or model.ErrUnsure.
func (v *verifier) judge(ctx context.Context, h http.Header) (live.Found, error) {
	secret, err := wire.Presented(h)
	if err != nil {
		return live.Found{}, model.ErrToken
	}
	doubtful := v.doubtful.Load()
	keys := v.keys.Load()
	if keys == nil || !doubtful && !v.isSure() {
		return live.Found{}, model.ErrUnsure
	}
	now := v.o.Now()
	found, ok := keys.Check(secret, now)
	if doubtful {
		err = v.confirm(ctx, secret, &found, ok, now)
	} else if !ok {
		err = model.ErrToken
	}
	if err != nil {
		return live.Found{}, err
	}
	if found.Due {
		v.uses.note(found.KeyID, now)
	}
	return found, nil
}

// confirm asks the store about a key that was found in memory. One that was not may be new, and nobody asks: a flood of secrets
// that were made up must not reach the store.
func (v *verifier) confirm(ctx context.Context, secret string, found *live.Found, ok bool, now time.Time) error {
	if !ok {
		if model.CheckSecret(secret) != nil {
			return model.ErrToken
		}
		return model.ErrUnsure
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	key, err := v.store.Find(ctx, sha256.Sum256([]byte(secret)))
	switch {
	case errors.Is(err, model.ErrNotFound):
		return model.ErrToken
	case err != nil:
		return model.ErrUnsure
	case key.Imported || key.StatusAt(now) != model.StatusActive:
		return model.ErrToken
	}
	found.KeyID, found.Name, found.Role = key.ID, wire.EncodeName(key.Name), key.Role
	return nil
}

// isSure reports whether the store was asked not too long ago.
func (v *verifier) isSure() bool { return v.unsureFor() <= v.o.UnsureAfter }

// unsureFor returns how long ago the store was asked for what is known now. Before the keys are loaded that is since the
// verifier was made.
//
// It is the longer of what two clocks say: the monotonic one cannot be set, and the other one goes on while the machine sleeps.
func (v *verifier) unsureFor() time.Duration {
	now, at := time.Now(), v.sureAt.Load()
	return max(now.Sub(at.monotonic), now.Sub(at.wall))
}

// sureMoment is one moment by both clocks.
type sureMoment struct{ monotonic, wall time.Time }

// setSure notes that what is known now was asked for at a moment.
func (v *verifier) setSure(asked time.Time) { v.sureAt.Store(&sureMoment{asked, asked.Round(0)}) }

// ready returns nil if keys can be judged, and model.ErrUnsure otherwise.
func (v *verifier) ready() error {
	if v.keys.Load() == nil || !v.isSure() {
		return model.ErrUnsure
	}
	return nil
}

// size returns how many keys are in memory.
func (v *verifier) size() int {
	if keys := v.keys.Load(); keys != nil {
		return keys.Len()
	}
	return 0
}

// stats counts the answers: those of 200, of 401 and of 503.
func (v *verifier) stats() (allowed, denied, unsure uint64) {
	return v.allowed.Load(), v.denied.Load(), v.unsure.Load()
}
