package pgtest

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) {
	code := m.Run()
	Clean()
	os.Exit(code)
}

// ask returns the answer of a query for one text.
func ask(t *testing.T, address, query string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	var answer string
	err = conn.QueryRow(ctx, query).Scan(&answer)
	return answer, err
}

func TestDatabases(t *testing.T) {
	s := Shared(t)
	one, other := s.NewDatabase(t), s.NewDatabase(t)
	for _, address := range []string{one, s.OverPort(t, one), other} {
		if fsync, err := ask(t, address, "SHOW fsync"); err != nil || fsync != "on" {
			t.Errorf("fsync is %s (%v)", fsync, err)
		}
	}
	wrong := strings.Replace(s.OverPort(t, one), s.Password(), "wrong", 1)
	if _, err := ask(t, wrong, "SHOW fsync"); err == nil {
		t.Error("the port takes any password")
	}
	if _, err := ask(t, one, "CREATE TABLE only_here (a text)"); err == nil || !strings.Contains(err.Error(), "no rows") {
		t.Fatal(err)
	}
	if there, err := ask(t, other, "SELECT coalesce(to_regclass('only_here')::text, 'not here')"); err != nil || there != "not here" {
		t.Errorf("a table of one database is in the other: %s (%v)", there, err)
	}
}

func TestStopKillCut(t *testing.T) {
	s := Start(t)
	address := s.NewDatabase(t)
	conn, err := pgx.Connect(t.Context(), address+"&application_name=to%20be%20cut")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 'kept' AS it"); err != nil {
		t.Fatal(err)
	}
	if n := s.Connections(t, "to be cut"); n != 1 {
		t.Errorf("there are %d connections", n)
	}
	if n := s.CutConnections(t, "to be cut"); n != 1 {
		t.Errorf("%d connections were cut", n)
	}
	if _, err := conn.Exec(t.Context(), "SELECT 1"); err == nil {
		t.Error("a cut connection answers")
	}
	for name, end := range map[string]func(testing.TB){"stop": s.Stop, "kill": s.Kill} {
		end(t)
		if _, err := ask(t, address, "SELECT it FROM kept"); err == nil {
			t.Errorf("after %s it answers", name)
		}
		s.Again(t)
		if it, err := ask(t, address, "SELECT it FROM kept"); err != nil || it != "kept" {
			t.Errorf("after %s: %q, %v", name, it, err)
		}
	}
	s.Restart(t)
	if it, err := ask(t, s.OverPort(t, address), "SELECT it FROM kept"); err != nil || it != "kept" {
		t.Errorf("after a restart: %q, %v", it, err)
	}
}
