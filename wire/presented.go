package wire

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// What is wrong with what a request presents.
var (
	// ErrNonePresented: the request has no secret in a place that is looked at.
	ErrNonePresented = errors.New("no key was presented")
	// ErrTwoPresented: the request presents two different secrets, so that nobody knows which is meant.
	ErrTwoPresented = errors.New("two different keys were presented")
)

// The headers that may present a secret, in the form that http.Header has them.
const (
	headerAuthorization = "Authorization"
	headerAPIKey        = "X-Api-Key" //nolint:gosec // a name, and no secret
)

// Presented returns the secret that a request presents: behind Bearer or Token in Authorization (RFC 9110, section 11.4; the
// word in any case), or alone in X-API-Key. The same one in several places counts once; an Authorization of another scheme is no
// secret. It returns ErrNonePresented or ErrTwoPresented. It allocates nothing.
func Presented(header http.Header) (string, error) {
	found := ""
	for _, value := range header[headerAuthorization] {
		secret, ok := credentials(value)
		switch {
		case !ok || secret == "":
		case found == "":
			found = secret
		case found != secret:
			return "", ErrTwoPresented
		}
	}
	for _, value := range header[headerAPIKey] {
		switch secret := strings.Trim(value, " \t"); {
		case secret == "":
		case found == "":
			found = secret
		case found != secret:
			return "", ErrTwoPresented
		}
	}
	if found == "" {
		return "", ErrNonePresented
	}
	return found, nil
}

// credentials returns what stands behind the scheme Bearer or Token.
func credentials(value string) (string, bool) {
	value = strings.Trim(value, " \t")
	cut := strings.IndexAny(value, " \t")
	if cut < 0 {
		return "", false
	}
	if scheme := value[:cut]; !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "Token") {
		return "", false
	}
	return strings.Trim(value[cut:], " \t"), true
}

// EncodeName makes a name, or any text, fit for a header: what is not a letter, a digit or one of - . _ ~ is percent-encoded
// (RFC 3986, section 2.1), byte by byte of its UTF-8.
func EncodeName(name string) string { return strings.ReplaceAll(url.QueryEscape(name), "+", "%20") }

// DecodeName is the reverse of EncodeName. What is not encoded right comes back as it is.
func DecodeName(text string) string {
	if name, err := url.PathUnescape(text); err == nil {
		return name
	}
	return text
}
