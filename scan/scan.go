// Package scan looks for a person's own secrets in trees of files, in what git has staged and in git's history. It knows
// nothing of stores or screens.
//
// Secrets that clavier issued are found by their shape, whatever their prefix, and are reported only if [Options.Lookup]
// knows them; secrets that were made elsewhere are found by their own text. So every hit is certain. Content is searched as
// bytes (UTF-8, Latin-1 and whatever else keeps ASCII), as UTF-16 and as UTF-32 of either byte order, aligned or not, through one
// window of bounded size: files may be of any size and lines of any length. Compressed files are left alone.
package scan

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"clavier/model"
)

// Options say what is looked for and how.
type Options struct {
	// Lookup returns what the caller calls the key with this secret, or "" if no key has it. It is asked once for each
	// text that has the shape and the checksum of a secret, and from one goroutine at a time. An error of it ends the scan.
	Lookup func(ctx context.Context, token model.Secret) (string, error)
	// Literals returns the secrets that are looked for by their own text, whatever their shape; nil if there are none. It is
	// called once for each scan, when git has begun to list files, and nothing is searched before it returns. Every one has MinLiteral
	// bytes at least. An error of it ends the scan.
	Literals func(ctx context.Context) ([]Literal, error)
	// Everything also looks at what git ignores, and at the files of .git itself except its objects.
	Everything bool
	// Workers is how many files are read at the same time; 0 means one for each processor.
	Workers int
}

// MinLiteral is the least length of a literal, in bytes: a shorter text stands in too many places by chance.
const MinLiteral = 8

// Literal is the secret of a key that was made elsewhere.
type Literal struct {
	// Key is what the caller calls the key.
	Key    string
	Secret model.Secret
}

// Kind says what a hit stands in.
type Kind string

// The kinds of hits.
const (
	// KindFile is a file of a tree.
	KindFile Kind = "file"
	// KindStaged is a file as git's index has it.
	KindStaged Kind = "staged"
	// KindHistory is a file as a commit has it.
	KindHistory Kind = "history"
	// KindCommit is the text of a commit: its message, or another line of its header.
	KindCommit Kind = "commit"
	// KindTag is the text of an annotated tag.
	KindTag Kind = "tag"
)

// Hit is one place where a secret stands. It does not hold the secret.
type Hit struct {
	Kind Kind
	// Key is what the caller calls the key.
	Key string
	// Repo is the repository of a hit that is not in a file: the path given, and below it that of a submodule.
	Repo string
	// Path is the file, of a hit in git below Repo; of a tag it is its name. Empty for the text of a commit.
	Path string
	// Line and Column count from 1; a column is a byte, or a unit of UTF-16 or UTF-32. For the text of a commit or tag they
	// count within the object as git keeps it, with its header.
	Line, Column int
	// Commit is the first commit that has this, by its full name; empty if there is none: what is not in git's history, or
	// a file that a tag names by itself.
	Commit string
	// Order is how many commits of the repository came before Commit.
	Order int
}

// Shown is the path of a hit as a person finds it: from where the paths given are.
func (h Hit) Shown() string {
	switch {
	case h.Kind == KindFile:
		return h.Path
	case h.Path == "":
		return h.Repo
	}
	return join(h.Repo, h.Path)
}

// Place is a file that was not read, and why.
type Place struct{ Path, Why string }

// Result is what a scan found. All of it is in a fixed order.
type Result struct {
	Hits []Hit
	// LeftAlone are files that are not looked into by design: archives and other compressed files.
	LeftAlone []Place
	// Unread are files, directories and repositories that could not be read. With any, the scan is not complete.
	Unread []Place
	// Notes are sentences about what was done otherwise than one might think.
	Notes []string
	// Files and Bytes are how much was read: files, or objects of git.
	Files, Bytes int64
}

// Scanner looks for one set of secrets. It can be used several times, also at the same time.
type Scanner struct {
	options Options

	mu    sync.Mutex
	known map[model.Digest]string // what Lookup said
}

// New returns a scanner.
func New(options Options) *Scanner {
	return &Scanner{options: options, known: map[model.Digest]string{}}
}

