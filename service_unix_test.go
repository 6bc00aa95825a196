//go:build unix

package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"clavier/model"
	embedded "clavier/store"
)

// running is a key service that runs as a program of its own.
type running struct {
	*testing.T
	cmd *exec.Cmd
	url string

	mu    sync.Mutex
	log   strings.Builder
	ended chan struct{}
}

// serve starts a key service on a free port and waits until it listens. What it was told to stop by the end of the test is killed.
func (m *machine) serve(t *testing.T, args ...string) *running {
	t.Helper()
	s := m.begin(t, append([]string{"--listen", "127.0.0.1:0"}, args...)...)
	until(t, "the service to listen", func() bool { return s.at() != "" || s.over() })
	if s.url = s.at(); s.url == "" {
		t.Fatalf("the service ended: %s", s.said())
	}
	return s
}

// begin starts a key service and waits for nothing.
func (m *machine) begin(t *testing.T, args ...string) *running {
	t.Helper()
	cmd := m.command(t, append([]string{"serve", "--log-format", "json"}, args...)...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s := &running{T: t, cmd: cmd, ended: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.ended)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			s.mu.Lock()
			s.log.WriteString(lines.Text() + "\n")
			s.mu.Unlock()
		}
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-s.ended
	})
	return s
}

// said is what the service has written to standard error.
func (s *running) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

func (s *running) over() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// at returns the address that the log names; empty before.
func (s *running) at() string {
	for line := range strings.Lines(s.said()) {
		var said struct{ Msg, URL string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "the service listens" {
			return said.URL
		}
	}
	return ""
}

// stop sends a signal, and returns the exit code.
func (s *running) stop(signal os.Signal) int {
	s.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.Fatal(err)
	}
	return s.code()
}

// code waits for the end and returns the exit code.
func (s *running) code() int {
	s.Helper()
	until(s.T, "the service to end", s.over)
	return s.cmd.ProcessState.ExitCode()
}

// verify returns the status that the service answers for a secret.
func (s *running) verify(secret string) int {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/verify", nil)
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

// answers waits until the service answers a secret with a status.
func (s *running) answers(secret string, status int) {
	s.Helper()
	until(s.T, "the service to answer "+http.StatusText(status), func() bool { return s.verify(secret) == status })
}

// join makes a profile of a service, with the management key from its bootstrap file.
func (m *machine) join(t *testing.T, name, url, boot string) {
	t.Helper()
	cmd := m.command(t, "profile", "add", name, "--url", url)
	token, err := os.Open(boot)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = token.Close() }()
	cmd.Stdin = token
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), `; the token is the key "management" with the role manage; `) {
		t.Fatalf("profile add: %v: %s", err, out)
	}
}

// given runs the program with a text on standard input and returns what it prints, and its exit code.
func (m *machine) given(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := m.command(t, args...)
	var out, errs strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Run(); err != nil {
		exit := (*exec.ExitError)(nil)
		if !errors.As(err, &exit) {
			t.Fatal(err)
		}
		code = exit.ExitCode()
	}
	return out.String(), errs.String(), code
}

func (m *machine) boot() string { return filepath.Join(m.dir, "management") }

