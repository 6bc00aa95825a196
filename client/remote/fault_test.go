package remote

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"clavier/model"
	"clavier/wire"
)

// raw is a server that answers each request with bytes.
type raw struct {
	net.Listener
	mu sync.Mutex
	// requests are the first lines of those that came.
	requests []string
}

// answering starts a raw server. The connection ends when answer returns.
func answering(t testing.TB, answer func(conn net.Conn, request *http.Request)) *raw {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &raw{Listener: listener}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer func() { _ = conn.Close() }()
				request, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, request.Body)
				s.mu.Lock()
				s.requests = append(s.requests, request.Method+" "+request.RequestURI)
				s.mu.Unlock()
				answer(conn, request)
			})
		}
	})
	t.Cleanup(func() { _ = listener.Close(); wg.Wait() })
	return s
}

func (s *raw) url() string { return "http://" + s.Addr().String() }

func (s *raw) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// text answers with a status line, headers and a body that it gives the length of.
func text(status, headers, body string) func(net.Conn, *http.Request) {
	return func(conn net.Conn, _ *http.Request) {
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, headers, len(body), body)
	}
}

const asJSON = "Content-Type: application/json\r\n"

// problem answers with a kind of problem.
func problem(err error, headers, detail string) func(net.Conn, *http.Request) {
	kind, _ := wire.KindOf(err)
	body, _ := json.Marshal(kind.Problem(detail))
	return text(fmt.Sprintf("%d %s", kind.Status, http.StatusText(kind.Status)), "Content-Type: "+wire.ProblemType+"\r\n"+headers, string(body))
}

// operations are what is called in the matrix: one that asks, and three that change something, of which the last is not
// repeatable.
var operations = []struct {
	name string
	call func(ctx context.Context, r *Remote, id string) error
}{
	{"state", func(ctx context.Context, r *Remote, _ string) error { _, err := r.State(ctx); return err }},
	{"put", func(ctx context.Context, r *Remote, id string) error {
		rec := record(nop{}, "production")
		rec.Key.ID = id
		return r.Put(ctx, rec, model.Actor{})
	}},
	{"delete", func(ctx context.Context, r *Remote, id string) error {
		return r.Delete(ctx, id, model.Actor{}, time.Time{})
	}},
	{"end", func(ctx context.Context, r *Remote, id string) error {
		_, err := r.End(ctx, id, time.Time{}, model.Actor{}, time.Now())
		return err
	}},
}

