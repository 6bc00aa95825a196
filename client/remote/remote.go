// Package remote is the record store at the other end of an HTTP connection: a key service.
//
// What fails is one of three things. What was not sent, or was refused, changed nothing; of what was sent and not answered nobody
// knows, and then the service is asked again where that is safe, and [model.ErrOutcomeUnknown] says so where it is
// not. No redirect is followed, no address of an answer is asked, and every call is bounded in time and size.
package remote

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"

	"clavier/client"
	"clavier/model"
	"clavier/reach"
)

// Limits bound one request; see [reach.Limits].
type Limits = reach.Limits

// Options are what a Remote is told. URL and Token are required.
type Options struct {
	// URL is the address of the service; see [model.CheckServiceURL].
	URL string
	// Token gives the key that is presented to the service. It is called once one is needed, and what it gave is kept in
	// memory until the service refuses it. It may return model.ErrLocked; nothing is sent then.
	Token func(ctx context.Context) (model.Secret, error)
	// CAFile is a file of further authorities in PEM, beside those of the system.
	CAFile string
	// RootCAs are the authorities that certificates are checked against, instead of the system's and CAFile.
	RootCAs *x509.CertPool
	// UserAgent is what requests say of the program: "clavier" if empty.
	UserAgent string
	// Actor is who is said to make changes whose own actor is empty.
	Actor model.Actor
	// Limits bound each request.
	Limits Limits
	// Waiting is told until when a call waits because the service asked for that, and the zero time when it waits no longer. The
	// context is that of the call. It must return at once, and may be called by several calls at the same time.
	Waiting func(ctx context.Context, until time.Time)
	// Within bounds each call with all its tries, if it is not nil: the call ends with the context that it returns, whose cause is then
	// the error. What else it returns is called after the call.
	Within func(ctx context.Context) (context.Context, func())
	// Dial makes connections, as the system does if nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Now is the clock: time.Now if nil.
	Now func() time.Time
	// Sleep waits for a time, or until ctx ends and returns its error. Only tests set it.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Remote is a key service, as a record store. It is safe for concurrent use.
type Remote struct {
	endpoint  endpoint
	host      string
	token     *holder
	userAgent string
	actor     model.Actor
	limits    Limits
	waiting   func(context.Context, time.Time)
	within    func(context.Context) (context.Context, func())
	now       func() time.Time
	sleep     func(context.Context, time.Duration) error
	transport *http.Transport
}

var _ client.Records = (*Remote)(nil)

// New returns a Remote for a service, which is not asked anything yet. The error says what is wrong with the options.
func New(o Options) (*Remote, error) {
	at, err := reach.ServiceAt(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Token == nil {
		return nil, errors.New("a key service is asked with a token, and there is none")
	}
	roots := o.RootCAs
	if roots == nil && o.CAFile != "" {
		if roots, err = reach.Authorities(o.CAFile); err != nil {
			return nil, err
		}
	}
	r := &Remote{
		endpoint: endpoint{at}, host: at.Place(), token: newHolder(o.Token), userAgent: o.UserAgent, actor: o.Actor,
		limits: o.Limits.OrDefaults(), waiting: o.Waiting, within: o.Within, now: o.Now, sleep: o.Sleep,
		transport: reach.Transport(o.Limits, roots, at.Dial(o.Dial)),
	}
	if r.userAgent == "" {
		r.userAgent = "clavier"
	}
	if r.waiting == nil {
		r.waiting = func(context.Context, time.Time) {}
	}
	if r.within == nil {
		r.within = func(ctx context.Context) (context.Context, func()) { return ctx, func() {} }
	}
	if r.now == nil {
		r.now = time.Now
	}
	if r.sleep == nil {
		r.sleep = sleep
	}
	// One connection serves all questions where HTTP/2 is spoken; idle ones are given up before a server does, so that none is
	// used in the moment in which it is closed.
	r.transport.ForceAttemptHTTP2 = true
	r.transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: r.limits.Headers, PingTimeout: r.limits.Connect}
	r.transport.MaxIdleConnsPerHost, r.transport.IdleConnTimeout = maxIdle, idleFor
	return r, nil
}

const (
	// maxIdle is how many connections are kept where HTTP/2 is not spoken.
	maxIdle = 4
	// idleFor is how long a connection is kept that nobody uses.
	idleFor = 45 * time.Second
)

// Host names the service for a person: its host and port, or its socket. It can be shown as it is.
func (r *Remote) Host() string { return r.host }

// Close gives up the connections that are kept. A Remote can be used after it.
func (r *Remote) Close() error {
	r.transport.CloseIdleConnections()
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
