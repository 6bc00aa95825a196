package export

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// File is a file to be written.
type File struct {
	// Path is absolute.
	Path string
	// Shown is what sentences call it; Path if empty.
	Shown string
}

// ExistsError is what Save returns if there is such a file and it was not told to replace it. Ask, and tell it.
type ExistsError struct {
	// Shown is what sentences call the file.
	Shown string
	// Target is where it leads, absolute, if it is a symbolic link; else empty. That is what would be replaced.
	Target string
	// Size is how long the file is, in bytes, and Changed when it was changed last.
	Size    int64
	Changed time.Time
}

// Error says that there is such a file.
func (e *ExistsError) Error() string { return e.Shown + " exists already" }

// Save makes a file with what write gives it. The file is its owner's alone (mode 0600) from its first instant and gets
// its name when it is whole and durable: whatever goes wrong, and if ctx ends before that, there is no new file and an
// old one is as it was. Until then it lies in the same directory under a name that starts with TempPrefix, which only a
// program that is killed leaves behind.
//
// If there is such a file already, Save returns an *ExistsError, or, with replace, puts the new one in its place: its mode
// is 0600 then, whatever that of the old one was, and other hard links keep the old content. Replaced is only a regular
// file; a symbolic link stays and what it leads to is replaced. Where replace is false, a file that another program
// makes in the meantime is not replaced either. All other errors are one sentence that says what to do, and wrap their
// cause.
//
// Windows has no modes: there the directory's access control list decides, and the name is made durable by the
// filesystem's own journal.
func Save(ctx context.Context, file File, replace bool, write func(io.Writer) error) (err error) {
	if file.Shown == "" {
		file.Shown = file.Path
	}
	target, err := file.target(replace)
	if err != nil {
		return err
	}
	dir := filepath.Dir(target)
	temp, err := makeTemp(dir)
	if err != nil {
		return file.explain(err)
	}
	kept := false
	defer func() { // also after a panic in write
		if !kept {
			_ = temp.Close() // closed already, as a rule
			_ = os.Remove(temp.Name())
		}
	}()
	err = write(temp)
	if err == nil {
		err = temp.Sync()
	}
	if err == nil {
		err = temp.Close()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return file.explain(err)
	}
	if !replace {
		err = renameNew(temp.Name(), target)
	} else if _, err = file.target(true); err == nil { // nothing but a file is replaced, whatever has happened since
		err = os.Rename(temp.Name(), target)
	}
	if errors.Is(err, fs.ErrExist) {
		if _, err := file.target(false); err != nil {
			return err
		}
	}
	if err != nil {
		return file.explain(err)
	}
	kept = true
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("%s is written, but may be lost in a power cut: %w", file.Shown, cause(err))
	}
	return nil
}

// TempPrefix is how the names of unfinished files start.
const TempPrefix = ".clavier-export-"

// makeTemp makes a new file in dir that is its owner's alone.
func makeTemp(dir string) (*os.File, error) {
	temp, err := os.OpenFile(filepath.Join(dir, TempPrefix+rand.Text()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	// A umask may have taken rights from the owner too. Filesystems without modes refuse, and have nothing to lose.
	if err := temp.Chmod(0o600); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) {
		_ = temp.Close()
		_ = os.Remove(temp.Name())
		return nil, err
	}
	return temp, nil
}

// target returns the path that is written, links followed.
func (f File) target(replace bool) (string, error) {
	if strings.HasSuffix(f.Path, string(filepath.Separator)) || strings.HasSuffix(f.Path, "/") {
		return "", fmt.Errorf("%s names a directory: add the name of a file", f.Shown)
	}
	info, err := os.Lstat(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return f.Path, f.place()
	}
	if err != nil {
		if placed := f.place(); placed != nil {
			return "", placed
		}
		return "", f.explain(err)
	}
	exists, target := &ExistsError{Shown: f.Shown}, f.Path
	if info.Mode()&fs.ModeSymlink != 0 {
		if target, err = filepath.EvalSymlinks(f.Path); err != nil {
			return "", f.brokenLink(err)
		}
		if info, err = os.Lstat(target); err != nil {
			return "", f.brokenLink(err)
		}
		exists.Target = target
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return "", fmt.Errorf("%s is a directory: add the name of a file", f.leads(exists.Target))
	case !mode.IsRegular():
		return "", fmt.Errorf("%s is no ordinary file, so it is not replaced: give another name", f.leads(exists.Target))
	case !replace:
		exists.Size, exists.Changed = info.Size(), info.ModTime()
		return "", exists
	}
	return target, nil
}

// place says what keeps a file from being made where it should be.
func (f File) place() error {
	dir := filepath.Dir(f.Path)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the directory of %s does not exist: make it first, or give another name", f.Shown)
	case err != nil:
		return f.explain(err)
	case !info.IsDir():
		return fmt.Errorf("the directory of %s is a file: give another name", f.Shown)
	}
	return nil
}

// leads names the file, and where it leads if it is a link.
func (f File) leads(target string) string {
	if target == "" {
		return f.Shown
	}
	return f.Shown + ", a link to " + target + ","
}

func (f File) brokenLink(err error) error {
	to, readErr := os.Readlink(f.Path)
	if readErr != nil || !errors.Is(err, fs.ErrNotExist) {
		return f.explain(err)
	}
	return fmt.Errorf("%s is a link to %s, which does not exist: give another name", f.Shown, to)
}

// explain says in one sentence why the file could not be written. The end of the context stays what it is.
func (f File) explain(err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, fs.ErrPermission):
		return &fileError{fmt.Sprintf("there is no permission to write %s: give another name, or change the rights of its directory", f.Shown), err}
	}
	return &fileError{fmt.Sprintf("%s could not be written, and nothing of it was kept: %v", f.Shown, cause(err)), err}
}

// cause is what the system said, without the operation and the path, which nobody asked for.
func cause(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	if link := (*os.LinkError)(nil); errors.As(err, &link) {
		return link.Err
	}
	return err
}

// fileError reads as its sentence.
type fileError struct {
	text  string
	cause error
}

func (e *fileError) Error() string { return e.text }
func (e *fileError) Unwrap() error { return e.cause }
