//go:build linux || darwin

package e2e

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"clavier/e2e/program"
	"clavier/e2e/term"
)

// gate is a FIFO at which a program waits.
type gate struct {
	path string
	p    *place
	file *os.File
}

// gate makes a gate in the home, closed.
func (p *place) gate(name string) *gate {
	p.tb.Helper()
	g := &gate{path: filepath.Join(p.Dir, name), p: p}
	p.must(unix.Mkfifo(g.path, 0o600))
	var err error
	g.file, err = os.OpenFile(g.path, os.O_RDWR|unix.O_NONBLOCK, 0)
	p.must(err)
	p.tb.Cleanup(func() { _ = g.file.Close() })
	return g
}

// pass lets so many through, those that come later too.
func (g *gate) pass(n int) {
	g.p.tb.Helper()
	_, err := g.file.WriteString(strings.Repeat(".", n))
	g.p.must(err)
}

// shut takes back what has not passed.
func (g *gate) shut() {
	g.p.tb.Helper()
	conn, err := g.file.SyscallConn()
	g.p.must(err)
	g.p.must(conn.Read(func(fd uintptr) bool {
		for {
			if n, err := unix.Read(int(fd), make([]byte, 256)); n <= 0 || err != nil {
				return true
			}
		}
	}))
}

// stage opens clavier's screen over the store of the home, as a test program does that fails and waits as it is told.
func (p *place) stage(args ...string) term.Terminal {
	p.tb.Helper()
	h := *p.Home
	h.Bin = program.Build(p.tb, "./e2e/stage")
	args = append(append([]string{"screen", "-identity", p.Identity()}, args...), p.Database())
	if p.tmux {
		return h.StartTmux(p.tb, p.opts, args...)
	}
	return h.Start(p.tb, p.opts, args...)
}

// told are the lines that the test program has added to its log, of those that begin with a word.
func (p *place) told(log, word string) (lines []string) {
	p.tb.Helper()
	content, err := os.ReadFile(log)
	if os.IsNotExist(err) {
		return nil
	}
	p.must(err)
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, word+" ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}
