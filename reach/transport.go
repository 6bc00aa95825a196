package reach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"syscall"

	"clavier/model"
)

// DialFunc makes a connection.
type DialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// Transport returns what sends requests within limits. Roots are the authorities that certificates are checked against, the
// system's if nil; dial makes connections, as the system does if nil.
//
// Proxies that the environment names are not used: a request goes to the machine that its URL names, or nowhere. TLS is
// of version 1.2 or later. A transport follows no redirect.
func Transport(limits Limits, roots *x509.CertPool, dial DialFunc) *http.Transport {
	limits = limits.OrDefaults()
	if dial == nil {
		dial = connect
	}
	return &http.Transport{
		DialContext:            within(limits, dial),
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    limits.Connect,
		ResponseHeaderTimeout:  limits.Headers,
		MaxResponseHeaderBytes: limits.HeaderBytes,
	}
}

// dialError is an error of making a connection.
type dialError struct{ err error }

func (e *dialError) Error() string { return e.err.Error() }
func (e *dialError) Unwrap() error { return e.err }

// within bounds the time of a dial.
func within(limits Limits, dial DialFunc) DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, limits.Connect)
		defer cancel()
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, &dialError{err}
		}
		return conn, nil
	}
}

// connect connects as the system does.
func connect(ctx context.Context, network, address string) (net.Conn, error) {
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
		return ErrNotLoopback
	}
	return nil
}
