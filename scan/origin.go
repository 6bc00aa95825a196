package scan

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// attribute tells of each hit which commit had it first, and drops those that are no part of history.
func (o *objects) attribute() error {
	if len(o.found) == 0 {
		return nil
	}
	open := map[string][]objectHit{} // by object
	for _, f := range o.found {
		open[f.id] = append(open[f.id], f)
	}
	for _, step := range []func(map[string][]objectHit) error{o.messages, o.contents, o.tags, o.direct} {
		if err := step(open); err != nil {
			return err
		}
	}
	left := 0
	for _, hits := range open {
		left += len(hits)
	}
	if left > 0 {
		o.notef("%s: %d of the places are in objects that no commit, stash or reflog has (staged only, or left over) and are not reported", o.shown, left)
	}
	return nil
}

// only returns the hits in objects of a kind.
func only(open map[string][]objectHit, kind string) map[string][]objectHit {
	some := map[string][]objectHit{}
	for id, hits := range open {
		if hits[0].kind == kind {
			some[id] = hits
		}
	}
	return some
}

// report gives the hits of an object to the result, each one changed by change, and closes the object.
func (o *objects) report(open map[string][]objectHit, id string, change func(*Hit)) {
	for _, f := range open[id] {
		change(&f.hit)
		o.hit(f.hit)
	}
	delete(open, id)
}

// everything that belongs to history. Objects that a partial clone lacks are passed over.
var everything = []string{"rev-list", "--all", "--reflog", "--missing=allow-any"}

// commits calls each for every commit, parents first.
func (o *objects) commits(each func(id string) error) error {
	return o.repo.pipe(o.ctx, nil, func(r io.Reader) error {
		in := bufio.NewScanner(r)
		for in.Scan() {
			if err := each(in.Text()); err != nil {
				return err
			}
		}
		return in.Err()
	}, append(everything, "--topo-order", "--reverse")...)
}

// messages reports hits in commits themselves.
func (o *objects) messages(open map[string][]objectHit) error {
	if len(only(open, "commit")) == 0 {
		return nil
	}
	order := 0
	return past(o.commits(func(id string) error {
		o.report(open, id, func(h *Hit) { h.Kind, h.Commit, h.Order = KindCommit, id, order })
		order++
		return nil
	}))
}

// contents reports hits in files, by comparing each commit with its parents, the oldest first, until all are found.
func (o *objects) contents(open map[string][]objectHit) error {
	wanted := only(open, "blob")
	if len(wanted) == 0 {
		return nil
	}
	feed := func(w io.Writer) error {
		out := bufio.NewWriter(w)
		if err := past(o.commits(func(id string) error {
			_, err := out.WriteString(id + "\n")
			return err
		})); err != nil {
			return err
		}
		return out.Flush()
	}
	commit, order := "", 0
	at := map[string]string{} // the commit that has it, of those objects that were found
	take := func(r io.Reader) error {
		object := ""
		return eachEntryUntil(r, func(entry string) bool {
			switch {
			case object != "":
				if c, ok := at[object]; object != skipped && (!ok || c == commit) { // a commit may have it under several names
					o.named(wanted[object], commit, order, entry)
					at[object] = commit
				}
				object = ""
			case strings.HasPrefix(entry, ":"):
				object = changed(entry)
				if _, ok := wanted[object]; !ok {
					object = skipped
				}
			case entry != commit:
				commit = entry
				order++
				return len(at) < len(wanted)
			}
			return true
		})
	}
	err := o.repo.pipe(o.ctx, feed, take, "diff-tree", "--stdin", "-r", "-m", "--root", "--raw", "-z", "--no-abbrev",
		"--no-renames", "--no-ext-diff", "--no-textconv")
	for id := range at {
		delete(open, id)
	}
	return past(err)
}

// skipped is no name of an object: one whose path follows and is not wanted.
const skipped = "-"

// changed returns the object that a raw difference leads to: modes, objects and status, in five fields.
func changed(entry string) string {
	if fields := strings.Fields(entry); len(fields) == 5 {
		return fields[3]
	}
	return skipped
}

// named reports hits in a file of a commit.
func (o *objects) named(hits []objectHit, commit string, order int, name string) {
	for _, f := range hits {
		f.hit.Commit, f.hit.Order, f.hit.Path = commit, order, filepath.FromSlash(name)
		o.hit(f.hit)
	}
}

// tags reports hits in what refs name by themselves: annotated tags, and files without a commit.
func (o *objects) tags(open map[string][]objectHit) error {
	if len(open) == 0 {
		return nil
	}
	return past(o.repo.pipe(o.ctx, nil, func(r io.Reader) error {
		in := bufio.NewScanner(r)
		for in.Scan() {
			id, name, _ := strings.Cut(in.Text(), " ")
			o.report(open, id, func(h *Hit) {
				h.Path = strings.TrimPrefix(name, "refs/tags/")
				if only(open, "tag")[id] != nil {
					h.Kind = KindTag
				}
			})
		}
		return in.Err()
	}, "for-each-ref", "--format=%(objectname) %(refname)"))
}

// direct reports the hits that are left in what a ref reaches without a commit: a tag of a tag, a tree that has a tag. It reads every tree,
// which takes long, and is hardly ever needed.
func (o *objects) direct(open map[string][]objectHit) error {
	if len(open) == 0 {
		return nil
	}
	return past(o.repo.pipe(o.ctx, nil, func(r io.Reader) error {
		in := bufio.NewReader(r)
		for {
			line, err := in.ReadString('\n')
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			id, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			o.report(open, id, func(h *Hit) {
				h.Path = filepath.FromSlash(name)
				if only(open, "tag")[id] != nil {
					h.Kind = KindTag
				}
			})
		}
	}, append(everything, "--objects")...))
}

// past is err unless it is only a warning.
func past(err error) error {
	if errors.As(err, new(*warning)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("which commits have the places cannot be found: %w", err)
	}
	return nil
}
