package apis

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"clavier/model"
	"clavier/reach"
)

// TestFaults is the matrix of trust row T10, as far as a server can be reached.
func TestFaults(t *testing.T) {
	reset := func(conn net.Conn) {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
	secret := newSecret()
	const ended, no = "the connection ended before an answer came", "what came is no HTTP answer"
	for _, test := range []struct {
		about  string
		answer func(net.Conn)
		status int
		why    string
	}{
		{"reset after the request", reset, 0, ended},
		{"closed after the request", func(net.Conn) {}, 0, ended},
		{"cut within the status", says("HTTP/1.1 401"), 0, ended},
		{"cut after the status", says("HTTP/1.1 401 Unauthorized\r\n"), 0, ended},
		{"cut within a header", says("HTTP/1.1 401 Unauthorized\r\nContent-Le"), 0, no},
		{"a header with an escape in its value", says("HTTP/1.1 401 No\r\nX: \x1b[2J" + secret.Reveal() + "\r\n\r\n"), 0, no},
		{"no HTTP", says("SSH-2.0-OpenSSH_9.2 " + secret.Reveal() + "\r\n\r\n"), 0, no},
		{"another HTTP", says("HTTP/9.9x 200 OK\r\n\r\n"), 0, no},
		{"a status that is none", says("HTTP/1.1 2o0 OK\r\n\r\n"), 0, no},
		{"a header without a name", says("HTTP/1.1 200 OK\r\n: " + secret.Reveal() + "\r\n\r\n"), 0, no},
		{"a header with an escape", says("HTTP/1.1 200 OK\r\n\x1b[2J" + secret.Reveal() + ": x\r\n\r\n"), 0, no},
		{"two lengths", says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 0, no},
		{"endless headers", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			endless(c, "X-Header: "+strings.Repeat("x", 1000)+"\r\n")
		}, 0, "the answer has headers of more than 65536 bytes"},
		{"headers that are too large", status("200 OK", strings.Repeat("X-Header: "+strings.Repeat("x", 988)+"\r\n", 100)), 0,
			"the answer has headers of more than 65536 bytes"},
		{"one endless header", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX: ")
			endless(c, strings.Repeat("x", 1000))
		}, 0,
			"the answer has headers of more than 65536 bytes"},
		{"endless early hints", func(c net.Conn) { endless(c, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n") }, 0, "the answer has headers of more than 65536 bytes"},
		{"500 with a page", says("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>" + secret.Reveal()), 502, "it answered 502, a failure of the server; try again later"},
	} {
		t.Run(test.about, func(t *testing.T) {
			server := serve(t, nil, test.answer)
			wantUnknown(t, New(Options{}).Try(t.Context(), describe(server.url()), secret), secret, test.status, test.why)
			if requests, opened := server.seen(); len(requests) != 1 || opened != 1 {
				t.Errorf("%d requests over %d connections", len(requests), opened)
			}
		})
	}
}

// endless writes until the other side is gone, 1 GiB at most.
func endless(conn net.Conn, text string) {
	for range 1 << 30 / len(text) {
		if _, err := io.WriteString(conn, text); err != nil {
			return
		}
	}
}

// TestBodiesAreNotRead: the status is enough; what follows is not waited for, not unpacked and not believed.
func TestBodiesAreNotRead(t *testing.T) {
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	_, _ = io.CopyN(packer, zeros{}, 16<<20)
	_ = packer.Close()
	for about, answer := range map[string]func(net.Conn){
		"endless": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 401 No\r\n\r\n")
			endless(c, strings.Repeat("x", 1<<16))
		},
		"chunked without end": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n")
			endless(c, "1\r\nx\r\n")
		},
		"bomb": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 401 No\r\nContent-Encoding: gzip\r\n\r\n")
			_, _ = io.Copy(c, &bomb)
		},
		"truncated": says("HTTP/1.1 401 No\r\nContent-Length: 1000\r\n\r\nx"),
		"bad chunk": says("HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\nzz"),
		"silent": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\n")
			_, _ = c.Read(make([]byte, 1))
		},
	} {
		t.Run(about, func(t *testing.T) {
			server := serve(t, nil, answer)
			if got := New(Options{}).Try(t.Context(), describe(server.url()), newSecret()); got.Verdict != model.VerdictDead || got.Why != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestNoConnection: what fails before there is a connection says so, and that nothing was sent.
func TestNoConnection(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := gone.Addr().String()
	_ = gone.Close()
	secret := newSecret()
	wantUnknown(t, New(Options{}).Try(t.Context(), describe("http://"+address), secret), secret, 0, "the connection was refused; nothing was sent")

	for _, test := range []struct {
		err error
		why string
	}{
		{&net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}, "there is no machine named api.example"},
		{&net.DNSError{Err: "i/o timeout", Name: "api.example", IsTimeout: true}, "the name api.example could not be looked up in time"},
		{&net.DNSError{Err: "server misbehaving \x1b[2J", Name: "api.example"}, "the name api.example cannot be looked up"},
		{syscall.ENETUNREACH, "no connection could be made: network is unreachable"},
		{errors.New("\x1b[2J odd"), "no connection could be made"},
	} {
		p := New(Options{Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: test.err}
		}})
		if errors.Is(test.err, syscall.ENETUNREACH) && test.err.Error() != "network is unreachable" {
			continue // other systems say it in other words
		}
		wantUnknown(t, p.Try(t.Context(), describe("https://api.example"), secret), secret, 0, test.why+"; nothing was sent")
	}
}

