//go:build linux

package clip

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// remote is an SSH server of this test's own on loopback, with its own keys.
type remote struct {
	dir, user string
	port      int
}

func startSSHD(t *testing.T) *remote {
	t.Helper()
	sshd, keygen := need(t, "sshd"), need(t, "ssh-keygen")
	need(t, "ssh")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	r := &remote{dir: t.TempDir(), user: me.Username}
	for _, name := range []string{"host", "me"} {
		if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(r.dir, name)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
	}
	public, err := os.ReadFile(filepath.Join(r.dir, "me.pub"))
	if err != nil {
		t.Fatal(err)
	}
	r.write(t, "authorized", string(public))
	r.write(t, "conf", strings.Join([]string{
		"HostKey " + filepath.Join(r.dir, "host"), "AuthorizedKeysFile " + filepath.Join(r.dir, "authorized"),
		"StrictModes no", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin yes", "PidFile none", "PrintMotd no", "",
	}, "\n"))
	if me.Uid == "0" {
		// sshd run by root insists on this directory, which its service makes.
		if err := os.Mkdir("/run/sshd", 0o755); err == nil {
			t.Cleanup(func() { _ = os.Remove("/run/sshd") })
		} else if !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
	}

	// One sshd a connection (-i), so that the port is the kernel's choice and held from the start.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.port = l.Addr().(*net.TCPAddr).Port
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(func() { _ = l.Close() })
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f, err := conn.(*net.TCPConn).File()
			_ = conn.Close()
			if err != nil {
				return
			}
			cmd := exec.Command(sshd, "-i", "-e", "-f", filepath.Join(r.dir, "conf"))
			cmd.Stdin, cmd.Stdout, cmd.Stderr = f, f, nil
			err = cmd.Start()
			_ = f.Close()
			if err == nil {
				running.Go(func() { _ = cmd.Wait() })
			}
		}
	})
	return r
}

func (r *remote) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// login runs the program at the other end of an SSH connection from a terminal here.
func (r *remote) login(t *testing.T, command string) (*program, *terminal) {
	t.Helper()
	sock, accept := socket(t)
	outer := openTerminal(t, []string{"TERM=xterm-256color"}, "ssh", "-F", "/dev/null", "-tt", "-q",
		"-i", filepath.Join(r.dir, "me"), "-o", "IdentityAgent=none", "-o", "UserKnownHostsFile="+filepath.Join(r.dir, "known"),
		"-o", "StrictHostKeyChecking=accept-new", "-p", strconv.Itoa(r.port), r.user+"@127.0.0.1",
		command+" env GORACE=atexit_sleep_ms=0 DISPLAY="+os.Getenv("DISPLAY")+" "+socketVar+"="+sock+" "+os.Args[0])
	return accept(), outer
}

// Over SSH a native tool would reach the clipboard of the wrong machine: one is here, with a display, and works.
func TestOverSSHTheNativeToolIsNotUsed(t *testing.T) {
	need(t, "xclip")
	startX(t)
	userCopies(t, "xclip", "of the remote machine")
	r := startSSHD(t)
	tests := []struct{ name, command, reason string }{
		{"SSH", "", "SSH_CONNECTION is set"},
		{"sudo drops the variables", "env -u SSH_CONNECTION -u SSH_CLIENT -u SSH_TTY", "started under sshd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, outer := r.login(t, tt.command)
			c := p.choose("auto")
			if c.Way != OSC52 || !strings.Contains(c.Reason, tt.reason) {
				t.Fatalf("chose %+v", c)
			}
			secret := newSecret()
			p.copy(secret, OSC52, "terminal (OSC 52), unconfirmed")
			outer.holds("the secret reaches the terminal at the near end", secret)
			if got := pasted(t, "xclip"); got != "of the remote machine" {
				t.Errorf("the clipboard of the remote machine holds %q", got)
			}
			p.clear(Asked)
			outer.holds("the terminal is asked to overwrite it", blank)
			outer.hides(secret)

			// A native tool would have worked: the setting can ask for it.
			if c := p.choose("native"); c.Way != Native || !strings.Contains(c.Reason, "not the one of your terminal") {
				t.Errorf("chose %+v", c)
			}
		})
	}
}

func TestOverSSHTheClipboardIsClearedAfterTheProgramEnded(t *testing.T) {
	t.Parallel()
	r := startSSHD(t)
	sock, accept := socket(t)
	// The shell goes on after the program, as a person's does.
	p, outer := r.login(t, "sh -c '\"$@\"; "+socketVar+"="+sock+" exec "+os.Args[0]+"' sh")
	p.choose("auto")
	secret := newSecret()
	p.copy(secret, OSC52, "terminal (OSC 52), unconfirmed")
	outer.holds("the secret reaches the terminal", secret)
	a := p.call(request{Op: "later", After: 200 * time.Millisecond})
	if a.Err != "" || a.Pending.Text != "clears in 0.2 s if this terminal stays open, unconfirmed" {
		t.Fatalf("later = %+v, %q", a.Pending, a.Err)
	}
	p.quit()
	shell := accept()
	outer.holds("the terminal is asked to overwrite it", blank)
	shell.quit()
}