// TestT10Matrix: each way in which a call can fail has its class, its words, and its number of requests: those of a question, a
// create, a deletion (each with the questions that it asks when it is in doubt) and an end.
func TestT10Matrix(t *testing.T) {
	reset := func(conn net.Conn, _ *http.Request) { _ = conn.(*net.TCPConn).SetLinger(0) }
	partly := func(says string) func(net.Conn, *http.Request) {
		return func(conn net.Conn, _ *http.Request) { _, _ = io.WriteString(conn, says) }
	}
	lost := [4]int{3, 6, 6, 4}
	once := [4]int{1, 1, 1, 1}
	doubt, none := model.ErrOutcomeUnknown, model.ErrUnreachable
	for _, test := range []struct {
		about  string
		answer func(net.Conn, *http.Request)
		// asks and changes are the errors of questions and of changes.
		asks, changes error
		requests      [4]int
		says          string
	}{
		{"reset before an answer", reset, none, doubt, lost, "the connection ended before an answer came"},
		{"closed before an answer", partly(""), none, doubt, lost, "the connection ended before an answer came"},
		{"reset within the body", partly("HTTP/1.1 200 OK\r\n" + asJSON + "Content-Length: 1000\r\n\r\n{"), none, doubt, lost, "its answer ended too early"},
		{"bad chunks", partly("HTTP/1.1 200 OK\r\n" + asJSON + "Transfer-Encoding: chunked\r\n\r\nzz"), none, doubt, lost, "its answer ended too early"},
		{"no HTTP", partly("SSH-2.0-OpenSSH_9.2\r\n\r\n"), none, doubt, lost, "what came is no HTTP answer"},
		{"500 with a page", text("500 Oops", "Content-Type: text/html\r\n", "<html>LEAK"), none, doubt, lost, "it answered 500, a failure of the server"},
		{"502 with a page", text("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>LEAK"), none, doubt, lost, "it answered 502, a failure of the server"},
		{"503 with a page", text("503 No", "Content-Type: text/html\r\n", "<html>LEAK"), none, doubt, lost, "it answered 503, a failure of the server"},
		{"504", text("504 Late", "", ""), none, doubt, lost, "it answered 504, a failure of the server"},
		{"408", text("408 Slow", "", ""), none, doubt, lost, "it answered 408, a failure of the server"},
		{"truncated JSON", text("200 OK", asJSON, `{"id":"LEA`), none, doubt, lost, "it answered 200 "},
		{"two values", text("200 OK", asJSON, `{} {}`), none, doubt, lost, "it answered 200 "},
		{"JSON of something else", text("200 OK", asJSON, `[1,"LEAK"]`), none, doubt, lost, "it answered 200 "},
		{"a page", text("200 OK", "Content-Type: text/html\r\n", "<html>LEAK"), none, doubt, lost, "it answered 200 "},
		{"no content type", text("200 OK", "", `{}`), none, doubt, lost, "it answered 200 "},
		{"an unknown success", text("206 Part", asJSON, `{}`), none, doubt, lost, "it answered 206"},
		{"a missing page", text("404 Not Found", "Content-Type: text/html\r\n", "<html>LEAK"), none, none, once, "answered 404, as no key service does"},
		{"405", text("405 No", "", ""), none, none, once, "answered 405, as no key service does"},
		{"409 with a page", text("409 No", "Content-Type: text/html\r\n", "LEAK"), none, none, once, "answered 409, as no key service does"},
		{"401 with a page", text("401 No", "Content-Type: text/html\r\n", "LEAK"), model.ErrToken, model.ErrToken, once, "does not take the token"},
		{"403 with a page", text("403 No", "Content-Type: text/html\r\n", "LEAK"), model.ErrRole, model.ErrRole, once, "the role of the token does not allow this"},
		{"429", text("429 Slow down", "", "LEAK"), none, none, [4]int{3, 3, 3, 3}, "answered 429, too many requests"},
		{"a token that is gone", problem(model.ErrToken, "", "LEAK"), model.ErrToken, model.ErrToken, once, "does not take the token"},
		{"a role that is too low", problem(model.ErrRole, "", "LEAK"), model.ErrRole, model.ErrRole, once, "the role of the token does not allow this"},
		{"busy", problem(model.ErrStoreBusy, "", "the store is busy"), model.ErrStoreBusy, model.ErrStoreBusy, [4]int{3, 3, 3, 3}, "the store is busy"},
		{"store away", problem(model.ErrStoreAway, "", "its store is away"), model.ErrStoreAway, model.ErrStoreAway, [4]int{3, 3, 3, 3}, "its store is away"},
		{"unsure", problem(model.ErrUnsure, "", "the keys are old"), model.ErrUnsure, model.ErrUnsure, [4]int{3, 3, 3, 3}, "the keys are old"},
		{"in doubt itself", problem(model.ErrOutcomeUnknown, "", "read the list"), none, doubt, lost, ""},
		{"not written", problem(model.ErrStoreWrite, "", "the disk is full"), model.ErrStoreWrite, model.ErrStoreWrite, once, "the disk is full"},
		{"damaged", problem(model.ErrStoreDamaged, "", "restore it"), model.ErrStoreDamaged, model.ErrStoreDamaged, once, "restore it"},
		{"a problem of no kind", text("422 No", "Content-Type: "+wire.ProblemType+"\r\n", `{"type":"about:blank","detail":"body.note: too long"}`),
			nil, nil, once, "refused it: body.note: too long"},
		{"a kind with another status", text("404 No", "Content-Type: "+wire.ProblemType+"\r\n", `{"type":"/problems/name-taken"}`), none, none, once, "answered 404"},
		{"a problem that is none", text("409 No", "Content-Type: "+wire.ProblemType+"\r\n", `{"type":"/problems/name-taken"`), none, none, once, "answered 409"},
		{"a problem that is too large", text("409 No", "Content-Type: "+wire.ProblemType+"\r\n", `{"type":"/problems/name-taken","detail":"`+strings.Repeat("x", maxProblem)+`"}`),
			none, none, once, "answered 409"},
	} {
		for i, operation := range operations {
			t.Run(test.about+"/"+operation.name, func(t *testing.T) {
				server := answering(t, test.answer)
				o, token := options(t, server.url())
				r := open(t, o)
				err := operation.call(t.Context(), r, record(t, "x").Key.ID)
				want := test.changes
				if i == 0 {
					want = test.asks
				}
				wantSentence(t, r, token, err)
				wantOnly(t, err, want)
				if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "LEA") {
					t.Errorf("got %q, want %q in it", err, test.says)
				}
				if got := server.asked(); got != test.requests[i] {
					t.Errorf("there were %d requests, want %d", got, test.requests[i])
				}
			})
		}
	}
}

