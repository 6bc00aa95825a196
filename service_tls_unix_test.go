//go:build unix

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificate writes a certificate for the loopback address, which vouches for itself, and its private key.
func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "keys"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	err = errors.Join(
		os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// TestServiceOverTLS: a certificate lets a service listen beside the loopback address, and a profile trusts it by its --ca alone.
func TestServiceOverTLS(t *testing.T) {
	m := newMachine(t)
	cert, key := certificate(t, m.dir)
	s := m.serve(t, "--bootstrap-file", m.boot(), "--tls-cert", "cert.pem", "--tls-key", key)
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") {
		t.Fatalf("the service is at %s", s.url)
	}
	token, err := os.ReadFile(m.boot())
	if err != nil {
		t.Fatal(err)
	}
	if _, errs, code := m.given(t, string(token), "profile", "add", "team", "--url", s.url); code != 1 || !strings.Contains(errs, "certificate") || !strings.Contains(errs, "nothing was kept") {
		t.Errorf("without the authority: %d, %q", code, errs)
	}
	if _, errs, code := m.given(t, string(token), "profile", "add", "team", "--url", s.url, "--ca", "cert.pem"); code != 0 {
		t.Fatalf("with the authority: %d, %q", code, errs)
	}
	if settings := m.output(t, "--profile", "team", "config"); !strings.Contains(settings, " "+cert+" ") {
		t.Errorf("the settings have no path of the authority:\n%s", settings)
	}
	m.output(t, "--profile", "team", "create", "production")
}

// TestServiceMetrics: they are answered at a place of their own, and nowhere else.
func TestServiceMetrics(t *testing.T) {
	m := newMachine(t)
	s := m.serve(t, "--bootstrap-file", m.boot(), "--metrics", "127.0.0.1:0")
	at := ""
	until(t, "metrics to be served", func() bool {
		for line := range strings.Lines(s.said()) {
			var said struct{ Msg, At string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "metrics are served" {
				at = said.At
			}
		}
		return at != ""
	})
	for url, want := range map[string]int{at + "/metrics": http.StatusOK, s.url + "/metrics": http.StatusNotFound} {
		response, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != want || want == http.StatusOK && !strings.Contains(string(body), "clavier_") {
			t.Errorf("%s answers %d", url, response.StatusCode)
		}
	}
}
