package remote

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// authority signs certificates for tests.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{key, cert}
}

// file writes the authority's certificate in PEM.
func (a *authority) file(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// certificate returns one for this machine, which change spoils.
func (a *authority) certificate(t testing.TB, change func(*x509.Certificate), selfSigned bool) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if change != nil {
		change(template)
	}
	parent, signer := a.cert, a.key
	if selfSigned {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestT12Certificates: nothing is sent to a service that cannot be trusted, whatever is wrong with its certificate; what the file of
// authorities signed can be.
func TestT12Certificates(t *testing.T) {
	a := newAuthority(t)
	ca := a.file(t)
	for _, test := range []struct {
		about      string
		change     func(*x509.Certificate)
		selfSigned bool
		versions   [2]uint16 // the least and the most that the service speaks
		ca         string
		says       string // empty: it works
	}{
		{"sound", nil, false, [2]uint16{}, ca, ""},
		{"TLS 1.2", nil, false, [2]uint16{0, tls.VersionTLS12}, ca, ""},
		{"TLS 1.1", nil, false, [2]uint16{tls.VersionTLS10, tls.VersionTLS11}, ca, "the server speaks no TLS from version 1.2 on"},
		{"an unknown authority", nil, false, [2]uint16{}, "", "is signed by nobody that this system knows; name the authority that signed it, if you trust it: clavier profile add has --ca FILE, and a profile the setting ca"},
		{"self-signed", nil, true, [2]uint16{}, ca, "is signed by nobody that this system knows"},
		{"expired", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, false, [2]uint16{}, ca, "has expired or is not valid yet"},
		{"not valid yet", func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }, false, [2]uint16{}, ca, "has expired or is not valid yet"},
		{"another name", func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"keys.example"} }, false, [2]uint16{}, ca, "is for another name; look at the address"},
		{"for clients", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }, false, [2]uint16{}, ca, "is not valid"},
	} {
		t.Run(test.about, func(t *testing.T) {
			service := &fake{}
			server := httptest.NewUnstartedServer(service)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{
				Certificates: []tls.Certificate{a.certificate(t, test.change, test.selfSigned)}, MinVersion: test.versions[0], MaxVersion: test.versions[1],
			}
			server.EnableHTTP2 = true
			server.StartTLS()
			t.Cleanup(server.Close)
			o, token := options(t, server.URL)
			o.CAFile = test.ca
			r := open(t, o)
			_, err := r.State(t.Context())
			if test.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantSentence(t, r, token, err)
			wantOnly(t, err, model.ErrUnreachable)
			if !strings.Contains(err.Error(), test.says) || len(service.asked()) > 0 {
				t.Errorf("got %q after %d requests, want %q in it", err, len(service.asked()), test.says)
			}
		})
	}
}

// TestHTTP2: where the service speaks it, many questions at once go over one connection.
func TestHTTP2(t *testing.T) {
	versions := make(chan int, 100)
	service := &fake{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		versions <- r.ProtoMajor
		service.ServeHTTP(w, r)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	o, _ := options(t, server.URL)
	o.RootCAs = x509.NewCertPool()
	o.RootCAs.AddCert(server.Certificate())
	r := open(t, o)
	for range 5 {
		if err := r.Put(t.Context(), record(t, rand.Text()), model.Actor{}); err != nil {
			t.Fatal(err)
		}
		if v := <-versions; v != 2 {
			t.Errorf("HTTP/%d was spoken", v)
		}
	}
}

// TestSocket: a service at a unix socket is asked there, and its path is its name.
func TestSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "s") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "clavier.sock")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Skip("there are no unix sockets here: ", err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: &fake{}}}
	server.Start()
	t.Cleanup(server.Close)
	o, _ := options(t, "unix:"+path)
	r := open(t, o)
	if _, err := r.State(t.Context()); err != nil {
		t.Error(err)
	}
	if r.Host() != path {
		t.Errorf("the service is named %q", r.Host())
	}
	server.Close()
	_, err = r.State(t.Context())
	wantOnly(t, err, model.ErrUnreachable)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

// TestNew: options that cannot be are refused with a sentence that shows no password.
func TestNew(t *testing.T) {
	token := func(context.Context) (model.Secret, error) { return model.Secret{}, nil }
	notPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(notPEM, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	const good = "https://keys.example.com"
	for about, o := range map[string]Options{
		"nothing": {}, "no token": {URL: good}, "plain http": {URL: "http://keys.example.com", Token: token},
		"user info": {URL: "https://ada:hunter2@keys.example.com", Token: token}, "a query": {URL: good + "?x", Token: token},
		"a path with dots": {URL: good + "/a/../b", Token: token}, "an escaped path": {URL: good + "/%2e%2e/b", Token: token},
		"an empty segment": {URL: good + "//b", Token: token}, "no file": {URL: good, Token: token, CAFile: notPEM + ".not"},
		"no PEM": {URL: good, Token: token, CAFile: notPEM}, "a directory": {URL: good, Token: token, CAFile: t.TempDir()},
	} {
		if r, err := New(o); err == nil || r != nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", about, err)
		}
	}
}
