package apis

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// authority signs certificates for tests.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

// certificate is what a server shows and speaks; the zero value is sound.
type certificate struct {
	from, until time.Time
	name        string
	selfSigned  bool
	maxVersion  uint16
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
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &authority{key, cert, pool}
}

// listen returns a listener on this machine that speaks TLS.
func (a *authority) listen(t testing.TB, c certificate) net.Listener {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if !c.until.IsZero() {
		template.NotBefore, template.NotAfter = c.from, c.until
	}
	if c.name != "" {
		template.DNSNames = []string{c.name}
	} else {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	parent, signer := a.cert, a.key
	if c.selfSigned {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: c.maxVersion,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// TestCertificates is the matrix of trust row T12: nothing is sent to a server that cannot be trusted.
func TestCertificates(t *testing.T) {
	a := newAuthority(t)
	now := time.Now()
	for _, test := range []struct {
		about string
		c     certificate
		why   string // empty: alive
	}{
		{"sound", certificate{}, ""},
		{"TLS 1.2", certificate{maxVersion: tls.VersionTLS12}, ""},
		{"expired", certificate{from: now.Add(-2 * time.Hour), until: now.Add(-time.Hour)}, "the server cannot be trusted: its certificate has expired or is not valid yet"},
		{"not yet", certificate{from: now.Add(time.Hour), until: now.Add(2 * time.Hour)}, "the server cannot be trusted: its certificate has expired or is not valid yet"},
		{"wrong host", certificate{name: "other.example"}, "the server cannot be trusted: its certificate is for another name"},
		{"self-signed", certificate{selfSigned: true}, "the server cannot be trusted: its certificate is signed by nobody that this system knows"},
		{"TLS 1.1", certificate{maxVersion: tls.VersionTLS11}, "the server speaks no TLS from version 1.2 on"},
	} {
		t.Run(test.about, func(t *testing.T) {
			server := serve(t, a.listen(t, test.c), status("200 OK"))
			secret := newSecret()
			url := strings.Replace(server.url(), "http:", "https:", 1)
			got := New(Options{Roots: a.pool}).Try(t.Context(), describe(url), secret)
			if test.why == "" {
				if got.Verdict != model.VerdictAlive {
					t.Errorf("got %+v", got)
				}
				return
			}
			wantUnknown(t, got, secret, 0, test.why+"; nothing was sent")
			for _, request := range first(server.seen()) {
				if strings.Contains(request, "HTTP/1.1") {
					t.Error("a request was sent")
				}
			}
		})
	}
	t.Run("no TLS", func(t *testing.T) {
		server := serve(t, nil, says("HTTP/1.1 200 OK\r\n\r\n"))
		secret := newSecret()
		// The server waits for a line end, which a greeting need not have: it answers at once instead.
		eager := New(Options{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, server.Addr().String())
			if err == nil {
				_, err = conn.Write([]byte("\r\n"))
			}
			return conn, err
		}})
		got := eager.Try(t.Context(), describe("https://api.example"), secret)
		wantUnknown(t, got, secret, 0, "the server does not speak TLS there; nothing was sent")
	})
}

func first[T any](requests []T, _ int) []T { return requests }
