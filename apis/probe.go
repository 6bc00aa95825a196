package apis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"clavier/model"
)

// Limits bound one try. What is zero has its default.
type Limits struct {
	// Connect is the time for the name and the connection, and again for its encryption: 5 s.
	Connect time.Duration
	// Headers is the time from the request to the end of the answer's headers: 10 s.
	Headers time.Duration
	// All is the time for everything: 30 s.
	All time.Duration
	// HeaderBytes is the most that the headers of an answer may have: 64 KiB.
	HeaderBytes int64
}

// defaultLimits are those of trust row T13.
var defaultLimits = Limits{Connect: 5 * time.Second, Headers: 10 * time.Second, All: 30 * time.Second, HeaderBytes: 64 << 10}

// Options are what a Prober may be told. The zero value works.
type Options struct {
	// UserAgent is what the requests say of the program: "clavier" if empty.
	UserAgent string
	// Limits bound each try.
	Limits Limits
	// Roots are the authorities that certificates are checked against: the system's if nil.
	Roots *x509.CertPool
	// Dial makes connections: to the host and port of the API's URL, and to nothing else. The system's if nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Now is the clock of the answers: time.Now if nil.
	Now func() time.Time
}

// Prober tries secrets against APIs. It is safe for concurrent use.
//
// Proxies that the environment names are not used: a request goes to the machine that the API's URL names, or nowhere.
type Prober struct {
	userAgent string
	limits    Limits
	now       func() time.Time
	transport *http.Transport
}

// New returns a Prober.
func New(o Options) *Prober {
	l := o.Limits
	for _, bound := range []struct {
		set *time.Duration
		def time.Duration
	}{{&l.Connect, defaultLimits.Connect}, {&l.Headers, defaultLimits.Headers}, {&l.All, defaultLimits.All}} {
		if *bound.set <= 0 {
			*bound.set = bound.def
		}
	}
	if l.HeaderBytes <= 0 {
		l.HeaderBytes = defaultLimits.HeaderBytes
	}
	if o.UserAgent == "" {
		o.UserAgent = "clavier"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Dial == nil {
		o.Dial = dial
	}
	return &Prober{
		userAgent: o.UserAgent, limits: l, now: o.Now,
		// No proxy, no cookies, no second request over a kept connection (which could be repeated unasked), nothing
		// unpacked, HTTP/1.1 alone.
		transport: &http.Transport{
			DialContext:            within(l.Connect, o.Dial),
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots},
			TLSHandshakeTimeout:    l.Connect,
			ResponseHeaderTimeout:  l.Headers,
			MaxResponseHeaderBytes: l.HeaderBytes,
			DisableKeepAlives:      true,
			DisableCompression:     true,
		},
	}
}

// dialError is an error of making a connection.
type dialError struct{ err error }

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

// within bounds the time of a dial.
func within(limit time.Duration, dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, &dialError{err}
		}
		return conn, nil
	}
}

// dial connects as the system does.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	return dialerFor(address).DialContext(ctx, network, address)
}

// dialerFor returns what connects to an address. A host that is this machine by its name must be it by its address, too: a
// secret may go there without encryption.
func dialerFor(address string) *net.Dialer {
	d := &net.Dialer{KeepAlive: -1}
	if host, _, err := net.SplitHostPort(address); err == nil && model.IsLoopback(host) {
		d.Control = loopbackOnly
	}
	return d
}

// loopbackOnly refuses a connection to another machine, whatever its name was.
func loopbackOnly(_, found string, _ syscall.RawConn) error {
	if addr, err := netip.ParseAddrPort(found); err != nil || !addr.Addr().Unmap().IsLoopback() {
		return errNotLoopback
	}
	return nil
}

// Try sends the one request of an API with a secret and says what the answer's status means. It sends nothing if the API is
// not sound (see model.CheckAPI) or if the secret cannot stand in a header; it follows no redirect, repeats nothing and
// reads nothing of the answer but its headers. What is neither a yes nor a no is unknown, with the reason. The answer has
// no KeyID; that is the caller's to fill in.
func (p *Prober) Try(ctx context.Context, api model.API, secret model.Secret) model.Answer {
	answer := model.Answer{API: api.Name, Verdict: model.VerdictUnknown}
	finish := func(why string) model.Answer {
		answer.At, answer.Why = p.now().UTC(), why
		return answer
	}
	if err := model.CheckAPI(api); err != nil {
		return finish(model.Display(err.Error()) + "; nothing was sent")
	}
	if why := unsendable(secret.Reveal()); why != "" {
		return finish(why + "; nothing was sent")
	}
	ctx, cancel := context.WithTimeout(ctx, p.limits.All)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	request, err := p.request(ctx, api, secret)
	if err != nil {
		return finish("the request cannot be made; nothing was sent")
	}
	began := p.now()
	response, err := p.transport.RoundTrip(request)
	if err != nil {
		return finish(p.failure(ctx, err, sent.Load()))
	}
	answer.Took = p.now().Sub(began)
	_ = response.Body.Close()
	answer.Status = response.StatusCode
	switch {
	case slices.Contains(api.Alive, answer.Status):
		answer.Verdict = model.VerdictAlive
		return finish("")
	case slices.Contains(api.Dead, answer.Status):
		answer.Verdict = model.VerdictDead
		return finish("")
	}
	return finish(meaningless(response, secret.Reveal(), p.now()))
}

// request is what the API describes and nothing else.
func (p *Prober) request(ctx context.Context, api model.API, secret model.Secret) (*http.Request, error) {
	u, err := url.Parse(api.URL)
	if err != nil {
		return nil, err
	}
	value := secret.Reveal()
	if api.Scheme != "" {
		value = api.Scheme + " " + value
	}
	request := &http.Request{
		Method: api.Method, URL: u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"User-Agent": {p.userAgent}, api.Header: {value}},
	}
	return request.WithContext(ctx), nil
}

// maxSecret is the most bytes of a secret that are sent; servers take 8 KiB for a line at least.
const maxSecret = 4 << 10

// unsendable says why a secret cannot stand in a header as it is: only visible ASCII and spaces within arrive unchanged
// (RFC 9110, section 5.5).
func unsendable(secret string) string {
	switch {
	case secret == "":
		return "the key has no secret"
	case len(secret) > maxSecret:
		return fmt.Sprintf("the secret has more than %d bytes, too many for a header", maxSecret)
	case strings.HasPrefix(secret, " ") || strings.HasSuffix(secret, " "):
		return "the secret begins or ends with a space, which a header cannot carry"
	}
	for i := range len(secret) {
		if secret[i] < ' ' || secret[i] > '~' {
			return "the secret has a character that a header cannot carry"
		}
	}
	return ""
}
