package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
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
}

// Listener is a place at which a server listens.
type Listener struct {
	net.Listener

	url string
}

// URL returns how the place is written: http://127.0.0.1:8787 with its real port, https://…, or unix:/run/clavier.sock.
func (l *Listener) URL() string { return l.url }

// Listen listens at host:port, or at unix:PATH. The error is one sentence.
func Listen(_ context.Context, spec string, _ ListenOptions) (*Listener, error) {
	return nil, errors.New("cannot listen at " + spec + " yet")
}
