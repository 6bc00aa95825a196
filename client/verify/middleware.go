package verify

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"clavier/model"
	"clavier/wire"
)

// identityKey is where the Identity stands in a context.
type identityKey struct{}

// FromContext returns the key with which a request came through a Middleware.
func FromContext(ctx context.Context) (Identity, bool) {
	identity, ok := ctx.Value(identityKey{}).(Identity)
	return identity, ok
}

// Middleware returns a handler that lets requests with a good key through to next, which finds the key with [FromContext]. All
// others get 401, or 503 if the service does not decide; answers of 401 are the same, whatever the reason.
//
// Next does not see headers whose name begins with X-Clavier-, which a client may have made up, nor the secret unless
// Options.KeepSecret says so.
func (v *Verifier) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		identity, err := v.Check(r.Context(), r.Header)
		switch {
		case err == nil:
			next.ServeHTTP(w, v.admitted(r, identity))
		case errors.Is(err, model.ErrRefused):
			w.Header().Set("WWW-Authenticate", `Bearer realm="clavier"`)
			deny(w, http.StatusUnauthorized, "a live key is needed\n")
		default:
			w.Header().Set("Retry-After", "1")
			deny(w, http.StatusServiceUnavailable, "keys cannot be checked at the moment\n")
		}
	})
}

func deny(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// admitted returns the request as next sees it. The one of the server stays as it is.
func (v *Verifier) admitted(r *http.Request, identity Identity) *http.Request {
	secret, _ := wire.Presented(r.Header)
	seen := r.WithContext(context.WithValue(r.Context(), identityKey{}, identity))
	seen.Header = make(http.Header, len(r.Header))
	for name, values := range r.Header {
		switch {
		case isIdentity(name):
		case v.keepSecret || name != "Authorization" && name != "X-Api-Key":
			seen.Header[name] = values
		default:
			for _, value := range values {
				if !strings.Contains(value, secret) {
					seen.Header[name] = append(seen.Header[name], value)
				}
			}
		}
	}
	return seen
}

// isIdentity reports whether a header could be taken for one that a key service sets, also by programs that take _ for -.
func isIdentity(name string) bool {
	const prefix = "x-clavier-"
	return len(name) >= len(prefix) && strings.EqualFold(strings.ReplaceAll(name[:len(prefix)], "_", "-"), prefix)
}