// TestServiceLife takes a key through its life at a service: made, listed, shown, looked up, verified by secret and over HTTP, and
// deleted.
func TestServiceLife(t *testing.T) {
	m := newMachine(t)
	s := m.serve(t, "--bootstrap-file", m.boot())
	if info, err := os.Stat(m.boot()); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the bootstrap file: %v, %v", info, err)
	}
	m.join(t, "team", s.url, m.boot())
	m.env = append(m.env, "CLAVIER_PROFILE=team")

	secret := m.create(t, "production")
	s.answers(secret, http.StatusOK)
	if got := m.output(t, "show", "production"); got != secret {
		t.Error("show prints another secret")
	}
	if out, _, code := m.given(t, secret, "verify"); code != 0 || out != "production\n" {
		t.Errorf("verify: %d, %q", code, out)
	}
	if out, _, code := m.given(t, secret, "lookup"); code != 0 || out != "\"production\" (team), live\n" {
		t.Errorf("lookup: %d, %q", code, out)
	}
	if list := m.output(t, "list"); !strings.Contains(list, "\nproduction  clv_…"+secret[len(secret)-4:]) || !strings.Contains(list, "\nmanagement ") {
		t.Errorf("the list is\n%s", list)
	}
	out, errs, code := m.given(t, "", "create", "production")
	if code != 1 || out != "" || !strings.Contains(errs, `"production" was not made: `) || !strings.Contains(errs, "name") {
		t.Errorf("the same name again: %d, %q, %s", code, out, errs)
	}
	if out, errs, code := m.given(t, "", "doctor"); code != 0 || !strings.Contains(out, "reachable, clavier ") || !strings.Contains(out, `manage: the token is the key "management"`) {
		t.Errorf("doctor: %d, %s%s", code, out, errs)
	}
	if _, errs, code := m.given(t, "", "delete", "production", "--confirm", "production"); code != 0 {
		t.Fatalf("delete: %d, %s", code, errs)
	}
	s.answers(secret, http.StatusUnauthorized)
	if _, errs, code := m.given(t, secret, "verify"); code != 1 || errs != "clavier: not a live key\n" {
		t.Errorf("verify of a deleted key: %d, %q", code, errs)
	}

	// The last key that may manage stays: it is the token.
	if _, errs, code := m.given(t, "", "delete", "management", "--confirm", "management"); code != 1 || !strings.Contains(errs, "this key is the token of the profile") {
		t.Errorf("delete of the last manager: %d, %q", code, errs)
	}
	s.leaves(m)
}

// leaves stops the service: then there is what was remembered.
func (s *running) leaves(m *machine) {
	t := s.T
	t.Helper()
	before := m.output(t, "list")
	if code := s.stop(os.Interrupt); code != 0 {
		t.Errorf("exit code %d: %s", code, s.said())
	}
	if _, errs, code := m.given(t, "", "list"); code != 1 || !strings.Contains(errs, "cannot be reached") || !strings.Contains(errs, "clavier list --remembered shows") {
		t.Errorf("list without the service: %d, %q", code, errs)
	}
	out, errs, code := m.given(t, "", "list", "--remembered")
	if code != 0 || strings.Count(out, "\n") != strings.Count(before, "\n")+1 || !strings.Contains(out, "\nmanagement ") || !strings.HasPrefix(errs, "these are the keys as they were ") {
		t.Errorf("list --remembered: %d\n%s%s", code, out, errs)
	}
	if out, _, _ := m.given(t, "", "__complete", "show", ""); !strings.HasPrefix(out, "management\t") {
		t.Errorf("completion offers %q", out)
	}
}

// TestServiceTokens: what a token may, and what is refused before anything is kept.
func TestServiceTokens(t *testing.T) {
	m := newMachine(t)
	s := m.serve(t, "--bootstrap-file", m.boot())
	m.join(t, "team", s.url, m.boot())
	settings := filepath.Join(m.dir, "config", "clavier", "config.toml")
	before, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	use := m.output(t, "--profile", "team", "create", "application")
	unknown, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]string{use: "role use", unknown.Reveal(): "does not take the token"} {
		for _, args := range [][]string{{"profile", "add", "other", "--url", s.url}, {"profile", "token", "team"}} {
			_, errs, code := m.given(t, token, args...)
			if code != 1 || !strings.Contains(errs, want) || !strings.Contains(errs, "nothing was kept") || strings.Contains(errs, token) {
				t.Errorf("%v: %d, %q", args, code, errs)
			}
		}
	}
	if after, _ := os.ReadFile(settings); string(after) != string(before) {
		t.Errorf("the settings were changed to %q", after)
	}
	if kept, err := filepath.Glob(filepath.Join(m.dir, "data", "clavier", "other.*")); err != nil || len(kept) > 0 {
		t.Error("a token that was refused is kept")
	}
	m.output(t, "--profile", "team", "list") // the old token is there
	boot, err := os.ReadFile(m.boot())
	if err != nil {
		t.Fatal(err)
	}
	if _, errs, code := m.given(t, string(boot), "profile", "token", "team"); code != 0 || !strings.Contains(errs, `has another token for the key service `) {
		t.Errorf("another token: %d, %q", code, errs)
	}
}

