package dotenv

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

var (
	errNotRegular = errors.New("it is not a regular file")
	errReadOnly   = errors.New("it is read-only")
	errMoved      = errors.New("another program changed it at the same moment; try again")
)

// rewrite replaces a file by what change makes of it, in one durable step. A file that is not there is empty and is made with
// the mode given; one that is keeps its mode and owner. Until it stands in its place, the new file has mode 0600.
func rewrite(path string, made fs.FileMode, change func(content []byte, mode fs.FileMode, there bool) ([]byte, error)) error {
	dir := filepath.Dir(path)
	// Two programs that each set a variable must not lose one.
	unlock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer unlock()
	before, content, err := readCurrent(path)
	if err != nil {
		return err
	}
	mode := made
	if before != nil {
		mode = before.Mode().Perm()
	}
	after, err := change(bytes.Clone(content), mode, before != nil)
	if err != nil {
		return err
	}
	if before != nil && bytes.Equal(content, after) {
		return nil
	}
	temp := filepath.Join(dir, "."+filepath.Base(path)+".tmp-"+rand.Text())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return fmt.Errorf("no file can be made beside it: %w", failed.Err)
	}
	if err != nil {
		return err
	}
	if _, err = f.Write(after); err == nil {
		err = f.Sync()
	}
	if err == nil && before != nil {
		err = keepOwner(f, before)
	}
	if err == nil {
		err = setMode(f, mode)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = unchanged(path, before)
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return err
	}
	return syncDir(dir)
}

// readCurrent returns a file as it is, nil if there is none.
func readCurrent(path string) (fs.FileInfo, []byte, error) {
	// Opening a pipe would wait for its writer.
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, nil, errNotRegular
	case info.Mode()&0o200 == 0: // it could be replaced all the same, which is not what its mode asks for
		return nil, nil, errReadOnly
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil {
		return nil, nil, err
	}
	content, err := readAll(f)
	return info, content, err
}

// unchanged says whether a file is still the one that was read: an editor knows nothing of locks.
func unchanged(path string, before fs.FileInfo) error {
	now, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && before == nil:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("look at it again: %w", err)
	case err != nil || before == nil, !os.SameFile(now, before), now.Size() != before.Size(), !now.ModTime().Equal(before.ModTime()):
		return errMoved
	}
	return nil
}