// sought is what one scan looks for.
type sought struct {
	*Scanner

	literals []Literal
	plain    *literals // those that are searched for everywhere
	wide     *literals // those in UTF-16, whose text holds zero bytes
	overlap  int       // the most bytes of a secret less one, in any encoding: what two windows share
}

// seek asks for the literals.
func (s *Scanner) seek(ctx context.Context) (*sought, error) {
	all := &sought{Scanner: s, overlap: widest * (maxToken - 1)}
	if s.options.Literals == nil {
		return all, nil
	}
	literals, err := s.options.Literals(ctx)
	if err != nil {
		return nil, err
	}
	var plain, wide []pattern
	for i, literal := range literals {
		text := literal.Secret.Reveal()
		if len(text) < MinLiteral {
			return nil, fmt.Errorf("a text of %d bytes is too short to be looked for: it needs %d", len(text), MinLiteral)
		}
		for _, p := range spellings(text) {
			p.literal = i
			if p.stride > 1 && slices.Contains(p.text, 0) {
				wide = append(wide, p)
			} else {
				plain = append(plain, p)
			}
			all.overlap = max(all.overlap, len(p.text)-1)
		}
	}
	all.literals, all.plain, all.wide = literals, newLiterals(plain), newLiterals(wide)
	return all, nil
}

func (s *Scanner) workers() int {
	if s.options.Workers > 0 {
		return s.options.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// key returns what the caller calls the key that a token is the secret of, or "".
func (s *Scanner) key(ctx context.Context, token string) (string, error) {
	secret := model.NewSecret(token)
	digest := secret.Digest()
	s.mu.Lock()
	defer s.mu.Unlock()
	if key, ok := s.known[digest]; ok {
		return key, nil
	}
	if s.options.Lookup == nil {
		return "", nil
	}
	key, err := s.options.Lookup(ctx, secret)
	if err == nil {
		s.known[digest] = key
	}
	return key, err
}

// gathering is the result of a scan that goes on. It is safe for concurrent use.
type gathering struct {
	mu     sync.Mutex
	result Result
	err    error
	cancel context.CancelFunc

	files, bytes atomic.Int64
}

func (g *gathering) hit(hits ...Hit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.result.Hits = append(g.result.Hits, hits...)
}

func (g *gathering) leftAlone(path, why string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.result.LeftAlone = append(g.result.LeftAlone, Place{path, why})
}

func (g *gathering) unread(path, why string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.result.Unread = append(g.result.Unread, Place{path, why})
}

func (g *gathering) notef(format string, args ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.result.Notes = append(g.result.Notes, fmt.Sprintf(format, args...))
}

// fail ends the scan with its first error.
func (g *gathering) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err == nil {
		g.err = err
	}
	g.cancel()
}

// done returns what was found, sorted and each thing once.
func (g *gathering) done() (Result, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.result
	r.Files, r.Bytes = g.files.Load(), g.bytes.Load()
	slices.SortFunc(r.Hits, compareHits)
	r.Hits = slices.Compact(r.Hits)
	for _, places := range []*[]Place{&r.LeftAlone, &r.Unread} {
		slices.SortFunc(*places, func(a, b Place) int {
			return first(strings.Compare(a.Path, b.Path), strings.Compare(a.Why, b.Why))
		})
		*places = slices.Compact(*places)
	}
	slices.Sort(r.Notes)
	r.Notes = slices.Compact(r.Notes)
	return r, g.err
}

func compareHits(a, b Hit) int {
	return first(
		strings.Compare(filepath.Join(a.Repo, a.Path), filepath.Join(b.Repo, b.Path)), strings.Compare(a.Repo, b.Repo),
		strings.Compare(string(a.Kind), string(b.Kind)), a.Order-b.Order, strings.Compare(a.Commit, b.Commit),
		a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Key, b.Key),
	)
}

// first returns the first comparison that tells a difference.
func first(comparisons ...int) int {
	for _, c := range comparisons {
		if c != 0 {
			return c
		}
	}
	return 0
}
