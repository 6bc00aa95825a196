package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"clavier/model"
)

const (
	// certificateAge is how long a certificate is used without looking whether its files have changed.
	certificateAge = time.Second
	// maxPEM is the most bytes of a PEM file that are read.
	maxPEM = 1 << 20
)

// openError reads as its sentence alone.
type openError struct{ sentence string }

func (e *openError) Error() string { return e.sentence }
func (e *openError) Unwrap() error { return model.ErrModes }

// certificate is a pair of files that is read again when one of them changes. It is safe for concurrent use.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger
	now               func() time.Time

	mu       sync.Mutex
	pair     *tls.Certificate
	files    [2]fs.FileInfo // as they were when pair was read
	lookedAt time.Time
	told     string // the trouble that the log was told of last
}

// newCertificate reads the pair for the first time.
func newCertificate(o ListenOptions) (*certificate, error) {
	if o.CertFile == "" || o.KeyFile == "" {
		return nil, errors.New("a certificate and its private key go together: give --tls-cert and --tls-key, or neither")
	}
	c := &certificate{certFile: o.CertFile, keyFile: o.KeyFile, log: o.Log, now: o.now}
	if err := c.read(); err != nil {
		return nil, err
	}
	c.lookedAt = c.now()
	return c, nil
}

// get returns the certificate for a handshake. A pair that cannot be read leaves the one before in its place.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.lookedAt) >= certificateAge || now.Before(c.lookedAt) {
		c.lookedAt = now
		c.refresh()
	}
	return c.pair, nil
}

// refresh reads the pair again if a file has changed, and tells the log once of what came of it.
func (c *certificate) refresh() {
	if !c.changed() {
		return
	}
	err := c.read()
	switch {
	case err == nil:
		c.told = ""
		c.log.Info("the certificate was read again", "file", model.Display(c.certFile))
	case err.Error() != c.told:
		c.told = err.Error()
		c.log.Error("the certificate changed and cannot be read; the one before stays in use", "err", c.told)
	}
}

// changed reports whether a file is another one than that which was read. One that is gone has not changed.
func (c *certificate) changed() bool {
	for i, path := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(path); err == nil &&
			(!info.ModTime().Equal(c.files[i].ModTime()) || info.Size() != c.files[i].Size() || !os.SameFile(info, c.files[i])) {
			return true
		}
	}
	return false
}

func (c *certificate) read() error {
	chain, chainInfo, err := readPEM(c.certFile, "certificate", nil)
	if err != nil {
		return err
	}
	key, keyInfo, err := readPEM(c.keyFile, "private key", checkPrivate)
	if err != nil {
		return err
	}
	defer clear(key)
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return fmt.Errorf("%s and %s are no certificate with its private key in PEM: %s", model.Display(c.certFile), model.Display(c.keyFile),
			model.Display(err.Error()))
	}
	c.pair, c.files = &pair, [2]fs.FileInfo{chainInfo, keyInfo}
	return nil
}

// readPEM reads a file whole. What is checked is the file that is read, not another one of the same name.
func readPEM(path, what string, check func(string, fs.FileInfo) error) ([]byte, fs.FileInfo, error) {
	trouble := func(err error) error {
		return fmt.Errorf("the %s %s cannot be read: %w", what, model.Display(path), below(err))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, trouble(err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, trouble(err)
	}
	if check != nil {
		if err := check(path, info); err != nil {
			return nil, nil, err
		}
	}
	text, err := io.ReadAll(io.LimitReader(file, maxPEM))
	if err != nil {
		return nil, nil, trouble(err)
	}
	return text, info, nil
}