// TestResetBeforeTheRequest: a connection that is gone at once is no answer either, and is not made again.
func TestResetBeforeTheRequest(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan int, 1)
	go func() {
		n := 0
		for {
			conn, err := listener.Accept()
			if err != nil {
				accepted <- n
				return
			}
			n++
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	}()
	secret := newSecret()
	got := New(Options{}).Try(t.Context(), describe("http://"+listener.Addr().String()), secret)
	if got.Verdict != model.VerdictUnknown || got.Why == "" || got.Status != 0 {
		t.Errorf("got %+v", got)
	}
	_ = listener.Close()
	if n := <-accepted; n != 1 {
		t.Errorf("%d connections", n)
	}
}

// TestLoopbackByNameMustBeIt: a name of this machine that leads elsewhere gets nothing.
func TestLoopbackByNameMustBeIt(t *testing.T) {
	secret := newSecret()
	p := New(Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: reach.ErrNotLoopback}
	}})
	wantUnknown(t, p.Try(t.Context(), describe("http://localhost"), secret), secret, 0, "the name of this machine leads to another; nothing was sent")
	server := serve(t, nil, status("200 OK"))
	_, port, _ := net.SplitHostPort(server.Addr().String())
	if got := New(Options{}).Try(t.Context(), describe("http://localhost:"+port), secret); got.Verdict != model.VerdictAlive {
		t.Errorf("got %+v", got)
	}
}

// FuzzAnswer: whatever comes back, the reason can be shown, holds no secret, and only the status decides.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 301 SECRET\r\nLocation: https://SECRET/SECRET\r\n\r\n",
		"HTTP/1.1 429 \x1b[2J\r\nRetry-After: SECRET\r\n\r\n", "SECRET", "HTTP/1.1 SECRET\r\n", "HTTP/1.1 200 OK\r\nSECRET\r\n\r\n", "HTTP/1.0 401 No\n\n", "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		secret := newSecret()
		text = strings.ReplaceAll(text, "SECRET", secret.Reveal())
		here, there := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			readHead(there)
			_, _ = io.WriteString(there, text)
			_ = there.Close()
		}()
		p := New(Options{Now: time.Now, Dial: func(context.Context, string, string) (net.Conn, error) { return here, nil }})
		got := p.Try(t.Context(), describe("http://127.0.0.1"), secret)
		_ = there.Close()
		<-done
		if strings.Contains(got.Why, secret.Reveal()) || strings.Contains(got.Why, strings.ToLower(secret.Reveal())) || !model.IsDisplayable(got.Why) {
			t.Fatalf("%q: %q", strings.ReplaceAll(text, secret.Reveal(), "SECRET"), got.Why)
		}
		if (got.Verdict == model.VerdictUnknown) != (got.Why != "") || (got.Verdict == model.VerdictAlive) != (got.Status == 200) ||
			(got.Verdict == model.VerdictDead) != (got.Status == 401) {
			t.Fatalf("%q: got %+v", strings.ReplaceAll(text, secret.Reveal(), "SECRET"), got)
		}
	})
}
