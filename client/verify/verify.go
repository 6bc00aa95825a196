// Package verify lets an API written in Go ask a clavier key service whether the keys that its clients present are good: as
// middleware for package net/http, or call by call.
//
// Answers are kept for a moment, so that a busy API does not ask for every request. A key that is deleted or ends is therefore
// refused [Options].TTL later than by the service itself, at most; this is one second unless it is set. What cannot be
// decided is not let in: while the service does not answer, requests get 503, apart from those with an answer that is kept.
package verify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"clavier/model"
	"clavier/reach"
	"clavier/wire"
)

// The bounds of the options.
const (
	// MaxTTL is the longest time for which an answer may be kept.
	MaxTTL = time.Minute
	// DefaultTTL is how long answers are kept unless it is said otherwise.
	DefaultTTL = time.Second
	// DefaultEntries is how many answers of each kind are kept unless it is said otherwise.
	DefaultEntries = 10_000

	idleFor = 45 * time.Second
)

// Options are what a Verifier is told. URL is required.
type Options struct {
	// URL is the address of the service: https://HOST[:PORT][/PATH], http:// to this machine, or unix:/PATH of a socket.
	URL string
	// CAFile is a file of further authorities in PEM, beside those of the system.
	CAFile string
	// RootCAs are the authorities that certificates are checked against, instead of the system's and CAFile.
	RootCAs *x509.CertPool
	// TTL is how long a good answer is kept, MaxTTL at most; DefaultTTL if 0, and not at all if it is negative.
	TTL time.Duration
	// NegativeTTL is how long a refusal is kept, in the same way: so much later a new key may be let in.
	NegativeTTL time.Duration
	// MaxEntries is how many good answers are kept, and how many refusals; DefaultEntries if 0. Each takes about 300 bytes.
	MaxEntries int
	// KeepSecret leaves the presented secret in the request that the next handler sees.
	KeepSecret bool
	// UserAgent is what requests say of the API: "clavier-verify" if empty.
	UserAgent string
	// Limits bound each question: the headers of an answer come within 5 s, and all of it within 10 s, with the wait until it can
	// be asked, unless they say otherwise.
	Limits reach.Limits
	// Dial makes connections, as the system does if nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Now is the clock by which answers grow old: time.Now if nil.
	Now func() time.Time
}

// Identity is the key that was presented.
type Identity struct {
	// KeyID names the key for good.
	KeyID string
	// Name is what its owner calls it. Pass it through [model.Display] before it reaches a screen or a log.
	Name string
	// Role is what it may ask of the key service itself.
	Role model.Role
}

// Verifier asks a key service about keys. It is safe for concurrent use.
type Verifier struct {
	url         *url.URL
	place       string
	userAgent   string
	limits      reach.Limits
	ttl, badTTL time.Duration
	keepSecret  bool
	now         func() time.Time
	transport   *http.Transport
	good        *lru.Cache[model.Digest, goodAnswer]
	bad         *lru.Cache[model.Digest, moment]

	// Each question that is on its way has a place in turns, or in known if its key was good the last time.
	turns, known chan struct{}
	mu           sync.Mutex
	asking       map[model.Digest]*question // also those that wait for their turn
}

// goodAnswer is a key that the service took, and when it was asked.
type goodAnswer struct {
	identity Identity
	asked    moment
}

// moment is a time by both clocks: the monotonic one cannot be set, and the one on the wall goes on while the machine sleeps.
type moment struct{ monotonic, wall time.Time }

func momentOf(t time.Time) moment { return moment{t, t.Round(0)} }

