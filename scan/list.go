package scan

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
)

// listers is how many repositories are listed at the same time.
const listers = 4

// list has git list the files of the work tree at dir that it tracks or does not ignore. It returns at once.
func (t *tree) list(dir, actual string) {
	t.queue.begin()
	go func() {
		defer t.queue.finish()
		turn := <-t.turns
		defer func() { t.turns <- turn }()
		tracked := make(chan error, 1)
		repo := repository{dir: actual}
		go func() {
			tracked <- repo.pipe(t.ctx, nil, func(r io.Reader) error { return t.tracked(r, dir, actual) }, "ls-files", "--cached", "--stage", "-z")
		}()
		err := repo.pipe(t.ctx, nil, func(r io.Reader) error { return t.others(r, dir, actual) }, "ls-files", "--others", "--exclude-standard", "-z")
		if other := <-tracked; err == nil || other != nil && !errors.As(other, new(*warning)) {
			err = other
		}
		complaint := (*warning)(nil)
		switch {
		case err == nil || t.ctx.Err() != nil:
		case errors.As(err, &complaint):
			t.unread(dir, complaint.text)
		default:
			t.notef("%s: git cannot tell what it ignores there, so everything is looked at: %v", dir, err)
			t.queue.push(task{dir: dir, real: actual, walk: true})
		}
	}()
}

// tracked reads entries of the index: mode, name and stage, a tab, and the path.
func (t *tree) tracked(r io.Reader, dir, actual string) error {
	last := ""
	b := &batcher{tree: t, dir: dir, real: actual}
	return b.each(r, func(entry []byte) {
		meta, path, ok := bytes.Cut(entry, []byte("\t"))
		if !ok || string(path) == last { // unmerged: it has up to three stages
			return
		}
		last = string(path)
		switch string(meta[:min(6, len(meta))]) {
		case "160000":
			t.nested(dir, actual, last)
		case "120000":
		default:
			b.add(last)
		}
	})
}

// others reads paths of files that are not tracked; the path of a repository ends in a slash.
func (t *tree) others(r io.Reader, dir, actual string) error {
	b := &batcher{tree: t, dir: dir, real: actual}
	return b.each(r, func(entry []byte) {
		name := string(entry)
		if inner, ok := strings.CutSuffix(name, "/"); ok {
			t.nested(dir, actual, inner)
			return
		}
		b.add(name)
	})
}

// nested takes in a repository within another: a submodule, or one that is not tracked. Where none is checked out, what stands there
// instead is walked.
func (t *tree) nested(dir, actual, name string) {
	name = filepath.FromSlash(name)
	dir, actual = join(dir, name), filepath.Join(actual, name)
	if isWorkTree(actual) {
		t.list(dir, actual)
		return
	}
	if isDir(actual) {
		t.queue.push(task{dir: dir, real: actual, walk: true})
	}
}

// batcher gathers paths that git lists into tasks.
type batcher struct {
	*tree
	dir, real string
	names     []string
}

func (b *batcher) each(r io.Reader, entry func([]byte)) error {
	err := eachRaw(r, func(text []byte) bool {
		entry(text)
		return true
	})
	b.flush()
	return err
}

func (b *batcher) add(name string) {
	if b.names = append(b.names, filepath.FromSlash(name)); len(b.names) >= batch {
		b.flush()
	}
}

func (b *batcher) flush() {
	if len(b.names) > 0 {
		b.queue.pushSlowly(task{dir: b.dir, real: b.real, names: b.names})
		b.names = nil
	}
}

// eachEntry calls entry for each text that ends in a zero byte.
func eachEntry(r io.Reader, entry func(string)) error {
	return eachEntryUntil(r, func(text string) bool {
		entry(text)
		return true
	})
}

// eachEntryUntil is eachEntry until entry returns false.
func eachEntryUntil(r io.Reader, entry func(string) bool) error {
	return eachRaw(r, func(text []byte) bool { return entry(string(text)) })
}

// eachRaw is eachEntryUntil for texts that are valid until the next one only.
func eachRaw(r io.Reader, entry func([]byte) bool) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		text, err := in.ReadSlice(0)
		if errors.Is(err, bufio.ErrBufferFull) { // a path is never as long
			return errors.New("git lists a path that is too long")
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !entry(text[:len(text)-1]) {
			return nil
		}
	}
}
