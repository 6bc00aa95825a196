//go:build linux || darwin

// Package service runs clavier serve for tests and benchmarks, and makes and deletes keys at it.
package service

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/e2e/program"
	"clavier/e2e/term"
	"clavier/model"
	"clavier/wire"
)

// Service is a running clavier serve.
type Service struct {
	// URL is where it listens.
	URL string
	// Token is the management key that it made at its first start.
	Token model.Secret

	tb     testing.TB
	home   *program.Home
	args   []string
	env    []string
	cmd    *exec.Cmd
	ended  chan struct{}
	mu     sync.Mutex
	log    bytes.Buffer
	client *http.Client
}

// Start runs the program in a home with these arguments behind serve, which must not name an address, and waits until it is
// ready. The first start of a store writes its management key into a file of the home.
func Start(tb testing.TB, home *program.Home, env []string, args ...string) *Service {
	tb.Helper()
	if home.Bin == "" {
		home.Bin = program.Path(tb)
	}
	s := &Service{tb: tb, home: home, args: args, env: env, client: &http.Client{
		Timeout:       term.Patience(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	s.Run("127.0.0.1:0")
	return s
}

// bootstrap is the file of the management key.
func (s *Service) bootstrap() string { return filepath.Join(s.home.Dir, "management.key") }

// Run starts the service at an address, for instance again after Kill or Stop.
func (s *Service) Run(address string) {
	s.tb.Helper()
	args := append([]string{"serve", "--listen", address, "--log-format", "json"}, s.args...)
	if _, err := os.Stat(s.bootstrap()); err != nil {
		args = append(args, "--bootstrap-file", s.bootstrap())
	}
	cmd := exec.Command(s.home.Bin, args...)
	cmd.Dir, cmd.Env = s.home.Dir, s.home.Env(s.env...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		s.tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.tb.Fatalf("start the service: %v", err)
	}
	listening, ended := make(chan string, 1), make(chan struct{})
	go s.follow(stderr, listening)
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	s.cmd, s.ended = cmd, ended
	s.tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	select {
	case s.URL = <-listening:
	case <-ended:
		s.tb.Fatalf("the service ended at its start: %s", s.Log())
	case <-time.After(term.Patience()):
		s.tb.Fatalf("the service does not listen: %s", s.Log())
	}
	if secret, err := os.ReadFile(s.bootstrap()); err == nil {
		s.Token = model.NewSecret(strings.TrimSpace(string(secret)))
	}
	s.Wait("the service is ready", func() bool { return s.get(wire.PathReady) == http.StatusOK })
}

// follow keeps what the service logs, and finds the address in it.
func (s *Service) follow(stderr io.Reader, listening chan<- string) {
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		s.mu.Lock()
		s.log.Write(append(lines.Bytes(), '\n'))
		s.mu.Unlock()
		var line struct {
			URL string `json:"url"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.URL != "" {
			select {
			case listening <- line.URL:
			default:
			}
		}
	}
}

// Log returns what the service has logged so far.
func (s *Service) Log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// Pid is the process of the service.
func (s *Service) Pid() int { return s.cmd.Process.Pid }

// Address is its host and port.
func (s *Service) Address() string { return strings.TrimPrefix(s.URL, "http://") }

// Stop ends the service as systemd does, and waits for its end.
func (s *Service) Stop() { s.end(syscall.SIGTERM) }

// Kill ends the service with SIGKILL.
func (s *Service) Kill() { s.end(syscall.SIGKILL) }

func (s *Service) end(signal syscall.Signal) {
	s.tb.Helper()
	_ = s.cmd.Process.Signal(signal)
	select {
	case <-s.ended:
	case <-time.After(term.Patience()):
		s.tb.Fatalf("the service goes on after %v: %s", signal, s.Log())
	}
}

// Wait waits for a condition and fails the test if it does not come.
func (s *Service) Wait(what string, holds func() bool) {
	s.tb.Helper()
	for deadline := time.Now().Add(term.Patience()); !holds(); {
		if time.Now().After(deadline) {
			s.tb.Fatalf("waited in vain: %s; the service says: %s", what, s.Log())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (s *Service) get(path string) int {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		s.tb.Fatal(err)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// Verify asks the service whether a secret belongs to a live key, and returns the status; 0 if there is no answer.
func (s *Service) Verify(secret model.Secret) int {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.URL+wire.PathVerify, nil)
	if err != nil {
		s.tb.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+secret.Reveal())
	response, err := s.client.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// Ask makes a request of the management key, with a JSON body unless it is nil, and returns status and body; 0 if there is no
// answer.
func (s *Service) Ask(method, path string, body any) (int, []byte) {
	s.tb.Helper()
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			s.tb.Fatal(err)
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, s.URL+path, sent)
	if err != nil {
		s.tb.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.Token.Reveal())
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(response.Body, wire.MaxBody))
	return response.StatusCode, text
}

// Key is a key at the service, with its secret.
type Key struct {
	ID     string
	Secret model.Secret
}

// Draw makes a key that no service has yet, and its record. What is sealed in it is nothing that could be opened.
func Draw(tb testing.TB, name string) (Key, wire.Record) {
	tb.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		tb.Fatal(err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		tb.Fatal(err)
	}
	at := time.Now().UTC().Truncate(time.Millisecond)
	return Key{ID: id.String(), Secret: secret}, wire.Record{
		Name: name, Hint: secret.Hint(), CreatedAt: &at, SHA256: wire.DigestText(secret.Digest()), Sealed: []byte(rand.Text()),
	}
}

// Make stores a key and returns it.
func (s *Service) Make(name string) Key {
	s.tb.Helper()
	key, record := Draw(s.tb, name)
	s.store(key, record)
	return key
}

// MakeExpired stores a key whose end has passed.
func (s *Service) MakeExpired(name string) Key {
	s.tb.Helper()
	key, record := Draw(s.tb, name)
	past := record.CreatedAt.Add(-time.Hour)
	record.ExpiresAt = &past
	s.store(key, record)
	return key
}

func (s *Service) store(key Key, record wire.Record) {
	s.tb.Helper()
	if status, body := s.Ask(http.MethodPut, wire.PathKeys+"/"+key.ID, record); status != http.StatusCreated {
		s.tb.Fatalf("store %s: %d %s", record.Name, status, body)
	}
}

// Delete deletes a key.
func (s *Service) Delete(key Key) {
	s.tb.Helper()
	if status, body := s.Ask(http.MethodDelete, wire.PathKeys+"/"+key.ID, nil); status != http.StatusNoContent {
		s.tb.Fatalf("delete %s: %d %s", key.ID, status, body)
	}
}

// Unknown is a well-formed secret that no service has.
func Unknown(tb testing.TB) model.Secret {
	tb.Helper()
	key, _ := Draw(tb, "nobody")
	return key.Secret
}

// String names the service.
func (s *Service) String() string { return fmt.Sprintf("service at %s", s.URL) }
