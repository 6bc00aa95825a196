package pgtest

import (
	"os"
	"strconv"
	"testing"

	"clavier/e2e/term"
)

// Standby starts a copy of the server that follows it and only reads. It is stopped when the test ends.
func (s *Server) Standby(tb testing.TB) *Server {
	tb.Helper()
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		tb.Fatal(err)
	}
	other := &Server{dir: dir, bin: s.bin, password: s.password}
	tb.Cleanup(other.remove)
	if err := giveAway(dir); err != nil {
		tb.Fatal(err)
	}
	take := other.command("pg_basebackup", "--pgdata="+other.data(), "--host="+s.dir, "--port="+strconv.Itoa(s.port), "--username="+owner,
		"--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync")
	if out, err := take.CombinedOutput(); err != nil {
		tb.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	if other.port, err = freePort(); err != nil {
		tb.Fatal(err)
	}
	if err := other.launch(); err != nil {
		tb.Fatal(err)
	}
	return other
}

// Promote makes a standby a server of its own, whatever has become of the one that it followed.
func (s *Server) Promote(tb testing.TB) {
	tb.Helper()
	s.number(tb, "SELECT pg_promote(true, $1)::int", int(6*term.Patience().Seconds()))
}
