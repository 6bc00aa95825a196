package apis

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"clavier/model"
)

// moment is what the clock of the tests shows.
var moment = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func stopped() time.Time { return moment }

// newSecret draws a secret for one test.
func newSecret() model.Secret { return model.NewSecret("md_" + rand.Text()) }

// describe returns an API at a URL.
func describe(url string) model.API {
	return model.API{Name: "probe", Method: "GET", URL: url, Header: "Authorization", Scheme: "Token", Alive: []int{200}, Dead: []int{401}}
}

// rawServer is a server that answers with bytes, and remembers what it was sent.
type rawServer struct {
	net.Listener
	mu       sync.Mutex
	requests []string
	opened   int
}

// serve starts a server on this machine. It reads the head of each request and gives the connection to answer.
func serve(t testing.TB, listener net.Listener, answer func(net.Conn)) *rawServer {
	t.Helper()
	if listener == nil {
		var err error
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	s := &rawServer{Listener: listener}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.opened++
			s.mu.Unlock()
			wg.Go(func() {
				defer func() { _ = conn.Close() }()
				head := readHead(conn)
				s.mu.Lock()
				s.requests = append(s.requests, head)
				s.mu.Unlock()
				answer(conn)
			})
		}
	})
	t.Cleanup(func() { _ = listener.Close(); wg.Wait() })
	return s
}

// readHead reads a request up to its blank line.
func readHead(conn io.Reader) string {
	var head bytes.Buffer
	r := bufio.NewReader(io.LimitReader(conn, 1<<20))
	for {
		line, err := r.ReadString('\n')
		head.WriteString(line)
		if err != nil || line == "\r\n" {
			return head.String()
		}
	}
}

// seen returns the requests so far, and how many connections there were.
func (s *rawServer) seen() (requests []string, opened int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests, s.opened
}

func (s *rawServer) url() string { return "http://" + s.Addr().String() }

// says answers with a text.
func says(text string) func(net.Conn) {
	return func(conn net.Conn) { _, _ = io.WriteString(conn, text) }
}

// status answers with a status and headers, each with its line end.
func status(line string, headers ...string) func(net.Conn) {
	return says("HTTP/1.1 " + line + "\r\n" + strings.Join(headers, "") + "Content-Length: 0\r\n\r\n")
}

// wantUnknown checks an answer that says neither yes nor no, for this reason, and shows nothing that it must not.
func wantUnknown(t testing.TB, got model.Answer, secret model.Secret, statusCode int, why string) {
	t.Helper()
	if got.Verdict != model.VerdictUnknown || got.Status != statusCode || got.Why != why {
		t.Errorf("got %s, %d, %q\nwant unknown, %d, %q", got.Verdict, got.Status, got.Why, statusCode, why)
	}
	if strings.Contains(got.Why, secret.Reveal()) {
		t.Error("the reason shows the secret")
	}
	if !model.IsDisplayable(got.Why) {
		t.Errorf("%q cannot be shown", got.Why)
	}
}
