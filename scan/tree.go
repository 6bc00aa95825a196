package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

var errNotRegular = errors.New("not a regular file")

// Tree scans the files at and below paths. In a repository of git only those are read that git tracks or does not
// ignore; a path that is ignored and yet given is read wholly. Repositories in it, submodules among them, are read in the same
// way. Symbolic links are not followed, except a path that is given; what is no file is passed over.
//
// It returns an error if a path is not there or ctx ends. What cannot be read is in the result.
func (s *Scanner) Tree(ctx context.Context, paths ...string) (Result, error) {
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			return Result{}, err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t := &tree{Scanner: s, gathering: gathering{cancel: cancel}, ctx: ctx, queue: newQueue(ahead), turns: make(chan struct{}, listers)}
	for range listers {
		t.turns <- struct{}{}
	}
	for _, path := range paths {
		t.root(path)
	}
	sought, err := s.seek(ctx)
	if err != nil {
		return Result{}, err
	}
	var workers sync.WaitGroup
	for range s.workers() {
		workers.Go(func() { t.work(sought.searcher(ctx)) })
	}
	stop := context.AfterFunc(ctx, t.queue.stop)
	workers.Wait()
	stop()
	if err := context.Cause(ctx); err != nil {
		t.fail(err)
	}
	return t.done()
}

// tree is a scan of files that goes on.
type tree struct {
	*Scanner
	gathering

	ctx   context.Context
	queue *queue
	turns chan struct{} // to run git
}

// root takes in a path that was given.
func (t *tree) root(path string) {
	path = filepath.Clean(path)
	actual := path
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		actual = resolved
	}
	info, err := os.Stat(actual)
	switch {
	case err != nil:
		t.unread(path, reason(err))
	case !info.IsDir():
		t.queue.push(task{dir: filepath.Dir(path), real: filepath.Dir(actual), names: []string{filepath.Base(actual)}, shown: filepath.Base(path)})
	case !t.options.Everything && inWorkTree(actual) && !ignored(t.ctx, actual):
		t.list(path, actual)
	default:
		t.queue.push(task{dir: path, real: actual, walk: true})
	}
}

// work does tasks until there are none.
func (t *tree) work(s *searcher) {
	for {
		job, ok := t.queue.pop()
		if !ok {
			return
		}
		if job.walk {
			t.walk(job)
		}
		for _, name := range job.names {
			if t.ctx.Err() != nil {
				break
			}
			shown := name
			if job.shown != "" {
				shown = job.shown
			}
			t.read(s, job.real, job.dir, name, shown)
		}
		t.queue.finish()
	}
}

const (
	// batch is how many files are handed to a worker at once.
	batch = 64
	// ahead is how many batches git may have listed that nobody has read.
	ahead = 1024
)

// walk reads one directory: its files become tasks of their own, and so do the directories in it.
func (t *tree) walk(job task) {
	dir, err := os.Open(job.real)
	if err != nil {
		t.unread(job.dir, reason(err))
		return
	}
	defer func() { _ = dir.Close() }()
	var names []string
	for {
		entries, err := dir.ReadDir(1024)
		for _, entry := range entries {
			name := entry.Name()
			switch kind := entry.Type(); {
			case kind.IsRegular():
				if names = append(names, name); len(names) == batch {
					t.queue.push(task{dir: job.dir, real: job.real, names: names})
					names = nil
				}
			case kind.IsDir():
				t.enter(job, name)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.unread(job.dir, reason(err))
			break
		}
	}
	if len(names) > 0 {
		t.queue.push(task{dir: job.dir, real: job.real, names: names})
	}
}

// enter takes in a directory that a walk has found.
func (t *tree) enter(job task, name string) {
	dir, actual := join(job.dir, name), filepath.Join(job.real, name)
	switch {
	case !t.options.Everything && name == ".git":
	case name == "objects" && isGitDir(job.real):
		t.notef("%s holds the objects of git, which are compressed: --history reads them", dir)
	case !t.options.Everything && isWorkTree(actual):
		t.list(dir, actual)
	default:
		t.queue.push(task{dir: dir, real: actual, walk: true})
	}
}

// read scans one file. A file that is gone by now is none.
func (t *tree) read(s *searcher, actual, dir, name, shown string) {
	var f file
	size, err := f.open(actual + string(filepath.Separator) + name)
	if errors.Is(err, errNotRegular) || errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		t.unread(join(dir, shown), reason(err))
		return
	}
	defer f.close()
	read, compressed, whole, err := s.stream(&f, size)
	t.files.Add(1)
	t.bytes.Add(read)
	switch {
	case s.err != nil:
		t.fail(s.err)
	case err != nil && t.ctx.Err() == nil:
		t.unread(join(dir, shown), reason(err))
	case compressed != "":
		t.leftAlone(join(dir, shown), compressed)
	case len(s.spots) > 0:
		window := s.buffer[:min(read, int64(len(s.buffer)))]
		places, err := positions(s.spots, func(count func(io.Reader) error) error {
			if whole {
				return count(bytes.NewReader(window))
			}
			if err := f.rewind(); err != nil {
				return err
			}
			return count(&f)
		})
		if err != nil {
			t.unread(join(dir, shown), reason(err))
		}
		for i, spot := range s.spots {
			t.hit(Hit{Kind: KindFile, Key: spot.key, Path: join(dir, shown), Line: places[i].line, Column: places[i].column})
		}
	}
}

// join joins a directory and a path in it as they are shown: what lies in the working directory has no dot before it.
func join(dir, name string) string {
	if dir == "." {
		return name
	}
	return filepath.Join(dir, name)
}

// reason is what the system says, without the path, which stands beside it.
func reason(err error) string {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err.Error()
	}
	return fmt.Sprint(err)
}

func isDir(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}
