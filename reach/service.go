package reach

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path"
	"strings"

	"clavier/model"
)

// Service is where a key service is.
type Service struct {
	scheme, host string
	// prefix stands before the service's own paths; it is empty, or begins with a slash and does not end with one.
	prefix string
	// socket is the path of the unix socket that the service listens on; empty if it listens on a port.
	socket string
}

// ServiceAt reads the address of a key service: what [model.CheckServiceURL] takes, with a path that every program takes for
// the same one. The error is a sentence.
func ServiceAt(address string) (Service, error) {
	if err := model.CheckServiceURL(address); err != nil {
		return Service{}, err
	}
	if socket, ok := strings.CutPrefix(address, "unix:"); ok {
		return Service{scheme: "http", host: "localhost", socket: socket}, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return Service{}, errors.New(`"url" is no address`)
	}
	prefix := strings.TrimSuffix(u.EscapedPath(), "/")
	if strings.Contains(prefix, "%") || prefix != "" && (prefix == "/" || path.Clean(prefix) != prefix) {
		return Service{}, errors.New(`"url" has a plain path or none: no %XX, no //, no . and no .. in it`)
	}
	return Service{scheme: u.Scheme, host: u.Host, prefix: prefix}, nil
}

// Place names the service for a person: its host, and port if there is one, or its socket. It can be shown as it is.
func (s Service) Place() string {
	if s.socket != "" {
		return model.Display(s.socket)
	}
	return model.Display(s.host)
}

// At returns the address of one of the service's own paths.
func (s Service) At(servicePath string, query url.Values) *url.URL {
	return &url.URL{Scheme: s.scheme, Host: s.host, Path: s.prefix + servicePath, RawQuery: query.Encode()}
}

// Dial returns what connects to the service: dial if it is not nil. What connects to a socket does so whatever the address.
func (s Service) Dial(dial DialFunc) DialFunc {
	if s.socket == "" || dial != nil {
		return dial
	}
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", s.socket)
	}
}

// maxAuthorities is the most bytes of a file of authorities: those of a whole system have less than a tenth.
const maxAuthorities = 4 << 20

// Authorities returns the system's authorities and those of a file in PEM. The error is a sentence.
func Authorities(file string) (*x509.CertPool, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("the authorities of the key service cannot be read: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxAuthorities {
		return nil, fmt.Errorf("%s is no file of certificates in PEM", model.Display(file))
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the authorities of the key service cannot be read: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate in PEM", model.Display(file))
	}
	return pool, nil
}
