package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"clavier/model"
)

const (
	dirMode  = 0o700
	fileMode = 0o600
)

// companions are the endings of the files that SQLite keeps beside the database: the log, its shared memory, and the
// journal of a database that has no log yet.
var companions = []string{logEnding, "-shm", "-journal"}

const logEnding = "-wal"

// making guards the making of files within this process: the descriptor of a new file is closed again, which would drop
// the locks of a Store that another goroutine opened on it in between.
var making sync.Mutex

// prepareFiles makes what is missing of the directory and the file, and checks what is there. It returns what the
// file is, and whether a log stands beside it. Nothing but the making opens the file.
func prepareFiles(path string) (file os.FileInfo, logged bool, err error) {
	making.Lock()
	defer making.Unlock()
	dir := filepath.Dir(path)
	if err := makeDir(path, dir); err != nil {
		return nil, false, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, false, writeError(path, err)
	}
	if err := checkPrivate(dir, info, dirMode); err != nil {
		return nil, false, err
	}
	file, err = os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeFile(path, dir); err != nil {
			return nil, false, err
		}
		file, err = os.Lstat(path)
	}
	if err != nil {
		return nil, false, writeError(path, err)
	}
	if !file.Mode().IsRegular() || tooSmall(file) {
		return nil, false, foreignError(path, nil)
	}
	if err := checkPrivate(path, file, fileMode); err != nil {
		return nil, false, err
	}
	for _, ending := range companions {
		info, err := os.Lstat(path + ending)
		if err != nil {
			continue // absent, or gone since; what cannot be looked at SQLite cannot open either, and says so
		}
		if !info.Mode().IsRegular() {
			return nil, false, foreignError(path+ending, nil)
		}
		if err := checkPrivate(path+ending, info, fileMode); err != nil {
			return nil, false, err
		}
		logged = logged || ending == logEnding && info.Size() > 0
	}
	return file, logged, nil
}

// tooSmall reports whether a file holds something that is less than SQLite's smallest page, so no database. SQLite
// itself takes a file of one byte for an empty database.
func tooSmall(info os.FileInfo) bool { return info.Size() > 0 && info.Size() < 512 }

// makeDir makes dir and its missing parents, private whatever the umask, and durable.
func makeDir(path, dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return writeError(path, &fs.PathError{Op: "open", Path: dir, Err: errors.New(show(dir) + " is no directory")})
	case !errors.Is(err, fs.ErrNotExist):
		return writeError(path, err)
	}
	parent := filepath.Dir(dir)
	if err := makeDir(path, parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, dirMode); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // another program was faster
		}
		return writeError(path, err)
	}
	if err := os.Chmod(dir, dirMode); err != nil { // a umask may have taken the owner's own rights
		return writeError(path, err)
	}
	if err := syncDir(parent); err != nil {
		return writeError(path, err)
	}
	return nil
}

// makeFile makes an empty file that only its owner can read, whatever the umask, and makes its name durable. Another
// program may be faster, which is as good.
func makeFile(path, dir string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return writeError(path, err)
	}
	err = errors.Join(file.Chmod(fileMode), file.Close())
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return writeError(path, err)
	}
	return nil
}

// modesError says what is not private and the command that mends it.
func modesError(what, command string) error {
	return fail(model.ErrModes, nil, "%s; run: %s", what, command)
}
