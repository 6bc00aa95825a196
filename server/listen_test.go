package server

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhereToListen holds where plain http may be spoken.
func TestWhereToListen(t *testing.T) {
	certFile, keyFile := writePair(t, t.TempDir(), "first")
	names := map[string][]netip.Addr{
		"localhost": {netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.1")},
		"both":      {netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.1")},
		"outside":   {netip.MustParseAddr("192.0.2.1")},
	}
	lookup := func(_ context.Context, _, host string) ([]netip.Addr, error) {
		if addresses, ok := names[host]; ok {
			return addresses, nil
		}
		return nil, errors.New("no such host")
	}
	const plain, https, proxied = "http://", "https://", "proxied"
	for _, test := range []struct {
		spec string
		how  string
		want string // how the URL begins, or a part of the error
	}{
		{"127.0.0.1:0", plain, "http://127.0.0.1:"},
		{"127.9.9.9:0", plain, "http://127.9.9.9:"},
		{"[::1]:0", plain, "http://[::1]:"},
		{"[::ffff:127.0.0.1]:0", plain, "http://127.0.0.1:"},
		{"localhost:0", plain, "http://127.0.0.1:"},
		{"0.0.0.0:0", plain, "--tls-cert"},
		{"[::]:0", plain, "--tls-cert"},
		{":0", plain, "--behind-proxy"},
		{"192.0.2.1:0", plain, "--tls-cert"},
		{"[fe80::1]:0", plain, "--tls-cert"},
		{"outside:0", plain, "--tls-cert"},
		{"both:0", plain, "--tls-cert"},
		{"nowhere:0", plain, "has no address"},
		{"127.0.0.1", plain, "write host:port"},
		{"http://127.0.0.1:0", plain, "write host:port"},
		{"\x1b[2J", plain, "⟨U+001B⟩"},
		{"127.0.0.1:port", plain, "cannot listen at 127.0.0.1:port"},
		{"127.0.0.1:99999", plain, "cannot listen at 127.0.0.1:99999"},
		{"", plain, "write host:port"},
		{"0.0.0.0:0", https, "https://0.0.0.0:"},
		{":0", https, "https://"},
		{"127.0.0.1:0", https, "https://127.0.0.1:"},
		{"0.0.0.0:0", proxied, "http://0.0.0.0:"},
		{":0", proxied, "http://"},
	} {
		if strings.Contains(test.spec, ":1]") && !hasIPv6() {
			continue
		}
		o := ListenOptions{lookup: lookup, BehindProxy: test.how == proxied}
		if test.how == https {
			o.CertFile, o.KeyFile = certFile, keyFile
		}
		l, err := Listen(t.Context(), test.spec, o)
		if err != nil {
			if text := err.Error(); !strings.Contains(text, test.want) || strings.Contains(text, "\n") {
				t.Errorf("%q as %s: %v", test.spec, test.how, err)
			}
			continue
		}
		if !strings.HasPrefix(l.URL(), test.want) || strings.HasSuffix(l.URL(), ":0") {
			t.Errorf("%q as %s: it listens at %s", test.spec, test.how, l.URL())
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

func hasIPv6() bool {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// TestTakenPort holds what is said if somebody listens there.
func TestTakenPort(t *testing.T) {
	l, err := Listen(t.Context(), "127.0.0.1:0", ListenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Listen(t.Context(), l.Addr().String(), ListenOptions{}); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("the error is %v", err)
	}
}

// TestSocket holds who may speak to a socket, and when one is taken over.
func TestSocket(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "clavier.sock")
	listen := func() (*Listener, error) { return Listen(t.Context(), "unix:"+path, ListenOptions{}) }
	l, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	if l.URL() != "unix:"+path {
		t.Errorf("it listens at %s", l.URL())
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != os.ModeSocket || info.Mode().Perm() != socketMode {
		t.Errorf("the socket is %v, %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("beside the socket there are %v", entries)
	}
	if _, err := listen(); err == nil || !strings.Contains(err.Error(), "another program listens there") {
		t.Errorf("while somebody listens the error is %v", err)
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after the end there is %v", err)
	}

	left, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	left.Close()
	l, err = listen()
	if err != nil {
		t.Fatalf("a socket that is left over is in the way: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	successor, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the end of one removes the socket of another: %v", err)
	}
	successor.Close()

	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen(); err == nil || !strings.Contains(err.Error(), "something else than a socket") {
		t.Errorf("where a file stands the error is %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
		t.Errorf("the file is %q, %v", text, err)
	}
	for _, spec := range []string{"unix:", "unix:@abstract", "unix:" + filepath.Join(dir, "no", "where"), "unix:" + filepath.Join(dir, strings.Repeat("x", 200))} {
		if _, err := Listen(t.Context(), spec, ListenOptions{}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error is %v", spec, err)
		}
	}
}
