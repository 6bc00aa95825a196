//go:build unix

package scan

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// file is an open file, without what os.File does for files that can block.
type file struct{ fd int }

// open opens a regular file to be read, and returns its size. It follows no symbolic link at the end of the path, and does not
// wait for a device or a pipe. It returns errNotRegular if the path is anything but a file.
func (f *file) open(path string) (size int64, err error) {
	for {
		f.fd, err = unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	switch {
	case errors.Is(err, unix.ELOOP), errors.Is(err, unix.EMLINK), errors.Is(err, unix.ENXIO): // a link, or a socket
		return 0, errNotRegular
	case err != nil:
		return 0, err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(f.fd, &stat); err != nil {
		f.close()
		return 0, err
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG {
		f.close()
		return 0, errNotRegular
	}
	return stat.Size, nil
}

// Read reads from the file.
func (f *file) Read(p []byte) (int, error) {
	for {
		n, err := unix.Read(f.fd, p)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return 0, err
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

// rewind goes back to the beginning.
func (f *file) rewind() error {
	_, err := unix.Seek(f.fd, 0, io.SeekStart)
	return err
}

func (f *file) close() { _ = unix.Close(f.fd) }
