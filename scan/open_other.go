//go:build !unix

package scan

import (
	"io"
	"os"
)

// file is an open file.
type file struct{ opened *os.File }

// open opens a regular file to be read, and returns its size. It returns errNotRegular if the path is anything but a file, a
// symbolic link among them.
func (f *file) open(path string) (size int64, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errNotRegular
	}
	f.opened, err = os.Open(path)
	return info.Size(), err
}

// Read reads from the file.
func (f *file) Read(p []byte) (int, error) { return f.opened.Read(p) }

// rewind goes back to the beginning.
func (f *file) rewind() error {
	_, err := f.opened.Seek(0, io.SeekStart)
	return err
}

func (f *file) close() { _ = f.opened.Close() }
