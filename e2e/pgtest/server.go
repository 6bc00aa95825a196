package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"clavier/e2e/term"
)

const (
	// owner is the role that owns the server and every database of it.
	owner = "clavier"
	// tries is how often a server is started: another program may take the port in between.
	tries = 5
	// look is the time between two looks whether the server answers.
	look = 10 * time.Millisecond
)

// Server is a PostgreSQL server with fsync on. It is safe for concurrent use, but for what starts and stops it.
type Server struct {
	dir      string // holds the data, the socket and the log
	bin      string
	port     int
	password string // for the port; the socket needs none, for its directory is private

	mu    sync.Mutex // guards what follows
	cmd   *exec.Cmd  // nil while it is stopped
	ended chan struct{}
	made  int // schemas
}

// Start starts a server, which is stopped when the test ends. The test is skipped where PostgreSQL is missing, and fails there
// with CLAVIER_REQUIRE_ALL=1.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s, err := begin(programs(tb))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.remove)
	return s
}

var common struct {
	sync.Mutex
	server *Server
	err    error
}

// Shared returns the server that all tests of this process share. It is started on the first call and runs until Clean.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	bin := programs(tb)
	common.Lock()
	defer common.Unlock()
	if common.server == nil && common.err == nil {
		common.server, common.err = begin(bin)
	}
	if common.err != nil {
		tb.Fatal(common.err)
	}
	return common.server
}

// Clean stops the server that Shared started, if it did, and removes its files.
func Clean() {
	common.Lock()
	defer common.Unlock()
	if common.server != nil {
		common.server.remove()
	}
	common.server = nil
}

// programs returns the directory of the newest PostgreSQL that is installed.
func programs(tb testing.TB) string {
	tb.Helper()
	newest, bin := -1.0, ""
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // where Debian has them, one for each version
	for _, dir := range dirs {
		version, err := strconv.ParseFloat(filepath.Base(filepath.Dir(dir)), 64)
		if _, missing := os.Stat(filepath.Join(dir, "initdb")); err == nil && missing == nil && version > newest {
			newest, bin = version, dir
		}
	}
	if bin != "" {
		return bin
	}
	return filepath.Dir(term.NeedTool(tb, "initdb"))
}

// begin makes a server and starts it.
func begin(bin string) (s *Server, err error) {
	dir, err := os.MkdirTemp("", "pg") // a socket's path must be short
	if err != nil {
		return nil, err
	}
	s = &Server{dir: dir, bin: bin, password: rand.Text()}
	defer func() {
		if err != nil {
			s.remove()
		}
	}()
	if err := giveAway(dir); err != nil {
		return nil, err
	}
	initdb := s.command("initdb", "--pgdata="+s.data(), "--username="+owner, "--encoding=UTF8", "--locale=C", "--no-sync",
		"--auth-local=trust", "--auth-host=scram-sha-256")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	for range tries {
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
		if err = s.launch(); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return s, s.exec(context.Background(), "ALTER ROLE "+owner+" PASSWORD '"+s.password+"'")
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// freePort returns a port that nobody listens on at the moment.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// command returns a program of PostgreSQL that knows nothing of this process's surroundings.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir, cmd.Env = s.dir, []string{"PATH=" + s.bin + ":/usr/bin:/bin", "HOME=" + s.dir, "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = unprivileged()
	return cmd
}

// launch starts the server and waits until it answers.
func (s *Server) launch() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := s.command("postgres", "-D", s.data(), "-k", s.dir, "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "fsync=on", "-c", "max_connections=200")
	cmd.Stdout, cmd.Stderr = log, log
	ended := make(chan struct{})
	if err := startTied(cmd, ended); err != nil {
		return err
	}
	s.mu.Lock()
	s.cmd, s.ended = cmd, ended
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 6*term.Patience())
	defer cancel()
	for {
		err := s.exec(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("PostgreSQL has ended:\n%s", s.Log())
		case <-ctx.Done():
			s.signal(syscall.SIGKILL)
			return fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, s.Log())
		case <-time.After(look):
		}
	}
}

