package scan

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"clavier/model"
)

// ErrNoRepository says that there is no repository of git at or below a path.
var ErrNoRepository = errors.New("there is no git repository")

// History scans what the repositories at or below paths have ever held: every file, commit and tag that a ref, a reflog or a
// stash reaches, and the same of their submodules. Each content is read once, and a hit tells the first commit that has it.
//
// A path in a repository means the whole repository. It returns ErrNoRepository if there is none, or an error if ctx ends.
func (s *Scanner) History(ctx context.Context, paths ...string) (Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sought, err := s.seek(ctx)
	if err != nil {
		return Result{}, err
	}
	h := &history{sought: sought, gathering: gathering{cancel: cancel}, ctx: ctx, seen: map[string]bool{}}
	for _, path := range paths {
		if err := h.find(filepath.Clean(path)); err != nil {
			return Result{}, err
		}
	}
	if err := context.Cause(ctx); err != nil {
		h.fail(err)
	}
	return h.done()
}

// history is a scan of repositories that goes on.
type history struct {
	*sought
	gathering

	ctx  context.Context
	seen map[string]bool // directories of git that were scanned
}

// find scans the repositories at or below a path.
func (h *history) find(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	dir := path
	if !info.IsDir() {
		dir = filepath.Dir(path)
	}
	repo := repository{dir: dir}
	if top, err := repo.output(h.ctx, "rev-parse", "--show-cdup"); err == nil { // nothing in a bare one
		top = filepath.FromSlash(strings.TrimSuffix(top, "\n"))
		h.repository(filepath.Join(dir, top))
		return nil
	} else if errors.Is(err, errNoGit) {
		return err
	} else if inWorkTree(dir) {
		h.unread(dir, err.Error())
		return nil
	}
	found := false
	err = filepath.WalkDir(dir, func(below string, entry os.DirEntry, err error) error {
		switch {
		case h.ctx.Err() != nil:
			return h.ctx.Err()
		case err != nil:
			h.unread(below, reason(err))
			return nil
		case !entry.IsDir():
			return nil
		case isWorkTree(below) || isGitDir(below):
			found = true
			h.repository(below)
			return filepath.SkipDir
		}
		return nil
	})
	if err == nil && !found {
		return fmt.Errorf("%w at or below %s", ErrNoRepository, model.Display(path))
	}
	return err
}

// repository scans the repository whose work tree or directory is at dir, and its submodules.
func (h *history) repository(dir string) {
	repo := repository{dir: dir}
	if absolute, err := filepath.Abs(dir); err == nil && isGitDir(dir) && !isWorkTree(dir) {
		repo = repository{dir: absolute, bare: true}
	}
	gitDir, err := repo.output(h.ctx, "rev-parse", "--git-common-dir")
	if err != nil {
		h.unread(dir, err.Error())
		return
	}
	gitDir = strings.TrimSuffix(gitDir, "\n")
	if !filepath.IsAbs(gitDir) {
		gitDir = filepath.Join(dir, gitDir)
	}
	if actual, err := filepath.EvalSymlinks(gitDir); err == nil {
		gitDir = actual
	}
	if absolute, err := filepath.Abs(gitDir); err == nil {
		gitDir = absolute
	}
	if h.seen[gitDir] {
		return
	}
	h.seen[gitDir] = true
	h.lacks(dir, gitDir)
	h.objects(&objects{history: h, repo: repo, shown: dir})
	h.nested(dir, repo)
	h.modules(dir, filepath.Join(gitDir, "modules"))
}

const partialClone = "it is a partial clone: what was not fetched is not looked at"

// lacks says what a clone does not hold of its history.
func (h *history) lacks(dir, gitDir string) {
	if promised, _ := filepath.Glob(filepath.Join(gitDir, "objects", "pack", "*.promisor")); len(promised) > 0 {
		h.unread(dir, partialClone)
	}
	if _, err := os.Lstat(filepath.Join(gitDir, "shallow")); err == nil {
		h.unread(dir, "it is a shallow clone: older commits are not here")
	}
}

// nested scans the repositories within a work tree: submodules, and those that are not tracked.
func (h *history) nested(dir string, repo repository) {
	var inner []string
	_ = repo.pipe(h.ctx, nil, func(r io.Reader) error {
		return eachEntry(r, func(entry string) {
			if meta, name, ok := strings.Cut(entry, "\t"); ok && strings.HasPrefix(meta, "160000 ") {
				inner = append(inner, name)
			}
		})
	}, "ls-files", "--cached", "--stage", "-z")
	_ = repo.pipe(h.ctx, nil, func(r io.Reader) error {
		return eachEntry(r, func(name string) {
			if name, ok := strings.CutSuffix(name, "/"); ok {
				inner = append(inner, name)
			}
		})
	}, "ls-files", "--others", "--exclude-standard", "-z")
	slices.Sort(inner)
	for _, name := range slices.Compact(inner) {
		if path := filepath.Join(dir, filepath.FromSlash(name)); isWorkTree(path) {
			h.repository(path)
		}
	}
}

