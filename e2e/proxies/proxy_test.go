//go:build linux

// Package proxies runs the configurations of docs/proxies.md with the real proxies, before the real key service.
package proxies

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clavier/e2e/program"
	"clavier/e2e/service"
	"clavier/e2e/term"
)

// The addresses that the documentation speaks of.
const (
	documentedProxy       = "127.0.0.1:8080"
	documentedService     = "127.0.0.1:8787"
	documentedApplication = "127.0.0.1:3000"
)

func TestMain(m *testing.M) {
	code := m.Run()
	program.Clean()
	os.Exit(code)
}

// proxy is one of the proxies that are run.
type proxy struct {
	name string // as the block of the documentation is marked
	bin  string
	// start returns the command that runs the proxy in the foreground on a configuration, in a directory of its own.
	start func(t *testing.T, dir, config string, at places) *exec.Cmd
}

// places are where everything listens.
type places struct{ proxy, service, application string }

var proxies = []proxy{
	{"nginx", "nginx", startNginx},
	{"caddy", "caddy", startCaddy},
	{"haproxy", "haproxy", startHAProxy},
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func startNginx(t *testing.T, dir, config string, _ places) *exec.Cmd {
	t.Helper()
	var temp strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temp, "%s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	file := filepath.Join(dir, "nginx.conf")
	write(t, file, fmt.Sprintf("daemon off; master_process off; pid %s; error_log %s;\nevents {}\nhttp {\naccess_log off;\n%s%s}\n",
		filepath.Join(dir, "pid"), filepath.Join(dir, "errors"), temp.String(), config))
	return exec.Command("nginx", "-e", filepath.Join(dir, "errors"), "-c", file)
}

func startCaddy(t *testing.T, dir, config string, _ places) *exec.Cmd {
	t.Helper()
	file := filepath.Join(dir, "Caddyfile")
	write(t, file, "{\n\tadmin off\n\tauto_https off\n}\n"+config)
	cmd := exec.Command("caddy", "run", "--config", file, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir)
	return cmd
}

func startHAProxy(t *testing.T, dir, config string, at places) *exec.Cmd {
	t.Helper()
	script, err := filepath.Abs("../../packaging/haproxy/clavier.lua")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "haproxy.cfg")
	write(t, file, strings.ReplaceAll(config, "/etc/haproxy/clavier.lua", script))
	cmd := exec.Command("haproxy", "-db", "-f", file)
	cmd.Env = append(os.Environ(), "CLAVIER_VERIFY=http://"+at.service+"/v1/verify")
	return cmd
}

// documented returns the block of docs/proxies.md for a proxy, with other addresses.
func documented(t *testing.T, name string, at places) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/proxies.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```" + name + "\n(.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatalf("docs/proxies.md has no block for %s", name)
	}
	config := strings.NewReplacer(documentedProxy, at.proxy, documentedService, at.service, documentedApplication, at.application).
		Replace(string(block[1]))
	if !strings.Contains(config, at.application) {
		t.Fatalf("the block for %s does not speak of %s", name, documentedApplication)
	}
	return config
}

// freeAddress returns an address that nothing listens at. Something else may take it before it is used; then starting fails.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// run starts a proxy and waits until it listens.
func (p proxy) run(t *testing.T, behind, application string) (url string) {
	t.Helper()
	if _, err := exec.LookPath(p.bin); err != nil {
		term.Missing(t, p.bin+" is not installed")
	}
	dir := t.TempDir()
	at := places{freeAddress(t), behind, application}
	cmd := p.start(t, dir, documented(t, p.name, at), at)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr, cmd.Dir = &said, &said, dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	for deadline := time.Now().Add(term.Patience()); ; {
		conn, err := net.Dial("tcp", at.proxy)
		if err == nil {
			_ = conn.Close()
			return "http://" + at.proxy
		}
		select {
		case <-ended:
			t.Fatalf("%s ended at its start: %s", p.name, said.String())
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen", p.name)
		}
	}
}

// application is what stands behind a proxy. It keeps what reaches it.
type application struct {
	*httptest.Server
	mu   sync.Mutex
	seen []received
}

type received struct {
	method, uri, body string
	header            http.Header
}

func newApplication(t *testing.T) *application {
	t.Helper()
	a := &application{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a.mu.Lock()
		a.seen = append(a.seen, received{r.Method, r.RequestURI, string(body), r.Header.Clone()})
		a.mu.Unlock()
		_, _ = io.WriteString(w, "hello from the application")
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *application) address() string { return strings.TrimPrefix(a.URL, "http://") }

// take returns what has reached the application since the last call.
func (a *application) take() []received {
	a.mu.Lock()
	defer a.mu.Unlock()
	seen := a.seen
	a.seen = nil
	return slices.Clone(seen)
}

// site is a proxy before an application, with a key service.
type site struct {
	*testing.T
	url     string
	service *service.Service
	app     *application
}

// answer is what a proxy answered.
type answer struct {
	status    int
	challenge string
}

// ask sends a request through the proxy, in a connection of its own.
func (s *site) ask(method, path, body string, header http.Header) answer {
	s.Helper()
	var sent io.Reader
	if body != "" {
		sent = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(s.Context(), method, s.url+path, sent)
	if err != nil {
		s.Fatal(err)
	}
	request.Header = header.Clone()
	request.Close = len(header["Connection"]) == 0
	client := &http.Client{Timeout: term.Patience(), Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	response, err := client.Do(request)
	if err != nil {
		s.Fatalf("%s %s: %v", method, path, err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return answer{response.StatusCode, response.Header.Get("WWW-Authenticate")}
}
