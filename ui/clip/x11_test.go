//go:build linux

package clip

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// startX starts an X server on a display that it picks itself and makes it the display of this test.
func startX(t *testing.T) {
	t.Helper()
	xvfb := need(t, "Xvfb")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	cmd := exec.Command(xvfb, "-displayfd", "3", "-screen", "0", "64x64x8", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	_ = r.SetReadDeadline(time.Now().Add(patience))
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	for _, name := range []string{"WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY", "TMUX", "STY"} {
		t.Setenv(name, "")
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(number))
	t.Setenv("TERM", "xterm-256color")
}

// onlyOnPath makes a PATH with nothing but the named programs. A name with a script is made of that script.
func onlyOnPath(t *testing.T, scripts map[string]string, programs ...string) {
	t.Helper()
	var found []string
	for _, name := range programs {
		found = append(found, need(t, name))
	}
	dir := t.TempDir()
	for i, name := range programs {
		if err := os.Symlink(found[i], filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

// pasted is what another program gets from the clipboard, "" if nothing.
func pasted(t *testing.T, tool string) string {
	t.Helper()
	args := []string{"-out", "-selection", "clipboard"}
	if tool == "xsel" {
		args = []string{"--output", "--clipboard"}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, _ := exec.CommandContext(ctx, tool, args...).Output()
	if ctx.Err() != nil {
		t.Fatalf("%s did not answer", tool)
	}
	return string(out)
}

// userCopies is the user copying something in another program.
func userCopies(t *testing.T, tool, text string) {
	t.Helper()
	args := []string{"-in", "-selection", "clipboard"}
	if tool == "xsel" {
		args = []string{"--input", "--clipboard"}
	}
	cmd := exec.Command(tool, args...)
	cmd.Stdin = strings.NewReader(text)
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the X server knows of the user's copy", func() bool { return pasted(t, tool) == text })
}

func here(t *testing.T, setting string) *Clipboard {
	t.Helper()
	env := Here()
	env.Ancestors = nil // the tests themselves may run over SSH
	c := New(Choose(setting, env), nil)
	c.Timeout = patience
	return c
}

func TestNativeCopyUnderX11(t *testing.T) {
	for _, tool := range []string{"xclip", "xsel"} {
		t.Run(tool, func(t *testing.T) {
			startX(t)
			onlyOnPath(t, nil, tool)
			ctx := context.Background()
			c := here(t, "auto")
			userCopies(t, tool, "before")

			first := newSecret()
			r, err := c.Copy(ctx, first)
			if err != nil || r.Way != Native || !r.Confirmed || r.Text != "native ("+tool+")" || r.Note != "" {
				t.Fatalf("copy = %+v, %v", r, err)
			}
			if pasted(t, tool) != first {
				t.Fatal("the clipboard does not hold the secret")
			}
			cleared, err := c.Clear(ctx)
			if err != nil || cleared.Outcome != Gone || cleared.Text != "clipboard cleared" {
				t.Fatalf("clear = %+v, %v", cleared, err)
			}
			if got := pasted(t, tool); got != "" {
				t.Fatalf("the clipboard holds %d bytes after it was cleared", len(got))
			}

			if _, err := c.Copy(ctx, newSecret()); err != nil {
				t.Fatal(err)
			}
			userCopies(t, tool, "the user's later copy")
			if cleared, err = c.Clear(ctx); err != nil || cleared.Outcome != Changed {
				t.Errorf("clear after the user's copy = %+v, %v", cleared, err)
			}
			if got := pasted(t, tool); got != "the user's later copy" {
				t.Errorf("the user's copy became %q", got)
			}
		})
	}
}

// A tool that exits 0 without doing anything must not be believed.
func TestNativeIsReadBack(t *testing.T) {
	startX(t)
	onlyOnPath(t, map[string]string{"xclip": "read x\nexit 0\n"})
	c := here(t, "native")
	if _, err := c.Copy(context.Background(), newSecret()); err == nil || !strings.Contains(err.Error(), "xclip took the secret, but the clipboard does not hold it") {
		t.Errorf("error %v", err)
	}
}

// The owner of the selection has to outlive us, ctrl+c and our hangup, and must hold nothing of ours open.
func TestSelectionOwnerIsDetached(t *testing.T) {
	startX(t)
	need(t, "xclip")
	onlyOnPath(t, nil, "xclip")
	c := here(t, "native")
	if _, err := c.Copy(context.Background(), newSecret()); err != nil {
		t.Fatal(err)
	}
	owners := 0
	ourFiles := map[string]bool{}
	links, _ := filepath.Glob("/proc/self/fd/*")
	for _, link := range links {
		file, _ := os.Readlink(link)
		ourFiles[file] = true
	}
	for _, p := range processes(t) {
		if p.name != "xclip" || !strings.Contains(p.environ, "DISPLAY="+os.Getenv("DISPLAY")+"\x00") {
			continue
		}
		owners++
		if p.session == "" || p.session == sessionOf(t, "self") {
			t.Errorf("the owner is in session %s, ours", p.session)
		}
		if p.terminal != "0" {
			t.Errorf("the owner has the controlling terminal %s", p.terminal)
		}
		for _, file := range p.files {
			if strings.HasPrefix(file, "/dev/pts/") || strings.HasPrefix(file, "pipe:") && ourFiles[file] {
				t.Errorf("the owner holds %s", file)
			}
		}
	}
	if owners != 1 {
		t.Errorf("%d owners of the selection found, want 1", owners)
	}
	if _, err := c.Clear(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestHangingToolIsBounded(t *testing.T) {
	startX(t)
	pidFile := filepath.Join(t.TempDir(), "pid")
	sleep := need(t, "sleep")
	onlyOnPath(t, map[string]string{"xclip": "echo $$ >" + pidFile + "\nexec " + sleep + " 1000\n"})
	secret := newSecret()

	c := here(t, "native")
	c.Timeout = 2 * time.Second
	_, err := c.Copy(context.Background(), secret)
	if err == nil || err.Error() != "not copied: xclip did not answer within 2 s" {
		t.Errorf("error %q", err)
	}
	if c.Holding() {
		t.Error("something is held after a failed copy")
	}
	pid, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	gone := func() bool { return sessionOf(t, strings.TrimSpace(string(pid))) == "" }
	eventually(t, "the hanging tool is killed", gone)
}

func TestFailingToolIsNamed(t *testing.T) {
	startX(t)
	onlyOnPath(t, map[string]string{"xclip": "read x\nexit 3\n"})
	_, err := here(t, "native").Copy(context.Background(), newSecret())
	if err == nil || err.Error() != "not copied: xclip failed: exit status 3" {
		t.Errorf("error %q", err)
	}

	onlyOnPath(t, map[string]string{"xclip": "exec <&-\nexit 3\n"})
	_, err = here(t, "native").Copy(context.Background(), strings.Repeat("x", MaxSecret))
	if err == nil || !strings.HasPrefix(err.Error(), "not copied: xclip failed: ") || strings.Contains(err.Error(), "xx") {
		t.Errorf("error %q", err)
	}
}

func TestAutoFallsBackAndSaysSo(t *testing.T) {
	startX(t)
	onlyOnPath(t, map[string]string{"xclip": "read x\nexit 3\n"})
	var w oneWrite
	c := here(t, "auto")
	c.Terminal = &w
	secret := newSecret()
	r, err := c.Copy(context.Background(), secret)
	if err != nil || r.Way != OSC52 || r.Confirmed || r.Text != "terminal (OSC 52), unconfirmed" || r.Note != "xclip failed: exit status 3" {
		t.Errorf("copy = %+v, %v", r, err)
	}
	if len(w.writes) != 1 || clipsIn(t, w.writes[0])[0] != secret {
		t.Error("the terminal did not get it")
	}
}

func TestCancelledCopy(t *testing.T) {
	startX(t)
	onlyOnPath(t, nil, "xclip")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var w oneWrite
	c := here(t, "auto")
	c.Terminal = &w
	if _, err := c.Copy(ctx, newSecret()); err == nil || len(w.writes) != 0 {
		t.Errorf("error %v, %d writes", err, len(w.writes))
	}
}

// A copy that goes another way than the one before takes the old secret off its clipboard.
func TestCopyByAnotherWayClearsTheFirst(t *testing.T) {
	startX(t)
	onlyOnPath(t, nil, "xclip")
	ctx := context.Background()
	var w oneWrite
	c := here(t, "auto")
	c.Terminal = &w
	if r, err := c.Copy(ctx, newSecret()); err != nil || r.Way != Native {
		t.Fatalf("%+v, %v", r, err)
	}
	c.Choice = Choose("osc52", Here())
	c.Choice.tool = "xclip"
	if _, err := c.Copy(ctx, newSecret()); err != nil {
		t.Fatal(err)
	}
	if got := pasted(t, "xclip"); got != "" {
		t.Errorf("the native clipboard still holds %d bytes", len(got))
	}
}
