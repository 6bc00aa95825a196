//go:build unix

package server

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSocketIsLookedAtUnderItsLock: a service that starts while another one does sees the other one's socket, and leaves it.
func TestSocketIsLookedAtUnderItsLock(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "clavier.sock")
	unlock, err := lockSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(lockOf(path)); err != nil || info.Mode() != 0o600 {
		t.Errorf("the lock is %v, %v", info, err)
	}
	ended := make(chan error, 1)
	go func() {
		l, err := listenUnix(t.Context(), path)
		if err == nil {
			err = l.Close()
		}
		ended <- err
	}()
	for { // until it has looked for the first time, and made a socket of its own
		if made, _ := filepath.Glob(filepath.Join(dir, ".c*", "s")); len(made) > 0 {
			break
		}
		if len(ended) > 0 {
			t.Fatal("it did not wait for the lock")
		}
		runtime.Gosched()
	}
	other, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	before, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "another program listens there") {
		t.Errorf("the second one ends with %v", err)
	}
	if after, err := os.Lstat(path); err != nil || !os.SameFile(before, after) {
		t.Errorf("the socket of the first one is %v, %v", after, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("beside the socket there are %v, %v", entries, err)
	}
}

// TestSocketManyStarts: of services that start at one socket at once, also where one was left over, one listens, and is the
// one that is reached.
func TestSocketManyStarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clavier.sock")
	for range 20 {
		var wg sync.WaitGroup
		listeners := make(chan net.Listener, 4)
		for range cap(listeners) {
			wg.Go(func() {
				l, err := listenUnix(t.Context(), path)
				if err == nil {
					listeners <- l
				} else if !strings.Contains(err.Error(), "another program listens there") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := len(listeners); n != 1 {
			t.Fatalf("%d services listen", n)
		}
		l := <-listeners
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", path)
		if err != nil {
			t.Fatal(err)
		}
		_ = l.(*socket).Listener.(*net.UnixListener).SetDeadline(time.Now().Add(10 * time.Second))
		theirs, err := l.Accept()
		if err != nil {
			t.Fatalf("another one is reached: %v", err)
		}
		_, _ = conn.Close(), theirs.Close()
		_ = l.(*socket).Listener.Close() // the socket is left over
	}
}

// TestSocketLock: one has the lock at a time, whoever removes its file, and nothing of it stays.
func TestSocketLock(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "clavier.sock")
	if err := os.WriteFile(lockOf(path), nil, 0o600); err != nil { // left by a program that was killed
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var have, took atomic.Int32
	for range 8 {
		wg.Go(func() {
			for range 20 {
				unlock, err := lockSocket(t.Context(), path)
				if err != nil {
					t.Error(err)
					return
				}
				if have.Add(1) != 1 {
					t.Error("two have the lock")
				}
				took.Add(1)
				runtime.Gosched()
				have.Add(-1)
				unlock()
			}
		})
	}
	wg.Wait()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 || took.Load() != 160 {
		t.Errorf("it was taken %d times, and there are %v, %v", took.Load(), entries, err)
	}
	open, err := os.OpenFile(lockOf(path), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if err := os.Remove(lockOf(path)); err != nil {
		t.Fatal(err)
	}
	if locked, err := lockFile(open, lockOf(path)); locked || err != nil {
		t.Errorf("the lock of a file that is removed is taken: %v, %v", locked, err)
	}
	unlock, err := lockSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if locked, err := lockFile(open, lockOf(path)); locked || err != nil {
		t.Errorf("the lock of a file that was there before is taken: %v, %v", locked, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lockSocket(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("who no longer wants it is told %v", err)
	}
}

// TestSocketLockElsewhere: what stands where the lock of a socket goes is not touched, at the beginning and at the end.
func TestSocketLockElsewhere(t *testing.T) {
	for about, put := range map[string]func(name, target string) error{
		"a file":      func(name, _ string) error { return os.WriteFile(name, []byte("mine"), 0o600) },
		"a directory": func(name, _ string) error { return os.Mkdir(name, 0o700) },
		"a link":      func(name, target string) error { return os.Symlink(target, name) },
		"a socket": func(name, _ string) error {
			l, err := net.Listen("unix", name)
			if err == nil {
				l.(*net.UnixListener).SetUnlinkOnClose(false)
				err = l.Close()
			}
			return err
		},
	} {
		dir, target := t.TempDir(), filepath.Join(t.TempDir(), "target")
		path := filepath.Join(dir, "clavier.sock")
		l, err := listenUnix(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := put(lockOf(path), target); err != nil {
			t.Fatal(err)
		}
		before, err := os.Lstat(lockOf(path))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("%s: without its lock the socket is removed: %v", about, err)
		}
		_, err = listenUnix(t.Context(), path)
		if err == nil || !strings.Contains(err.Error(), lockOf(path)) || !strings.Contains(err.Error(), "remove it, or choose another path") {
			t.Errorf("%s: the error is %v", about, err)
		}
		if after, err := os.Lstat(lockOf(path)); err != nil || !os.SameFile(before, after) || after.Size() != before.Size() {
			t.Errorf("%s: it is %v, %v", about, after, err)
		}
		if _, err := os.Lstat(target); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: what it points to is made: %v", about, err)
		}
		if err := os.Remove(lockOf(path)); err != nil {
			t.Fatal(err)
		}
		if l, err = listenUnix(t.Context(), path); err != nil {
			t.Fatalf("%s: the socket that stayed is in the way: %v", about, err)
		}
		_ = l.Close()
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
			t.Errorf("%s: at the end there are %v, %v", about, entries, err)
		}
	}
}

// parting is a listener that says when it ends.
type parting struct {
	net.Listener

	before func()
}

func (p parting) Close() error { p.before(); return p.Listener.Close() }

// TestSocketGoesBeforeItIsDead: a service removes its socket while it still listens, so that none that starts meanwhile can have
// put its own there.
func TestSocketGoesBeforeItIsDead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clavier.sock")
	l, err := listenUnix(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ended := 0
	s := l.(*socket)
	s.Listener = parting{s.Listener, func() {
		ended++
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("when nobody listens any more the socket is there: %v", err)
		}
		if ended > 1 {
			return
		}
		if successor, err := listenUnix(t.Context(), path); err != nil {
			t.Errorf("the next one is told %v", err)
		} else {
			t.Cleanup(func() { _ = successor.Close() })
		}
	}}
	if err := l.Close(); err != nil || ended != 1 {
		t.Errorf("it ended %d times, with %v", ended, err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the next one's socket is gone: %v", err)
	}
}