// wantOnly fails unless an error is this one of those that tell what became of a call; nil stands for none of them.
func wantOnly(t *testing.T, err, want error) {
	t.Helper()
	if want != nil && !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	for _, other := range []error{model.ErrUnreachable, model.ErrOutcomeUnknown, model.ErrToken, model.ErrRole, model.ErrNotFound, model.ErrNameTaken} {
		if errors.Is(err, other) && !errors.Is(want, other) {
			t.Errorf("%v is taken for %v, too", err, other)
		}
	}
}

// TestT10NotSent: where no connection is made, nothing was changed, and the sentence says so.
func TestT10NotSent(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := "http://" + gone.Addr().String()
	_ = gone.Close()
	failing := func(err error) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}
	}
	for _, test := range []struct {
		about string
		url   string
		dial  func(context.Context, string, string) (net.Conn, error)
		tries int
		says  string
	}{
		{"refused", refusing, nil, 0, "the connection was refused"},
		{"no such name", "https://keys.example", failing(&net.DNSError{Err: "no such host", Name: "keys.example", IsNotFound: true}), 1, "there is no machine named keys.example"},
		{"names fail", "https://keys.example", failing(&net.DNSError{Err: "\x1b[2J", Name: "keys.example"}), 3, "the name keys.example cannot be looked up"},
		{"no TLS", "https://keys.example", func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() {
				_, _ = there.Read(make([]byte, 1<<16))
				_, _ = io.WriteString(there, "HTTP/1.1 400 Bad Request\r\n\r\n")
				_ = there.Close()
			}()
			return here, nil
		}, 1, "the server does not speak TLS there"},
	} {
		for i, operation := range operations {
			t.Run(test.about+"/"+operation.name, func(t *testing.T) {
				o, token := options(t, test.url)
				tries := 0
				if test.dial != nil {
					o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
						tries++
						return test.dial(ctx, network, address)
					}
				}
				r := open(t, o)
				err := operation.call(t.Context(), r, record(t, "x").Key.ID)
				wantSentence(t, r, token, err)
				wantOnly(t, err, model.ErrUnreachable)
				if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "nothing was changed") != (i > 0) {
					t.Errorf("got %q, want %q in it", err, test.says)
				}
				if tries != test.tries {
					t.Errorf("%d tries, want %d", tries, test.tries)
				}
			})
		}
	}
}

// TestT13Bodies: an answer of more than 8 MiB is given up, packed or not, however it comes.
func TestT13Bodies(t *testing.T) {
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	_, _ = io.CopyN(packer, zeros{}, 16<<20)
	_ = packer.Close()
	endless := func(conn net.Conn, says string) {
		for range 1 << 30 / len(says) {
			if _, err := io.WriteString(conn, says); err != nil {
				return
			}
		}
		t.Error("it was read for ever")
	}
	for about, answer := range map[string]func(net.Conn, *http.Request){
		"a bomb": text("200 OK", asJSON+"Content-Encoding: gzip\r\n", bomb.String()),
		"endless": func(conn net.Conn, _ *http.Request) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+asJSON+"\r\n")
			endless(conn, strings.Repeat(" ", 1<<16))
		},
		"endless chunks": func(conn net.Conn, _ *http.Request) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+asJSON+"Transfer-Encoding: chunked\r\n\r\n")
			endless(conn, "10000\r\n"+strings.Repeat(" ", 1<<16)+"\r\n")
		},
		"a great length": func(conn net.Conn, _ *http.Request) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+asJSON+"Content-Length: 9000000000000\r\n\r\n")
			endless(conn, strings.Repeat(" ", 1<<16))
		},
	} {
		t.Run(about, func(t *testing.T) {
			server := answering(t, answer)
			o, token := options(t, server.url())
			r := open(t, o)
			_, err := r.State(t.Context())
			wantSentence(t, r, token, err)
			wantOnly(t, err, model.ErrUnreachable)
			if !strings.Contains(err.Error(), "what it answered has more than 8 MiB") || server.asked() != 1 {
				t.Errorf("got %q after %d requests", err, server.asked())
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
