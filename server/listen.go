package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"clavier/model"
)

// ListenOptions say how to listen.
type ListenOptions struct {
	// CertFile and KeyFile are the PEM files of the certificate, with the chain behind it, and of its private key; both or
	// none. They are read again when they change.
	CertFile, KeyFile string
	// BehindProxy allows plain http at any address, because something before it speaks TLS.
	BehindProxy bool
	// Log is told of a certificate that cannot be read; slog.Default if nil.
	Log *slog.Logger

	// lookup and now stand in for the resolver and the clock in tests.
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	now    func() time.Time
}

func (o ListenOptions) orDefaults() ListenOptions {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.lookup == nil {
		o.lookup = net.DefaultResolver.LookupNetIP
	}
	if o.now == nil {
		o.now = time.Now
	}
	return o
}

// Listener is a place at which a server listens. Closing it removes its socket.
type Listener struct {
	net.Listener

	url string
	tls *tls.Config // nil for plain http
}

// URL returns how the place is written: http://127.0.0.1:8787 with its real port, https://…, or unix:/run/clavier.sock.
func (l *Listener) URL() string { return l.url }

// unixScheme starts the place of a unix socket.
const unixScheme = "unix:"

// Listen listens at host:port, or at unix:PATH. Plain http is for this machine alone: a loopback address or a unix socket. At
// any other address it takes a certificate, or BehindProxy. The error is one sentence.
func Listen(ctx context.Context, spec string, o ListenOptions) (*Listener, error) {
	o = o.orDefaults()
	l := &Listener{}
	if o.CertFile != "" || o.KeyFile != "" {
		certificate, err := newCertificate(o)
		if err != nil {
			return nil, err
		}
		l.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate.get}
	}
	if path, unix := strings.CutPrefix(spec, unixScheme); unix {
		socket, err := listenUnix(ctx, path)
		if err != nil {
			return nil, err
		}
		l.Listener, l.url = socket, unixScheme+path
		return l, nil
	}
	address, err := addressToListen(ctx, spec, o, l.tls != nil)
	if err != nil {
		return nil, err
	}
	var config net.ListenConfig
	if l.Listener, err = config.Listen(ctx, networkOf(address), address); err != nil {
		return nil, fmt.Errorf("cannot listen at %s: %w", model.Display(spec), cause(err))
	}
	l.url = "http://" + l.Addr().String()
	if l.tls != nil {
		l.url = "https://" + l.Addr().String()
	}
	return l, nil
}

// addressToListen returns the address of host:port, if it may be listened at. Where plain http is for this machine alone, a
// name stands for the address that was looked at, and for no other that it may have a moment later.
func addressToListen(ctx context.Context, spec string, o ListenOptions, secure bool) (string, error) {
	host, port, err := net.SplitHostPort(spec)
	if err != nil {
		return "", fmt.Errorf("cannot listen at %q: write host:port, such as 127.0.0.1:8787, or unix:/path", model.Display(spec))
	}
	if secure || o.BehindProxy {
		return spec, nil
	}
	refused := fmt.Errorf("cannot listen at %s with plain http: other machines could read what is sent; give --tls-cert and --tls-key, "+
		"or --behind-proxy if a proxy before it speaks TLS, or listen at 127.0.0.1", model.Display(spec))
	if host == "" {
		return "", refused
	}
	addresses := make([]netip.Addr, 1)
	if addresses[0], err = netip.ParseAddr(host); err != nil {
		if addresses, err = o.lookup(ctx, "ip", host); err != nil || len(addresses) == 0 {
			return "", fmt.Errorf("cannot listen at %s: the name %q has no address", model.Display(spec), model.Display(host))
		}
	}
	best := addresses[0]
	for _, address := range addresses {
		if !address.Unmap().IsLoopback() {
			return "", refused
		}
		if address.Unmap().Is4() && !best.Unmap().Is4() { // what most clients ask first
			best = address
		}
	}
	return net.JoinHostPort(best.Unmap().String(), port), nil
}

// networkOf keeps 0.0.0.0 from meaning [::] as well.
func networkOf(address string) string {
	if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().Is4() {
		return "tcp4"
	}
	return "tcp"
}

// cause returns what lies below the address and the operation that package net puts before it.
func cause(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}
