//go:build unix

package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTryInterrupted: who gives up waits for nobody, and keeps what was answered by then.
func TestTryInterrupted(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	connected := make(chan net.Conn, 8)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connected <- conn // and never answered
		}
	}()
	m := newMachine(t)
	m.create(t, "production")
	settings := filepath.Join(t.TempDir(), "settings.toml")
	if err := os.WriteFile(settings, []byte("[[profiles.local.apis]]\nname = \"shut\"\nurl = \"http://127.0.0.1:1\"\n"+
		"[[profiles.local.apis]]\nname = \"silent\"\nurl = \"http://"+listener.Addr().String()+"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		s := sit(t, m.command(t, "--config", settings, "try", "production"))
		select {
		case conn := <-connected:
			t.Cleanup(func() { _ = conn.Close() })
		case <-time.After(patience):
			t.Fatal("nothing was sent")
		}
		began := time.Now()
		if err := s.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		s.wantEnd(1)
		if took := time.Since(began); took > 9*time.Second { // before any bound of the request
			t.Errorf("%v: it took %v", signal, took)
		}
		until(t, "what is said at the end", func() bool { return strings.Contains(s.seen(), "given up") })
	}
}