// objects scans one repository.
func (h *history) objects(o *objects) {
	err := o.scan()
	complaint := (*warning)(nil)
	switch {
	case err == nil || h.ctx.Err() != nil:
	case errors.As(err, &complaint) && strings.Contains(complaint.text, "promisor"): // git says so itself, depending on its version
		h.unread(o.shown, partialClone)
	default:
		h.unread(o.shown, err.Error())
	}
}

// modules scans what git keeps of submodules, also of those that are no longer checked out.
func (h *history) modules(dir, modules string) {
	if !isDir(modules) {
		return
	}
	_ = filepath.WalkDir(modules, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			h.unread(path, reason(err))
			return nil
		}
		if !entry.IsDir() || !isGitDir(path) {
			return nil
		}
		if !h.seen[path] {
			h.kept(dir, modules, path)
		}
		return filepath.SkipDir
	})
}

// kept scans a submodule that is not checked out. Its configuration names a work tree that may be gone, which git would
// refuse to run in.
func (h *history) kept(dir, modules, path string) {
	h.seen[path] = true
	name, err := filepath.Rel(modules, path)
	if err != nil {
		name = path
	}
	shown := filepath.Join(dir, name)
	h.lacks(shown, path)
	h.objects(&objects{history: h, repo: repository{dir: path, bare: true}, shown: shown})
	h.modules(shown, filepath.Join(path, "modules"))
}

// objects is the scan of one repository.
type objects struct {
	*history

	repo  repository
	shown string

	mu      sync.Mutex
	found   []objectHit
	missing int
}

// objectHit is a hit in an object, before it is known which commit has it.
type objectHit struct {
	id, kind string
	hit      Hit
}

// scan reads all objects of the repository in the order in which git has stored them, which is by far the fastest one: a list
// of them goes to as many readers as there are workers. Which of the hits belong to history is asked afterwards.
func (o *objects) scan() error {
	ids := make(chan []byte, 2)
	var readers sync.WaitGroup
	failures := make(chan error, o.workers()+1)
	for range o.workers() {
		readers.Go(func() { failures <- o.reader(ids) })
	}
	err := o.repo.pipe(o.ctx, nil, func(r io.Reader) error { return o.share(r, ids) },
		"cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname) %(objecttype)")
	close(ids)
	readers.Wait()
	close(failures)
	for failure := range failures {
		if err == nil {
			err = failure
		}
	}
	if err == nil || errors.As(err, new(*warning)) {
		if o.missing > 0 {
			o.unread(o.shown, fmt.Sprintf("%d objects are gone: it was changed meanwhile, or is damaged", o.missing))
		}
		if other := o.attribute(); other != nil {
			return other
		}
	}
	return err
}

// share hands the names of all objects but trees to the readers, many at a time.
func (o *objects) share(r io.Reader, ids chan<- []byte) error {
	const many = 16 << 10 // bytes
	in := bufio.NewReaderSize(r, 64<<10)
	var names []byte
	send := func() error {
		select {
		case ids <- names:
			names = nil
			return nil
		case <-o.ctx.Done():
			return o.ctx.Err()
		}
	}
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return send()
		}
		if err != nil {
			return err
		}
		name, kind, _ := bytes.Cut(line, []byte(" "))
		if string(kind) == "tree\n" {
			continue
		}
		if names = append(append(names, name...), '\n'); len(names) >= many {
			if err := send(); err != nil {
				return err
			}
		}
	}
}

// reader has git print objects, and searches them.
func (o *objects) reader(ids <-chan []byte) error {
	err := o.repo.pipe(o.ctx, func(w io.Writer) error {
		for {
			select {
			case names, more := <-ids:
				if !more {
					return nil
				}
				if _, err := w.Write(names); err != nil {
					return err
				}
			case <-o.ctx.Done():
				return o.ctx.Err()
			}
		}
	}, func(r io.Reader) error {
		b := &blobs{searcher: o.searcher(o.ctx), repo: o.repo, in: bufio.NewReaderSize(r, windowSize)}
		return b.each(func(blob blob) error { return o.take(b, blob) })
	}, "cat-file", "--batch", "--buffer")
	for range ids { // what is left has no reader, and the one who shares must not wait for it
	}
	return err
}

// take searches one object.
func (o *objects) take(b *blobs, blob blob) error {
	if blob.missing {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.missing++
		return nil
	}
	o.files.Add(1)
	o.bytes.Add(blob.size)
	found, err := b.search(blob)
	if b.err != nil {
		o.fail(b.err)
	}
	if err != nil || len(b.spots) == 0 {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, spot := range b.spots {
		hit := Hit{Kind: KindHistory, Key: spot.key, Repo: o.shown, Line: found.places[i].line, Column: found.places[i].column}
		o.found = append(o.found, objectHit{blob.id, blob.kind, hit})
	}
	return nil
}