// New returns a Verifier for a service, which is not asked anything yet. The error says what is wrong with the options.
func New(o Options) (*Verifier, error) {
	service, err := reach.ServiceAt(o.URL)
	if err != nil {
		return nil, err
	}
	if o.TTL > MaxTTL || o.NegativeTTL > MaxTTL {
		return nil, fmt.Errorf("answers are kept for %v at most: a deleted key would be let in for longer", MaxTTL)
	}
	if o.MaxEntries < 0 {
		return nil, errors.New("the number of answers that are kept cannot be negative")
	}
	roots := o.RootCAs
	if roots == nil && o.CAFile != "" {
		if roots, err = reach.Authorities(o.CAFile); err != nil {
			return nil, err
		}
	}
	if o.Limits.Headers <= 0 {
		o.Limits.Headers = 5 * time.Second
	}
	if o.Limits.All <= 0 {
		o.Limits.All = 10 * time.Second
	}
	v := &Verifier{
		url: service.At(wire.PathVerify, nil), place: service.Place(), userAgent: o.UserAgent, limits: o.Limits.OrDefaults(),
		ttl: orDefault(o.TTL), badTTL: orDefault(o.NegativeTTL), keepSecret: o.KeepSecret, now: o.Now,
		transport: reach.Transport(o.Limits, roots, service.Dial(o.Dial)),
		turns:     make(chan struct{}, mostAsking-mostKnown), known: make(chan struct{}, mostKnown), asking: map[model.Digest]*question{},
	}
	if v.userAgent == "" {
		v.userAgent = "clavier-verify"
	}
	if v.now == nil {
		v.now = time.Now
	}
	v.transport.ForceAttemptHTTP2 = true
	v.transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: v.limits.Headers, PingTimeout: v.limits.Connect}
	v.transport.MaxConnsPerHost, v.transport.MaxIdleConnsPerHost, v.transport.IdleConnTimeout = mostAsking, mostAsking, idleFor
	entries := o.MaxEntries
	if entries == 0 {
		entries = DefaultEntries
	}
	// Two caches: however many bad keys come, they push out no good one.
	if v.good, err = lru.New[model.Digest, goodAnswer](entries); err != nil {
		return nil, err
	}
	if v.bad, err = lru.New[model.Digest, moment](entries); err != nil {
		return nil, err
	}
	return v, nil
}

func orDefault(ttl time.Duration) time.Duration {
	if ttl == 0 {
		return DefaultTTL
	}
	return ttl
}

// Check says whose key the header of a request presents: behind Bearer or Token in Authorization, or in X-API-Key. It returns
// model.ErrRefused for every reason not to let the request in, and model.ErrUnreachable if that cannot be decided, because the
// service does not answer or answers what no key service does. A text that is no secret of clavier's is refused without
// asking.
func (v *Verifier) Check(ctx context.Context, header http.Header) (Identity, error) {
	presented, err := wire.Presented(header)
	if err != nil || model.CheckSecret(presented) != nil {
		return Identity{}, model.ErrRefused
	}
	secret := model.NewSecret(presented)
	digest := secret.Digest()
	now := v.now()
	if kept, ok := v.good.Get(digest); ok && kept.asked.isFresh(now, v.ttl) {
		return kept.identity, nil
	}
	if asked, ok := v.bad.Get(digest); ok && asked.isFresh(now, v.badTTL) {
		return Identity{}, model.ErrRefused
	}
	if err := ctx.Err(); err != nil {
		return Identity{}, err
	}
	for again := false; ; again = true {
		q := v.join(ctx, secret, digest)
		select {
		case <-ctx.Done():
			v.leave(q, digest)
			return Identity{}, ctx.Err()
		case <-q.done:
			// The question of another request may have been on its way for longer than an answer is kept: the key may be gone since.
			// The next one begins after this request came.
			asked := q.good.asked
			if q.err == nil && !again && asked.monotonic.Before(now) && !asked.isFresh(now, v.ttl) {
				continue
			}
			return q.good.identity, q.err
		}
	}
}

// isFresh reports whether an answer from a moment may still be used. Its age is the longer one of what both clocks say, so that
// no sleep and no turning of a clock makes an answer last.
func (m moment) isFresh(now time.Time, ttl time.Duration) bool {
	age := max(now.Sub(m.monotonic), now.Sub(m.wall))
	return age >= 0 && age < ttl
}

// Close gives up the connections that are kept.
func (v *Verifier) Close() error {
	v.transport.CloseIdleConnections()
	return nil
}