// TestServicesShareAFile is T26: what is deleted at one service is refused by the other within a second.
func TestServicesShareAFile(t *testing.T) {
	m := newMachine(t)
	store := filepath.Join(m.dir, "shared", "keys.db")
	first := m.serve(t, "--store", store, "--bootstrap-file", m.boot())
	second := m.serve(t, "--store", store)
	m.join(t, "team", first.url, m.boot())
	for range 3 {
		secret := m.output(t, "--profile", "team", "create", "production")
		second.answers(secret, http.StatusOK)
		m.output(t, "--profile", "team", "delete", "production", "--confirm", "production")
		deleted := time.Now()
		second.answers(secret, http.StatusUnauthorized)
		if took := time.Since(deleted); took > time.Second {
			t.Errorf("the other service took %v", took)
		}
	}
	if strings.Contains(second.said(), "management") {
		t.Errorf("a second management key was made: %s", second.said())
	}
}

// TestServiceKilled is T6 over HTTP: after SIGKILL what was acknowledged verifies, and what was deleted does not.
func TestServiceKilled(t *testing.T) {
	m := newMachine(t)
	s := m.serve(t, "--bootstrap-file", m.boot())
	at := strings.TrimPrefix(s.url, "http://")
	m.join(t, "team", s.url, m.boot())
	live := m.output(t, "--profile", "team", "create", "live")
	dead := m.output(t, "--profile", "team", "create", "dead")
	m.output(t, "--profile", "team", "delete", "dead", "--confirm", "dead")
	if code := s.stop(syscall.SIGKILL); code != -1 {
		t.Fatalf("exit code %d", code)
	}
	s = m.serve(t, "--listen", at)
	s.answers(live, http.StatusOK)
	if status := s.verify(dead); status != http.StatusUnauthorized {
		t.Errorf("a deleted key: %d", status)
	}
	if got := m.output(t, "--profile", "team", "show", "live"); got != live {
		t.Error("the secret is another one")
	}
}

// TestServiceStops: each signal ends it in good order.
func TestServiceStops(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			s := m.serve(t, "--bootstrap-file", m.boot())
			if code := s.stop(signal); code != 0 {
				t.Errorf("exit code %d: %s", code, s.said())
			}
			if boot, err := os.ReadFile(m.boot()); err != nil || strings.Contains(s.said(), strings.TrimSpace(string(boot))) {
				t.Errorf("the log has the management key: %v", err)
			}
		})
	}
}

