//go:build linux

package clip

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

type process struct {
	pid                    int
	name, cmdline, environ string
	session, terminal      string
	files                  []string
}

// processes reads what any program of this user could: names, arguments, environments, open files.
func processes(t *testing.T) []process {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var all []process
	for _, dir := range dirs {
		stat, err := os.ReadFile(dir + "/stat")
		if err != nil {
			continue
		}
		var p process
		p.pid, _ = strconv.Atoi(filepath.Base(dir))
		p.name, _, _ = parseStat(string(stat))
		if fields := statFields(string(stat)); len(fields) > 4 {
			p.session, p.terminal = fields[3], fields[4]
		}
		cmdline, _ := os.ReadFile(dir + "/cmdline")
		environ, _ := os.ReadFile(dir + "/environ")
		p.cmdline, p.environ = string(cmdline), string(environ)
		links, _ := filepath.Glob(dir + "/fd/*")
		for _, link := range links {
			file, _ := os.Readlink(link)
			p.files = append(p.files, file)
		}
		all = append(all, p)
	}
	return all
}

// sessionOf is the session of a process, "" if it has ended.
func sessionOf(t *testing.T, pid string) string {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return ""
	}
	fields := statFields(string(stat))
	if fields[0] == "Z" {
		return ""
	}
	return fields[3]
}

func TestParseStat(t *testing.T) {
	for stat, want := range map[string]string{
		"7 (sshd) S 3 7 7 0":        "sshd",
		"7 (a) b) (c) S 3 7 7 0":    "a) b) (c",
		"7 (tmux: server) S 3 7 7 ": "tmux: server",
	} {
		if name, parent, ok := parseStat(stat); !ok || name != want || parent != 3 {
			t.Errorf("%q: %q, %d, %v", stat, name, parent, ok)
		}
	}
	for _, bad := range []string{"", "7", "7 (x", "7 )x( S 3", "7 (x) S", "7 (x) S y"} {
		if _, _, ok := parseStat(bad); ok {
			t.Errorf("%q was read", bad)
		}
	}
	if len(ancestors()) == 0 {
		t.Error("this test has no ancestors")
	}
}

// TestNoSecretInArgumentsOrEnvironments looks at every process at the moment when the secret is on its way: the tool
// has been started and waits until we have looked.
func TestNoSecretInArgumentsOrEnvironments(t *testing.T) {
	startX(t)
	xclip := need(t, "xclip")
	tmp := t.TempDir()
	started, goOn := filepath.Join(tmp, "started"), filepath.Join(tmp, "goOn")
	for _, fifo := range []string{started, goOn} {
		if err := syscall.Mkfifo(fifo, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Opened for both directions, a named pipe blocks nobody and has deadlines.
	open := func(fifo string) *os.File {
		f, err := os.OpenFile(fifo, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	wait, release := open(started), open(goOn)
	onlyOnPath(t, map[string]string{"xclip": "echo here >" + started + "\nread x <" + goOn + "\nexec " + xclip + " \"$@\"\n"})
	c := here(t, "native")
	secret := newSecret()

	look := func(stage string, wanted ...string) {
		_ = wait.SetReadDeadline(time.Now().Add(patience))
		if _, err := wait.Read(make([]byte, 16)); err != nil {
			t.Fatalf("%s: the tool did not run: %v", stage, err)
		}
		seen := map[string]bool{}
		for _, p := range processes(t) {
			if strings.Contains(p.cmdline, secret) {
				t.Errorf("%s: the secret is in the arguments of %s", stage, p.name)
			}
			if strings.Contains(p.environ, secret) {
				t.Errorf("%s: the secret is in the environment of %s", stage, p.name)
			}
			for _, w := range wanted {
				seen[w] = seen[w] || strings.Contains(p.cmdline, w)
			}
		}
		for _, w := range wanted {
			if !seen[w] {
				t.Errorf("%s: no process with %q was seen, so nothing was proven", stage, w)
			}
		}
		if _, err := release.WriteString("\n"); err != nil {
			t.Error(err)
		}
	}
	done := make(chan error, 1)
	go func() { _, err := c.Copy(context.Background(), secret); done <- err }()
	look("writing", HelperCommand+"\x00"+opWrite, "xclip\x00-in")
	look("reading back", HelperCommand+"\x00"+opHolds, "xclip\x00-out")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	go func() { _, err := c.Clear(context.Background()); done <- err }()
	look("reading", HelperCommand+"\x00"+opClear, "xclip\x00-out")
	look("emptying", "xclip\x00-in")
	look("reading again", "xclip\x00-out")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestVersionOf(t *testing.T) {
	for _, name := range []string{"tmux", "xclip", "xsel", "screen"} {
		if got := VersionOf(need(t, name)); !strings.Contains(strings.ToLower(got), name) || !strings.ContainsAny(got, "0123456789") {
			t.Errorf("%s says %q", name, got)
		}
	}
	if got := VersionOf("/bin/sh"); got != "" {
		t.Errorf("sh says %q", got)
	}
}

// statFields are the fields of /proc/PID/stat after the name: state, parent, group, session, terminal.
func statFields(stat string) []string {
	return strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
}
