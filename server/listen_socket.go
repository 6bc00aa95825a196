package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"clavier/model"
)

const (
	// socketMode lets the owner and a proxy of the same group speak to the socket.
	socketMode = 0o660
	// maxSocketPath is the most bytes of a path that all systems can connect to.
	maxSocketPath = 103
	// maxSocketDir is the most bytes of its directory: while it is made, a socket has a longer path there.
	maxSocketDir = maxSocketPath - len("/.c1234567890/s")
	// socketWait is how long somebody who may listen at a socket has to take a connection.
	socketWait = time.Second
)

// socket is a unix socket that is removed when it is closed, if it is still ours.
type socket struct {
	net.Listener

	path   string
	info   fs.FileInfo
	remove sync.Once
}

// listenUnix listens at a path. A socket that nobody listens at any more is taken over; anything else that stands there is not
// touched. The socket is made in a directory of its own and then moved, so that it never stands there with another mode. Of
// several services that start there at once, one listens.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	shown := model.Display(path)
	if path == "" || path[0] == '@' {
		return nil, errors.New("a unix socket needs a path, such as unix:/run/clavier.sock")
	}
	if len(path) > maxSocketPath || len(filepath.Dir(path)) > maxSocketDir {
		return nil, fmt.Errorf("cannot listen at %s: the path of a unix socket has at most %d bytes, and its directory %d", shown,
			maxSocketPath, maxSocketDir)
	}
	if err := vacant(ctx, path); err != nil { // nothing is made then; who comes in between is seen by move
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".c")
	if err != nil {
		return nil, fmt.Errorf("cannot listen at %s: %w", shown, below(err))
	}
	defer func() { _ = os.RemoveAll(dir) }()
	made := filepath.Join(dir, "s")
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "unix", made)
	if err != nil {
		return nil, fmt.Errorf("cannot listen at %s: %w", shown, below(err))
	}
	if unix, ok := listener.(*net.UnixListener); ok {
		unix.SetUnlinkOnClose(false) // it will stand elsewhere
	}
	err = os.Chmod(made, socketMode)
	var info fs.FileInfo
	if err == nil {
		info, err = os.Lstat(made)
	}
	if err != nil {
		err = fmt.Errorf("cannot listen at %s: %w", shown, below(err))
	} else {
		err = move(ctx, made, path)
	}
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	return &socket{Listener: listener, path: path, info: info}, nil
}

// move puts a socket in its place, if that is vacant when nobody else can take it.
func move(ctx context.Context, made, path string) error {
	shown := model.Display(path)
	unlock, err := lockSocket(ctx, path)
	if err != nil {
		return fmt.Errorf("cannot listen at %s: %w", shown, err)
	}
	defer unlock()
	if err := vacant(ctx, path); err != nil {
		return err
	}
	if err := os.Rename(made, path); err != nil {
		return fmt.Errorf("cannot listen at %s: %w", shown, below(err))
	}
	return nil
}

// vacant returns why a socket cannot be made at a path; nil if nothing stands there, or a socket that nobody listens at.
func vacant(ctx context.Context, path string) error {
	shown := model.Display(path)
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("cannot listen at %s: %w", shown, below(err))
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("cannot listen at %s: something else than a socket stands there; remove it, or choose another path", shown)
	}
	dialer := net.Dialer{Timeout: socketWait}
	conn, err := dialer.DialContext(ctx, "unix", path)
	if err == nil {
		_ = conn.Close()
		return fmt.Errorf("cannot listen at %s: another program listens there", shown)
	}
	if !nobodyListens(err) {
		return fmt.Errorf("cannot listen at %s: a socket stands there, and who listens cannot be asked: %w", shown, below(err))
	}
	return nil
}

// Close stops listening and removes the socket, unless another one stands there by now.
func (s *socket) Close() error {
	s.remove.Do(s.withdraw)
	return s.Listener.Close()
}

// withdraw removes the socket while it is listened at, so that no successor can have found it left over and taken its place. If
// its lock cannot be had it stays, for the next service to take over.
func (s *socket) withdraw() {
	ctx, cancel := context.WithTimeout(context.Background(), socketWait)
	defer cancel()
	unlock, err := lockSocket(ctx, s.path)
	if err != nil {
		return
	}
	defer unlock()
	if info, err := os.Lstat(s.path); err == nil && os.SameFile(info, s.info) {
		_ = os.Remove(s.path)
	}
}

// below returns what lies below the path and the operation that packages os and net put before it.
func below(err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err
	}
	if wrapped, ok := errors.AsType[*os.LinkError](err); ok {
		return wrapped.Err
	}
	err = cause(err)
	if wrapped, ok := errors.AsType[*os.SyscallError](err); ok {
		return wrapped.Err
	}
	return err
}