// TestServiceStopsAtOnce: a second signal does not wait for a request that does not end.
func TestServiceStopsAtOnce(t *testing.T) {
	m := newMachine(t)
	s := m.serve(t, "--bootstrap-file", m.boot())
	at := strings.TrimPrefix(s.url, "http://")
	token, err := os.ReadFile(m.boot())
	if err != nil {
		t.Fatal(err)
	}
	connection, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	request := "PUT /v1/keys/01a21e48-3382-707e-be6b-b9e96d24adc7 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + strings.TrimSpace(string(token)) +
		"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
	if _, err := connection.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	if _, err := connection.Read(make([]byte, 25)); err != nil { // the service waits for the body
		t.Fatal(err)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until(t, "the service to stop accepting", func() bool {
		other, err := net.Dial("tcp", at)
		if err == nil {
			_ = other.Close()
		}
		return err != nil
	})
	if s.over() {
		t.Fatal("the service did not wait for the request")
	}
	began := time.Now()
	if code := s.stop(syscall.SIGTERM); code != -1 || time.Since(began) > 2*time.Second {
		t.Errorf("exit code %d after %v", code, time.Since(began))
	}
}

// TestServiceRefusals: one sentence and an exit code for what keeps a service from starting.
func TestServiceRefusals(t *testing.T) {
	m := newMachine(t, "PGPASSWORD=")
	busy := m.serve(t, "--bootstrap-file", m.boot())
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(m.dir, "elsewhere", "keys.db")
	for _, test := range []struct {
		args []string
		env  string
		code int
		want string
	}{
		{[]string{"--listen", strings.TrimPrefix(busy.url, "http://")}, "", 1, "cannot listen at "},
		{[]string{"--listen", "0.0.0.0:0"}, "", 1, "with plain http"},
		{[]string{"--listen", "127.0.0.1:0", "--metrics", "0.0.0.0:0"}, "", 1, "--metrics: cannot listen at 0.0.0.0:0 with plain http"},
		{[]string{"--listen", "127.0.0.1:0", "--store", elsewhere}, "", 1, "the store has no key that may manage others, and there is nowhere to put a new one"},
		{[]string{"--listen", "127.0.0.1:0", "--store", elsewhere, "--bootstrap-file", m.boot()}, "", 1, "is there already, and is not overwritten"},
		{[]string{"--store", "postgres://ada:word@127.0.0.1/keys"}, "", 2, "--store has a password, and other programs can read arguments: leave it out and use PGPASSWORD or ~/.pgpass"},
		{[]string{"--store", "postgres://127.0.0.1/keys?user=ada&password=word"}, "", 2, "--store has a password"},
		{[]string{"--store", "host=127.0.0.1 password=word"}, "", 2, "--store has a password"},
		{nil, "CLAVIER_SERVE_STORE=postgres://ada:word@127.0.0.1/keys", 2, "--store has a password"},
		{[]string{"--store", "mysql://127.0.0.1/keys"}, "", 2, "--store is a file, or a database postgres://USER@HOST/DATABASE"},
		{[]string{"--tls-cert", "cert.pem"}, "", 2, "--tls-cert and --tls-key belong together: give both or none"},
		{[]string{"--tls-cert", "cert.pem", "--tls-key", "key.pem", "--behind-proxy"}, "", 2, "--behind-proxy is for plain http"},
		{[]string{"--listen", "127.0.0.1:0", "--tls-cert", "cert.pem", "--tls-key", "key.pem"}, "", 1, "cert.pem"},
		{[]string{"--listen", "8787"}, "", 2, `--listen is host:port, such as 127.0.0.1:8787, or unix:/path, not "8787"`},
		{[]string{"--listen", ""}, "", 2, "--listen is host:port"},
		{[]string{"--metrics", "localhost"}, "", 2, "--metrics is host:port"},
		{[]string{"--unsure-after", "1ms"}, "", 2, "--unsure-after is a duration from 1s to 1h such as 30s"},
		{[]string{"--log-level", "loud"}, "", 2, "--log-level is debug, info, warn or error"},
		{[]string{"--log-format", "xml"}, "", 2, "--log-format is text or json"},
		{nil, "CLAVIER_SERVE_LISTN=x", 2, "CLAVIER_SERVE_LISTN stands for no flag of clavier serve; did you mean CLAVIER_SERVE_LISTEN?"},
		{nil, "CLAVIER_SERVE_BEHIND_PROXY=perhaps", 2, `CLAVIER_SERVE_BEHIND_PROXY is true or false, not "perhaps"`},
		{[]string{"extra"}, "", 2, "clavier serve takes no argument"},
		{[]string{"--store", secret.Reveal()}, "", 2, "an argument is a secret"},
	} {
		other := &machine{dir: m.dir, env: append([]string{test.env}, m.env...)}
		out, errs, code := other.given(t, "", append([]string{"serve"}, test.args...)...)
		if code != test.code || out != "" || !strings.HasPrefix(errs, "clavier: ") || !strings.Contains(errs, test.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v %s: exit code %d, %q%q, want %d and %q", test.args, test.env, code, out, errs, test.code, test.want)
		}
		if strings.Contains(errs, "word@") || strings.Contains(errs, secret.Reveal()) {
			t.Errorf("%v: the sentence repeats what is secret", test.args)
		}
	}
	if _, err := os.Stat(elsewhere); err != nil {
		t.Error(err) // it was made, and has no key
	}
	s := m.serve(t, "--store", elsewhere, "--bootstrap-file", m.boot()+"2")
	m.join(t, "elsewhere", s.url, m.boot()+"2")
	if list := m.output(t, "--profile", "elsewhere", "list"); strings.Count(list, "\n") != 1 {
		t.Errorf("refused starts have made keys:\n%s", list)
	}
}

// TestServiceByEnvironment: each flag can be a variable, which counts less.
func TestServiceByEnvironment(t *testing.T) {
	m := newMachine(t, "CLAVIER_SERVE_LOG_LEVEL=error", "CLAVIER_SERVE_LISTEN=nowhere", "CLAVIER_SERVE_SERVICE_HOST=10.0.0.1", "CLAVIER_SERVE_PORT=tcp://10.0.0.1:1", "CLAVIER_SERVE_METRICS=")
	m.env = append(m.env, "CLAVIER_SERVE_BOOTSTRAP_FILE="+m.boot())
	s := m.serve(t, "--log-level", "info")
	m.join(t, "team", s.url, m.boot())
}

// TestBootstrapAmongKeys: a store whose last manager has expired gets another one beside the keys that it serves, or the service ends.
func TestBootstrapAmongKeys(t *testing.T) {
	m := newMachine(t)
	store := filepath.Join(m.dir, "own", "keys.db")
	records, err := embedded.Open(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	key := model.Key{ID: "01a21e48-3382-707e-be6b-b9e96d24adc7", Name: "management", Hint: secret.Hint(), CreatedAt: time.Now().Add(-time.Hour).UTC(),
		ExpiresAt: time.Now().Add(-time.Minute).UTC(), LastUse: model.LastUse{Reported: true}, Role: model.RoleManage}
	record := model.Record{Key: key, Sealed: model.Sealed{Digest: secret.Digest(), Ciphertext: []byte("nobody's")}, At: key.CreatedAt}
	if err := errors.Join(records.Put(t.Context(), record, model.Actor{}), records.Close()); err != nil {
		t.Fatal(err)
	}
	there := filepath.Join(m.dir, "there")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"clavier: the store has no key that may manage others":                                                      nil,
		"clavier: no live key of the store may manage keys, so that a new one is wanted; but the --bootstrap-file ": {"--bootstrap-file", there},
	} {
		refused := m.begin(t, append([]string{"--listen", "127.0.0.1:0", "--store", store}, args...)...)
		if code := refused.code(); code != 1 || !strings.Contains(refused.said(), want) || refused.at() != "" {
			t.Errorf("%v: exit code %d: %s", args, code, refused.said())
		}
	}
	s := m.serve(t, "--store", store, "--bootstrap-file", m.boot())
	until(t, "a management key", func() bool { return strings.Contains(s.said(), `"name":"management 2"`) })
	if _, errs, code := m.given(t, secret.Reveal(), "profile", "add", "old", "--url", s.url); code != 1 {
		t.Errorf("the old manager is taken: %s", errs)
	}
	boot, err := os.ReadFile(m.boot())
	if err != nil {
		t.Fatal(err)
	}
	s.answers(strings.TrimSpace(string(boot)), http.StatusOK)
	if _, errs, code := m.given(t, string(boot), "profile", "add", "team", "--url", s.url); code != 0 || !strings.Contains(errs, `"management 2" with the role manage`) {
		t.Errorf("%d: %s", code, errs)
	}
}

// TestBootstrapTogether: two services that start on one new store make one management key.
func TestBootstrapTogether(t *testing.T) {
	for range 3 {
		m := newMachine(t)
		store := filepath.Join(m.dir, "shared", "keys.db")
		all := []*running{
			m.begin(t, "--listen", "127.0.0.1:0", "--store", store, "--bootstrap-file", m.boot()+"0"),
			m.begin(t, "--listen", "127.0.0.1:0", "--store", store, "--bootstrap-file", m.boot()+"1"),
		}
		var made []string
		for i, s := range all {
			until(t, "the service to listen", func() bool { return s.at() != "" || s.over() })
			if s.url = s.at(); s.url == "" {
				t.Fatalf("a service ended: %s", s.said())
			}
			if boot := m.boot() + string(rune('0'+i)); exists(boot) {
				made = append(made, boot)
			}
		}
		if len(made) != 1 {
			t.Fatalf("there are %d management keys", len(made))
		}
		m.join(t, "team", all[0].url, made[0])
		if list := m.output(t, "--profile", "team", "list"); strings.Count(list, "\n") != 1 {
			t.Errorf("the list is\n%s", list)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// shows waits for a text: what a program has written is read after its end.
func (s *typist) shows(text string) {
	s.Helper()
	until(s.T, text, func() bool { return strings.Contains(s.seen(), text) })
}

// TestServiceTerminal: on a terminal the management key is shown once, and the token is asked for without being shown.
func TestServiceTerminal(t *testing.T) {
	m := newMachine(t)
	socket := filepath.Join(m.dir, "s")
	service := sit(t, m.command(t, "serve", "--listen", "unix:"+socket, "--log-format", "json"))
	until(t, "the service to listen", func() bool { return strings.Contains(service.seen(), "the service listens") })
	token := secretShape.FindString(service.seen())
	if model.CheckSecret(token) != nil || strings.Count(service.seen(), token) != 1 || !strings.Contains(service.seen(), "this key may manage all others; it is shown once:\r\n"+token+"\r\n") {
		t.Fatal("the management key is not shown once")
	}

	person := sit(t, m.command(t, "profile", "add", "team", "--url", "unix:"+socket))
	person.asked("Token for the profile team: ", true)
	person.types(token + "\r")
	person.wantEnd(0)
	person.shows(`the token is the key "management" with the role manage`)
	if strings.Contains(person.seen(), token) {
		t.Error("the token is shown")
	}
	person = sit(t, m.command(t, "profile", "token", "team"))
	person.asked("Token for the profile team: ", true)
	person.types("\x03")
	person.wantEnd(1)
	m.output(t, "--profile", "team", "create", "production")

	// A protected identity is asked for where the token is needed.
	passphrase := "open " + rand.Text()
	m.protect(t, passphrase)
	if _, errs, code := m.given(t, "", "--profile", "team", "list"); code != 1 || !strings.Contains(errs, "protected by a passphrase") {
		t.Errorf("list without a terminal: %d, %q", code, errs)
	}
	person = sit(t, m.command(t, "--profile", "team", "list"))
	person.asked(askPassphrase, true)
	person.types(passphrase + "\r")
	person.wantEnd(0)
	person.shows("production")
	if out, _, code := m.given(t, "", "--profile", "team", "list", "--remembered"); code != 0 || !strings.Contains(out, "production") {
		t.Errorf("the remembered list: %d, %s", code, out)
	}
	if out, _, _ := m.given(t, "", "--profile", "team", "doctor"); !strings.Contains(out, "not asked: the token can only be had with the passphrase") {
		t.Errorf("doctor says\n%s", out)
	}

	if err := service.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	service.wantEnd(0)
	again := sit(t, m.command(t, "serve", "--listen", "unix:"+socket, "--log-format", "json"))
	until(t, "the service to listen", func() bool { return strings.Contains(again.seen(), "the service listens") })
	again.types("\x03")
	again.wantEnd(0)
	if strings.Contains(again.seen(), "shown once") {
		t.Error("a second management key was made")
	}
}
