package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"clavier/model"
)

// writePair writes a certificate for loopback and its private key.
func writePair(t *testing.T, dir, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	replaceFile(t, certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	replaceFile(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
	return certFile, keyFile
}

// replaceFile puts a file in the place of another, as tools that renew certificates do.
func replaceFile(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// presented returns the name in the certificate that a listener shows, and the protocol that was agreed on.
func presented(t *testing.T, l *Listener, change func(*tls.Config)) (name, protocol string, err error) {
	t.Helper()
	config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}}
	if change != nil {
		change(config)
	}
	conn, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		return "", "", err
	}
	defer conn.Close()
	state := conn.(*tls.Conn).ConnectionState()
	return state.PeerCertificates[0].Subject.CommonName, state.NegotiatedProtocol, nil
}

// TestCertificateChanges changes the files of a certificate under a server.
func TestCertificateChanges(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := writePair(t, dir, "first")
	var logged logBuffer
	var now atomic.Int64
	l, err := Listen(t.Context(), "127.0.0.1:0", ListenOptions{
		CertFile: certFile, KeyFile: keyFile, Log: slog.New(slog.NewTextHandler(&logged, nil)), now: func() time.Time { return time.Unix(now.Load(), 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{TLSConfig: l.tls, Handler: http.NotFoundHandler(), ErrorLog: errorLog(slog.New(slog.DiscardHandler))}
	go server.ServeTLS(l.Listener, "", "")
	defer server.Close()
	shows := func(want string) {
		t.Helper()
		if name, protocol, err := presented(t, l, nil); name != want || protocol != "h2" || err != nil {
			t.Errorf("the certificate is that of %q and not of %q, over %q: %v", name, want, protocol, err)
		}
	}
	shows("first")
	if _, _, err := presented(t, l, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 }); err == nil {
		t.Error("TLS 1.1 is spoken")
	}

	writePair(t, dir, "second")
	shows("first") // it was looked at within the second
	now.Add(1)
	shows("second")

	for _, text := range []string{"", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		replaceFile(t, certFile, []byte(text))
		for range 3 {
			now.Add(1)
			shows("second")
		}
	}
	if n := strings.Count(logged.String(), "stays in use"); n < 1 || n > 3 {
		t.Errorf("the log tells of a broken pair %d times: %s", n, &logged)
	}
	if err := os.Remove(certFile); err != nil {
		t.Fatal(err)
	}
	now.Add(1)
	shows("second")
	writePair(t, dir, "third")
	now.Add(1)
	shows("third")
	if runtime.GOOS != "windows" {
		writePair(t, dir, "fourth")
		if err := os.Chmod(keyFile, 0o644); err != nil {
			t.Fatal(err)
		}
		now.Add(1)
		shows("third")
		if err := os.Chmod(keyFile, 0o600); err != nil {
			t.Fatal(err)
		}
		now.Add(1)
		shows("fourth")
	}
	if strings.Contains(logged.String(), "PRIVATE") {
		t.Errorf("the log is %s", &logged)
	}
}

// TestPairs gives certificates that cannot be used.
func TestPairs(t *testing.T) {
	certFile, keyFile := writePair(t, t.TempDir(), "first")
	_, otherKey := writePair(t, t.TempDir(), "second")
	open := filepath.Join(t.TempDir(), "open.pem")
	text, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(open, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, cert, key, says string }{
		{"no key", certFile, "", "go together"},
		{"no certificate", "", keyFile, "go together"},
		{"a key of another", certFile, otherKey, "are no certificate with its private key"},
		{"a file that is none", certFile, "/no/such/key", "the private key /no/such/key cannot be read: no such file"},
		{"a directory", t.TempDir(), keyFile, "cannot be read"},
		{"a key as certificate", keyFile, keyFile, "are no certificate"},
	} {
		_, err := Listen(t.Context(), "127.0.0.1:0", ListenOptions{CertFile: test.cert, KeyFile: test.key})
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	for mode, fine := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: true, 0o644: false, 0o660: false, 0o604: false, 0o601: false} {
		if err := os.Chmod(open, mode); err != nil {
			t.Fatal(err)
		}
		l, err := Listen(t.Context(), "127.0.0.1:0", ListenOptions{CertFile: certFile, KeyFile: open})
		if (err == nil) != fine || err != nil && (!errors.Is(err, model.ErrModes) || !strings.Contains(err.Error(), "chmod")) {
			t.Errorf("with the mode %o: %v", mode, err)
		}
		if err == nil {
			l.Close()
		}
	}
}
