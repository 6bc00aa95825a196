//go:build linux || darwin

package e2e

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"clavier/e2e/program"
	"clavier/e2e/term"
)

// TestFaultsAtStart: a store that cannot be read at the start is a screen with a sentence, and ctrl+r works once the
// fault is mended.
func TestFaultsAtStart(t *testing.T) {
	t.Parallel()
	faults := []struct {
		name  string
		says  string
		cause func(p *place) (mend func())
	}{
		{"damaged", "is no store of clavier", overwriteStore},
		{"cut off", "is damaged", cutStore},
		{"open to others", "is open to others (mode 0644); run: chmod 600", openStore},
		{"busy", "is busy: another program held it for 5 s", holdStore},
		{"replaced by a directory", "is no store of clavier", replaceStore},
	}
	for _, tt := range faults {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			everywhere(t, term.Options{Cols: 120}, func(p *place) {
				p.create("one", "two")
				mend := tt.cause(p)
				x := p.open()
				s := x.WaitFor("The keys could not be read.")
				text := strings.Join(strings.Fields(s.String()), " ")
				if !strings.Contains(text, tt.says) || !s.Contains("ctrl+r tries again.") {
					p.tb.Errorf("it does not say %q\n%s", tt.says, s.Frame())
				}
				if tt.name != "busy" { // which takes 5 s each time
					x.Key(term.CtrlR)
					x.WaitFor("ctrl+r tries again.")
				}
				x.Type("?")
				x.WaitFor("┌ Keys")
				leave(p.tb, x, "┌ Keys")
				mend()
				x.Key(term.CtrlR)
				if s := waitList(x, 2); selected(s) != "two" {
					p.tb.Errorf("after ctrl+r\n%s", s.Frame())
				}
				x.Type("q")
				if code := x.WaitExit(); code != 0 {
					p.tb.Errorf("code %d", code)
				}
			})
		})
	}
}

func overwriteStore(p *place) func() {
	good, err := os.ReadFile(p.Database())
	p.must(err)
	p.must(os.WriteFile(p.Database(), []byte(strings.Repeat("no store\n", 1000)), 0o600))
	return func() { p.must(os.WriteFile(p.Database(), good, 0o600)) }
}

func cutStore(p *place) func() {
	good, err := os.ReadFile(p.Database())
	p.must(err)
	p.must(os.WriteFile(p.Database(), good[:len(good)/2], 0o600))
	return func() { p.must(os.WriteFile(p.Database(), good, 0o600)) }
}

func openStore(p *place) func() {
	p.must(os.Chmod(p.Database(), 0o644))
	return func() { p.must(os.Chmod(p.Database(), 0o600)) }
}

func replaceStore(p *place) func() {
	aside := filepath.Join(p.Dir, "aside.db")
	p.must(os.Rename(p.Database(), aside))
	p.must(os.Mkdir(p.Database(), 0o700))
	return func() {
		p.must(os.Remove(p.Database()))
		p.must(os.Rename(aside, p.Database()))
	}
}

// holdStore keeps the store for itself, as a program that repairs it does.
func holdStore(p *place) func() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:"+p.Database())
	p.must(err)
	conn, err := db.Conn(ctx)
	p.must(err)
	for _, statement := range []string{"PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE"} {
		_, err = conn.ExecContext(ctx, statement)
		p.must(err)
	}
	return func() {
		_, err := conn.ExecContext(ctx, "ROLLBACK")
		p.must(err)
		p.must(conn.Close())
		p.must(db.Close())
	}
}

// TestReadOnlyDirectory: a directory that cannot be written is a screen with a sentence, and ctrl+r works once it can.
// For root no directory is read-only, so root runs the program as somebody else.
func TestReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{Cols: 120})
	argv := p.asSomebody()
	data := filepath.Join(p.Dir, "data")
	p.must(os.Chmod(data, 0o500))
	opts := p.opts
	opts.Env, opts.Dir = p.Env(opts.Env...), p.Dir
	x := term.Start(p.tb, opts, argv...)
	s := x.WaitFor("The keys could not be read.")
	if text := strings.Join(strings.Fields(s.String()), " "); !strings.Contains(text, "permission denied") || !strings.Contains(text, "nothing was changed") {
		p.tb.Errorf("it does not say why\n%s", s.Frame())
	}
	p.must(os.Chmod(data, 0o700))
	x.Key(term.CtrlR)
	x.WaitFor("No API keys yet.")
	mustBePrivate(p.tb, p.Data())

	// The directory of the settings is read-only: the identity cannot be made, and no key is half made.
	config := filepath.Join(p.Dir, "config")
	p.must(os.Chmod(config, 0o500))
	x.Type("nproduction")
	x.WaitFor("enter creates it")
	x.Key(term.Enter)
	s = x.WaitFor("permission denied")
	if !s.Contains("┌ New API key") || !s.Contains("Name: production") {
		p.tb.Errorf("the dialog does not stay with what was typed\n%s", s.Frame())
	}
	p.must(os.Chmod(config, 0o700))
	x.Key(term.Enter)
	x.WaitFor("production was created")
	leave(p.tb, x, "was created")
	waitList(x, 1)
}

// asSomebody makes the home that of a user without rights and returns the command that runs clavier as that user; as
// this one if it has no rights itself. The home has empty directories for data and settings.
func (p *place) asSomebody() []string {
	p.tb.Helper()
	bin := program.Path(p.tb)
	for _, name := range []string{"data", "config"} {
		p.must(os.MkdirAll(filepath.Join(p.Dir, name), 0o700))
	}
	if os.Geteuid() != 0 {
		return []string{bin}
	}
	const nobody = 65534
	setpriv := term.NeedTool(p.tb, "setpriv")
	// The directories of a test are closed to others, so this home and its program stand elsewhere.
	dir, err := os.MkdirTemp("", "clavier-somebody")
	p.must(err)
	p.tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	content, err := os.ReadFile(bin)
	p.must(err)
	p.Dir = dir
	p.Bin = filepath.Join(dir, "clavier")
	p.must(os.WriteFile(p.Bin, content, 0o700))
	for _, name := range []string{"data", "config", "run"} {
		p.must(os.Mkdir(filepath.Join(dir, name), 0o700))
		p.must(os.Chown(filepath.Join(dir, name), nobody, nobody))
	}
	for _, path := range []string{dir, p.Bin} {
		p.must(os.Chown(path, nobody, nobody))
	}
	id := strconv.Itoa(nobody)
	return []string{setpriv, "--reuid=" + id, "--regid=" + id, "--clear-groups", p.Bin}
}
