package apis

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"clavier/model"
	"clavier/reach"
)

// Limits bound one try. What is zero has its default.
type Limits = reach.Limits

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
	if o.UserAgent == "" {
		o.UserAgent = "clavier"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	// No cookies, no second request over a kept connection (which could be repeated unasked), nothing unpacked, HTTP/1.1 alone.
	transport := reach.Transport(o.Limits, o.Roots, o.Dial)
	transport.DisableKeepAlives, transport.DisableCompression = true, true
	return &Prober{userAgent: o.UserAgent, limits: o.Limits.OrDefaults(), now: o.Now, transport: transport}
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
