package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"clavier/cli"
	"clavier/model"
)

// processes returns the arguments and environments of all processes that can be looked at, by process id.
func processes(t *testing.T) map[int]string {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	all := map[int]string{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		var text []byte
		for _, file := range []string{"cmdline", "environ"} {
			content, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), file)) // it may have ended, or be another's
			text = append(text, content...)
		}
		all[pid] = string(text)
	}
	return all
}

// anyHas reports whether a process has the text among its arguments or in its environment.
func anyHas(all map[int]string, text string) bool {
	for _, process := range all {
		if strings.Contains(process, text) {
			return true
		}
	}
	return false
}

// cpuTime returns the processor time that a process has taken so far, as the kernel writes it.
func cpuTime(pid int) string {
	stat, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	_, fields, _ := bytes.Cut(stat, []byte(") "))
	if f := strings.Fields(string(fields)); len(f) > 12 {
		return f[11] + " " + f[12] // utime and stime, proc(5)
	}
	return ""
}

// fullPipe returns a pipe that takes no byte more until it is read.
func fullPipe(t *testing.T) (reader, writer *os.File) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close(); _ = writer.Close() })
	fd := int(writer.Fd())
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for size := 1 << 12; size > 0; {
		if _, err := syscall.Write(fd, bytes.Repeat([]byte("."), size)); errors.Is(err, syscall.EAGAIN) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
	return reader, writer
}

// TestProcessesHoldNoSecret is T20 for argv and environments: while a command has the secret in its hands and waits to
// write it, no process of the machine has it among its arguments or in its environment.
func TestProcessesHoldNoSecret(t *testing.T) {
	m := newMachine(t)
	for _, args := range [][]string{{"create", "production"}, {"create", "staging", "--json"}, {"show", "production"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			reader, writer := fullPipe(t)
			cmd := m.command(t, args...)
			cmd.Stdout = writer
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			// It waits once it takes no processor time for a while.
			last, still := "", 0
			until(t, "the command to wait for its reader", func() bool {
				if now := cpuTime(cmd.Process.Pid); now != last {
					last, still = now, 0
				} else {
					still++
				}
				return still > 150
			})
			seen := processes(t)
			if !strings.Contains(seen[cmd.Process.Pid], args[0]) {
				t.Fatal("the command was not among the processes looked at")
			}
			_ = writer.Close()
			out, err := io.ReadAll(reader)
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
			secret := secretShape.FindString(strings.TrimLeft(string(out), "."))
			if model.CheckSecret(secret) != nil {
				t.Fatal("the command did not print a secret")
			}
			if anyHas(seen, secret) {
				t.Error("a process has the secret among its arguments or in its environment")
			}
		})
	}
}

// TestCopyingProcessesHoldNoSecret holds the same while the clipboard tool has the secret.
func TestCopyingProcessesHoldNoSecret(t *testing.T) {
	tools := t.TempDir()
	held, release := filepath.Join(tools, "held"), filepath.Join(tools, "release")
	if err := syscall.Mkfifo(release, 0o600); err != nil {
		t.Fatal(err)
	}
	// A tool that takes the secret and then waits until it is told to go on.
	const xclip = "#!/bin/sh\ncase \"$*\" in *-out*|*-o*) exec cat \"$HELD\";; esac\ncat >\"$HELD.part\"; mv \"$HELD.part\" \"$HELD\"; read -r _ <\"$RELEASE\"\n"
	if err := os.WriteFile(filepath.Join(tools, "xclip"), []byte(xclip), 0o700); err != nil {
		t.Fatal(err)
	}
	m := newMachine(t, "PATH="+tools+":"+os.Getenv("PATH"), "DISPLAY=:9", "HELD="+held, "RELEASE="+release,
		"CLAVIER_CLIPBOARD=native", "CLAVIER_CLIPBOARD_CLEAR=0")
	secret := m.create(t, "production")
	cmd := m.command(t, "copy", "production")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the tool to have the secret", func() bool { _, err := os.Stat(held); return err == nil })
	seen := processes(t)
	gate, err := os.OpenFile(release, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = gate.Close() }()
	if _, err := gate.WriteString("go on\n"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(held); err != nil || string(got) != secret {
		t.Errorf("the tool did not get the secret: %v", err)
	}
	if !anyHas(seen, "__clipboard") || !anyHas(seen, "xclip") {
		t.Error("the helper and the tool were not among the processes looked at")
	}
	if anyHas(seen, secret) {
		t.Error("a process has the secret among its arguments or in its environment")
	}
}

// TestProcessesHoldNoToken holds the same for the token of a key service, while the service keeps its client waiting, and for the
// management key that a service has made.
func TestProcessesHoldNoToken(t *testing.T) {
	m := newMachine(t)
	s := m.serve(t, "--bootstrap-file", m.boot())
	content, err := os.ReadFile(m.boot())
	if err != nil {
		t.Fatal(err)
	}
	token := strings.TrimSpace(string(content))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		if connection, err := listener.Accept(); err == nil {
			accepted <- connection
		}
	}()
	cmd := m.command(t, "profile", "add", "team", "--url", "http://"+listener.Addr().String())
	cmd.Stdin = strings.NewReader(token + "\n")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	connection := <-accepted
	request := make([]byte, 16<<10)
	n, err := connection.Read(request)
	if err != nil || !strings.Contains(string(request[:n]), token) {
		t.Fatalf("the client did not present its token: %v", err)
	}
	seen := processes(t)
	_ = listener.Close()
	_ = connection.Close()
	if err := cmd.Wait(); err == nil {
		t.Error("a profile was added without an answer")
	}
	if !strings.Contains(seen[cmd.Process.Pid], "--url") || !strings.Contains(seen[s.cmd.Process.Pid], "serve") {
		t.Fatal("the programs were not among the processes looked at")
	}
	if anyHas(seen, token) {
		t.Error("a process has the token among its arguments or in its environment")
	}
}

// failing is a standard output that panics.
type failing struct{}

func (failing) Write([]byte) (int, error) { panic("forced") }

// panicking is the program with a standard output that panics when the secret is written to it.
func panicking() {
	err := cli.Run(os.Args[1:], cli.Streams{In: os.Stdin, Out: failing{}, Err: os.Stderr})
	os.Exit(cli.Report(os.Stderr, err))
}

func init() { programs["clavier-panicking"] = panicking }

// TestPanicHoldsNoSecret is T20 for panics: the trace of all goroutines, at the moment when the secret is written, does
// not hold it.
func TestPanicHoldsNoSecret(t *testing.T) {
	m := newMachine(t, "GOTRACEBACK=all")
	program, err := exec.LookPath("clavier-panicking")
	if err != nil {
		t.Fatal(err)
	}
	m.create(t, "production")
	for _, args := range [][]string{{"create", "staging"}, {"create", "json", "--json"}, {"show", "production"}} {
		cmd := m.command(t, args...)
		cmd.Path = program
		cmd.Args[0] = program
		out, err := cmd.CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("panic: forced")) {
			t.Fatalf("%s did not panic: %v", args[0], err)
		}
		secret := m.output(t, "show", args[1])
		if bytes.Contains(out, []byte(secret)) || bytes.Contains(out, []byte(secret[4:36])) {
			t.Errorf("the panic of %s shows the secret", args[0])
		}
	}
}
