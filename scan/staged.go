package scan

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"clavier/model"
)

// Staged scans what the next commit of the repository at dir would change: the files that are added to git's index or differ there
// from the last commit, as the index has them. Run by git as a hook in dir, it looks at the index that git named.
//
// It returns ErrNoRepository if dir is in none, or an error if ctx ends.
func (s *Scanner) Staged(ctx context.Context, dir string) (Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sought, err := s.seek(ctx)
	if err != nil {
		return Result{}, err
	}
	st := &staged{sought: sought, gathering: gathering{cancel: cancel}, ctx: ctx, dir: dir, names: map[string][]string{}}
	st.repo = repository{dir: dir, inner: dir == "."}
	cdup, err := st.repo.output(ctx, "rev-parse", "--show-cdup")
	switch {
	case errors.Is(err, errNoGit):
		return Result{}, err
	case err != nil && !st.repo.inner && !inWorkTree(dir):
		return Result{}, fmt.Errorf("%w at %s", ErrNoRepository, model.Display(dir))
	case err != nil:
		return Result{}, fmt.Errorf("%s: %w", model.Display(dir), err)
	}
	st.dir = filepath.Join(dir, filepath.FromSlash(strings.TrimSuffix(cdup, "\n")))
	st.repo.dir = st.dir
	if err := st.list(); err != nil && !errors.As(err, new(*warning)) {
		return Result{}, err
	}
	if err := st.read(); err != nil && !errors.As(err, new(*warning)) {
		return Result{}, err
	}
	if err := context.Cause(ctx); err != nil {
		st.fail(err)
	}
	return st.done()
}

type staged struct {
	*sought
	gathering

	ctx   context.Context
	repo  repository
	dir   string   // the top of the work tree
	ids   []string // of the objects that are staged, each once
	names map[string][]string
}

// list notes what is staged.
func (s *staged) list() error {
	if _, err := s.repo.output(s.ctx, "rev-parse", "--verify", "--quiet", "HEAD^{tree}"); err != nil { // no commit yet
		return s.repo.pipe(s.ctx, nil, func(r io.Reader) error {
			return eachEntry(r, func(entry string) {
				meta, name, _ := strings.Cut(entry, "\t")
				if fields := strings.Fields(meta); len(fields) == 3 {
					s.stage(fields[0], fields[1], name)
				}
			})
		}, "ls-files", "--cached", "--stage", "-z")
	}
	return s.repo.pipe(s.ctx, nil, func(r io.Reader) error {
		mode, id := "", ""
		return eachEntry(r, func(entry string) {
			if mode != "" {
				s.stage(mode, id, entry)
				mode = ""
				return
			}
			if fields := strings.Fields(entry); len(fields) == 5 {
				mode, id = fields[1], fields[3]
			}
		})
	}, "diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "HEAD")
}

// stage notes one entry: a file, and neither one that is taken away nor a submodule.
func (s *staged) stage(mode, id, name string) {
	mode = strings.TrimPrefix(mode, ":")
	if mode == "000000" || mode == "160000" {
		return
	}
	if s.names[id] == nil {
		s.ids = append(s.ids, id)
	}
	s.names[id] = append(s.names[id], name)
}

// read searches what is staged.
func (s *staged) read() error {
	if len(s.ids) == 0 {
		return nil
	}
	return s.repo.pipe(s.ctx, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		for _, id := range s.ids {
			if _, err := out.WriteString(id + "\n"); err != nil {
				return err
			}
		}
		return out.Flush()
	}, func(r io.Reader) error {
		b := &blobs{searcher: s.searcher(s.ctx), repo: s.repo, in: bufio.NewReaderSize(r, windowSize)}
		return b.each(func(o blob) error { return s.take(b, o) })
	}, "cat-file", "--batch", "--buffer")
}

func (s *staged) take(b *blobs, o blob) error {
	if o.missing {
		for _, name := range s.names[o.id] {
			s.unread(join(s.dir, filepath.FromSlash(name)), "its staged content is missing")
		}
		return nil
	}
	s.files.Add(1)
	s.bytes.Add(o.size)
	found, err := b.search(o)
	if err != nil {
		return err
	}
	for _, name := range s.names[o.id] {
		path := filepath.FromSlash(name)
		if found.compressed != "" {
			s.leftAlone(join(s.dir, path), found.compressed)
		}
		for i, spot := range b.spots {
			s.hit(Hit{Kind: KindStaged, Key: spot.key, Repo: s.dir, Path: path, Line: found.places[i].line, Column: found.places[i].column})
		}
	}
	return nil
}
