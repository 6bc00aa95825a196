package verify

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"clavier/model"
	"clavier/reach"
	"clavier/wire"
)

// maxBody is the most bytes of an answer's body that are read, so that its connection can be used again. There are none.
const maxBody = 4 << 10

// unreachable is that the service did not decide. Its text is of our own making.
type unreachable struct{ place, why string }

func (u *unreachable) Error() string {
	return fmt.Sprintf("the key service %s cannot be asked about a key: %s", u.place, u.why)
}
func (u *unreachable) Unwrap() error { return model.ErrUnreachable }

// ask asks the service about a secret, for everybody who waits for the answer, and keeps what it says from the moment of the
// question on.
func (v *Verifier) ask(ctx context.Context, secret model.Secret, digest model.Digest) (goodAnswer, error) {
	asked := momentOf(v.now())
	request := (&http.Request{
		Method: http.MethodGet, URL: v.url, Host: v.url.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Authorization": {"Bearer " + secret.Reveal()}, "User-Agent": {v.userAgent}},
	}).WithContext(ctx)
	response, err := v.transport.RoundTrip(request)
	if err != nil {
		return goodAnswer{}, &unreachable{v.place, reach.Why(ctx, err, true, v.limits)}
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, maxBody)
	switch response.StatusCode {
	case http.StatusOK:
		identity, ok := identityOf(response.Header)
		if !ok {
			return goodAnswer{}, &unreachable{v.place, "it answered 200 without a key, as no key service does"}
		}
		v.bad.Remove(digest)
		answer := goodAnswer{identity, asked}
		v.good.Add(digest, answer)
		return answer, nil
	case http.StatusUnauthorized:
		v.good.Remove(digest)
		v.bad.Add(digest, asked)
		return goodAnswer{}, model.ErrRefused
	default:
		return goodAnswer{}, &unreachable{v.place, fmt.Sprintf("it answered %d", response.StatusCode)}
	}
}

// identityOf reads the key of an answer. It is false unless all of it is there.
func identityOf(header http.Header) (Identity, bool) {
	id, role := header.Get(wire.HeaderKeyID), header.Get(wire.HeaderKeyRole)
	parsed, err := model.ParseRole(role)
	_, named := header[http.CanonicalHeaderKey(wire.HeaderKeyName)]
	if err != nil || !named || !wire.ValidID(id) {
		return Identity{}, false
	}
	return Identity{KeyID: id, Name: wire.DecodeName(header.Get(wire.HeaderKeyName)), Role: parsed}, true
}
