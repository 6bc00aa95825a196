package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes a certificate and its key, and returns the files.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestMetricsListener: metrics are plain http on this machine, and elsewhere have the certificate of the service or are refused.
func TestMetricsListener(t *testing.T) {
	cert, key := certificate(t)
	for _, test := range []struct {
		metrics string
		secure  bool
		want    string
	}{
		{"127.0.0.1:0", true, "http://"},
		{"unix:" + filepath.Join(t.TempDir(), "m.sock"), true, "unix:"},
		{"0.0.0.0:0", true, "https://"},
		{"127.0.0.1:0", false, "http://"},
		{"0.0.0.0:0", false, ""},
	} {
		options := serveFlags{listen: "127.0.0.1:0", metrics: test.metrics}
		if test.secure {
			options.tlsCert, options.tlsKey = cert, key
		}
		at, metrics, err := options.listeners(t.Context(), slog.New(slog.DiscardHandler))
		if test.want == "" {
			if err == nil || !strings.Contains(err.Error(), "--metrics") {
				t.Errorf("%s without a certificate: %v", test.metrics, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.metrics, err)
			continue
		}
		if !strings.HasPrefix(metrics.URL(), test.want) {
			t.Errorf("%s: metrics are at %s", test.metrics, metrics.URL())
		}
		_ = at.Close()
		_ = metrics.Close()
	}
}
