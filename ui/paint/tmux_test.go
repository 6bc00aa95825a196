//go:build unix

package paint

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// missing skips a test that needs a tool, or fails it where all are required.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CLAVIER_REQUIRE_ALL") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// tmux is a server of its own on a socket in a temporary directory.
type tmux struct {
	t      *testing.T
	socket string
}

func newTmux(t *testing.T) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		missing(t, "tmux is missing")
	}
	dir, err := os.MkdirTemp("", "paint") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	m := &tmux{t: t, socket: filepath.Join(dir, "s")}
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", m.socket, "kill-server").Run()
		_ = os.RemoveAll(dir)
	})
	return m
}

func (m *tmux) run(args ...string) string {
	m.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-u", "-f", os.DevNull, "-S", m.socket}, args...)...)
	cmd.Env = append(os.Environ(), "TMUX=", "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// pane is a pane that shows what is written to it.
type pane struct {
	*os.File
	m             *tmux
	name          string
	width, height int
}

func (m *tmux) pane(name string, width, height int) *pane {
	m.t.Helper()
	fifo := filepath.Join(filepath.Dir(m.socket), name)
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		m.t.Fatal(err)
	}
	m.run("new-session", "-d", "-s", name, "-x", fmt.Sprint(width), "-y", fmt.Sprint(height),
		"stty raw -echo; exec cat "+fifo)
	f, err := os.OpenFile(fifo, os.O_RDWR, 0)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = f.Close() })
	return &pane{f, m, name, width, height}
}

// text is what the pane shows; more are further arguments to capture-pane.
func (p *pane) text(more ...string) string {
	p.m.t.Helper()
	return p.m.run(append([]string{"capture-pane", "-p", "-t", p.name}, more...)...)
}

// picture is what can be seen in the pane, styles included.
func (p *pane) picture() []string {
	p.m.t.Helper()
	e := newEmulator(2*p.width, p.height) // wide enough for any idea of width
	e.feed(p.m.t, strings.ReplaceAll(strings.TrimSuffix(p.text("-e"), "\n"), "\n", "\r\n"))
	return e.picture()
}

func TestSameScreenInTmux(t *testing.T) {
	const width, height = 80, 24
	m := newTmux(t)
	mine, stock := m.pane("mine", width, height), m.pane("stock", width, height)
	o := NewOutput(mine, true)
	models := [2]*list{newList(), newList()}
	for _, l := range models {
		names := []string{"production", "世界 key", "ключ", "caf\u0065\u0301", "日本語の鍵", "👍 thumbs", "n\u0303ame", "한국어", "… ─── ·"}
		l.names = func(i int) string {
			n := names[i%len(names)]
			return n + strings.Repeat(" ", 38-ansi.StringWidth(n))
		}
	}
	a, b := start(t, Wrap(models[0], o), o, 1), start(t, models[1], stock, 120)
	size := tea.WindowSizeMsg{Width: width, Height: height}
	a.send(size)
	b.send(size)
	for i, k := range []string{"j", "j", "k", "d", "j", "d", "G", "k", "k", "g", "pgdown", "j", "j", "j", "pgdown", "k", "ctrl+l", "d", "g", "d"} {
		a.send(key(k))
		b.send(key(k))
		step := fmt.Sprintf("step %d ", i+1)
		await(t, step, func() bool { return strings.Contains(mine.text(), step) && strings.Contains(stock.text(), step) })
		await(t, fmt.Sprintf("the same screen after key %d, %s", i, k), func() bool {
			return slices.Equal(mine.picture(), stock.picture())
		})
	}
}

// TestScrollbackHoldsNoFrame runs where it is hardest: without an alternate
// screen, what scrolls out or is erased may be saved.
func TestScrollbackHoldsNoFrame(t *testing.T) {
	const width, height = 60, 8
	m := newTmux(t)
	for _, alternate := range []string{"on", "off"} {
		t.Run("alternate-screen "+alternate, func(t *testing.T) {
			secret := rand.Text()
			p := m.pane("p"+alternate, width, height)
			m.run("set-option", "-t", p.name, "-w", "alternate-screen", alternate)
			o := NewOutput(p, true)
			say := func(s string) {
				t.Helper()
				if _, err := o.WriteString(s); err != nil {
					t.Fatal(err)
				}
			}
			show := func(lines ...string) {
				t.Helper()
				if err := o.Paint(Frame{Content: strings.Join(lines, "\n")}, width, height); err != nil {
					t.Fatal(err)
				}
			}
			say(enterAlt)
			say(eraseAll)
			lines := make([]string, 3*height)
			for i := range lines {
				lines[i] = fmt.Sprintf("%s line %d", secret, i)
			}
			for i := range 2 * height { // out at the top, line by line
				show(lines[i : i+height]...)
			}
			for i := range height {
				show(lines[2*height-i : 3*height-i]...)
			}
			say(eraseAll) // as ctrl+l does
			show(lines[:height]...)
			o.Invalidate()
			show(lines[1 : height+1]...)
			await(t, "the secret on the screen", func() bool { return strings.Contains(p.text(), secret) })
			say(leaveAlt)
			fmt.Fprint(p, "\r\nafter\r\n")
			await(t, "the end", func() bool { return strings.Contains(p.text(), "after") })
			if all := p.text("-S", "-"); strings.Contains(all, secret) {
				t.Errorf("the secret is in the scrollback:\n%s", all)
			}
			if alternate == "off" {
				// The same screen erased with "erase all" is saved: this is why
				// the painter does not use it.
				fmt.Fprint(p, "\x1b[H"+secret+eraseAll+"done")
				await(t, "the end", func() bool { return strings.Contains(p.text(), "done") })
				if !strings.Contains(p.text("-S", "-"), secret) {
					t.Log("this tmux does not save what is erased")
				}
			}
		})
	}
}