// Log returns what the server has said so far.
func (s *Server) Log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// exec runs one statement in the database of the server itself.
func (s *Server) exec(ctx context.Context, statement string, args ...any) error {
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement, args...)
	return err
}

// URL returns the address of the server's own database, over the socket, for which no password is needed.
func (s *Server) URL() string {
	values := url.Values{"host": {s.dir}, "port": {strconv.Itoa(s.port)}, "user": {owner}, "sslmode": {"disable"}}
	return "postgres:///postgres?" + values.Encode()
}

// NewDatabase returns the address, over the socket, of what is as good as an empty database: a schema of the server's own
// database, which is made in a hundredth of the time. Only notifications are heard in all of them.
func (s *Server) NewDatabase(tb testing.TB) string {
	tb.Helper()
	s.mu.Lock()
	s.made++
	name := "test" + strconv.Itoa(s.made)
	s.mu.Unlock()
	if err := s.exec(context.Background(), "CREATE SCHEMA "+name); err != nil {
		tb.Fatal(err)
	}
	return s.URL() + "&search_path=" + name
}

// OverPort returns the same address over the port of the loopback address, with the password that is needed
// there.
func (s *Server) OverPort(tb testing.TB, address string) string {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	values := u.Query()
	for _, name := range []string{"host", "port", "user"} {
		values.Del(name)
	}
	u.Host, u.User, u.RawQuery = s.Addr(), url.UserPassword(owner, s.password), values.Encode()
	return u.String()
}

// Addr returns where the server listens on the loopback address: HOST:PORT.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Password returns the password that is needed over the port.
func (s *Server) Password() string { return s.password }

// CutConnections ends the connections whose application_name is this, and returns how many there were.
func (s *Server) CutConnections(tb testing.TB, application string) int {
	tb.Helper()
	return s.number(tb, "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1) AS cut",
		application)
}

// Connections returns how many connections have this application_name.
func (s *Server) Connections(tb testing.TB, application string) int {
	tb.Helper()
	return s.number(tb, "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", application)
}

func (s *Server) number(tb testing.TB, query string, args ...any) (n int) {
	tb.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := conn.QueryRow(ctx, query, args...).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// Stop stops the server as an administrator does: it rolls back what is under way and ends all connections.
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	if err := s.end(syscall.SIGINT); err != nil {
		tb.Fatal(err)
	}
}

// Kill stops the server as a crash does: on its next start it must recover from its log.
func (s *Server) Kill(tb testing.TB) {
	tb.Helper()
	if err := s.end(syscall.SIGQUIT); err != nil {
		tb.Fatal(err)
	}
}

// Again starts a server that was stopped or killed, where it was.
func (s *Server) Again(tb testing.TB) {
	tb.Helper()
	if err := s.launch(); err != nil {
		tb.Fatal(err)
	}
}

// Restart stops the server and starts it again.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.Stop(tb)
	s.Again(tb)
}

// end ends the server and waits until it is gone.
func (s *Server) end(how syscall.Signal) error {
	ended := s.signal(how)
	if ended == nil {
		return errors.New("PostgreSQL is not running")
	}
	select {
	case <-ended:
		return nil
	case <-time.After(6 * term.Patience()):
		s.signal(syscall.SIGKILL)
		return errors.New("PostgreSQL does not stop:\n" + s.Log())
	}
}

// signal returns what is closed when the server has ended; nil if it was not started.
func (s *Server) signal(how syscall.Signal) (ended chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil || s.cmd.Process == nil {
		return nil
	}
	_ = s.cmd.Process.Signal(how) // it may have ended by itself
	return s.ended
}

// remove ends the server at once and removes its files.
func (s *Server) remove() {
	if err := s.end(syscall.SIGQUIT); err != nil && !strings.Contains(err.Error(), "not running") {
		fmt.Fprintln(os.Stderr, err)
	}
	_ = os.RemoveAll(s.dir)
}
