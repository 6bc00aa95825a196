//go:build linux || darwin

package bench

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"clavier/e2e/term"
	"clavier/model"
	"clavier/store"
)

// Clavier is this program over an embedded store of rows keys, with its own
// painter or, if stock, with Bubble Tea's renderer. The binary is built and the
// store filled in dir, once for all subjects there.
func Clavier(dir string, rows int, stock bool) (Subject, error) {
	keys := filepath.Join(dir, fmt.Sprintf("keys-%d.db", rows))
	err := filled(keys, func(s *store.Store) error {
		return s.Fill(context.Background(), records(rows), model.Actor{By: "bench", From: "bench"})
	})
	if err != nil {
		return Subject{}, fmt.Errorf("fill a store with %d keys: %w", rows, err)
	}
	name, renderer := "clavier", "cells"
	if stock {
		name, renderer = "clavier, stock renderer", "stock"
	}
	s, err := clavier(dir, fmt.Sprintf("home-%d-%s", rows, renderer), keys, names(min(rows, 10)), rows)
	s.Name, s.Env = name, append(s.Env, "CLAVIER_RENDERER="+renderer)
	return s, err
}

// ClavierCrowd is this program over a copy of the store of a crowd.
func ClavierCrowd(dir string, c *Crowd) (Subject, error) {
	return clavier(dir, fmt.Sprintf("crowd-%d", len(c.Keys)), c.Store, c.top(10), len(c.Keys))
}

// clavier is this program over a copy of a store, with a home of its own in dir.
func clavier(dir, home, keys string, first []string, rows int) (Subject, error) {
	bin, err := build(dir, "clavier")
	if err != nil {
		return Subject{}, err
	}
	home = filepath.Join(dir, home)
	if err := copyFile(filepath.Join(home, "data", "clavier", "local.db"), keys); err != nil {
		return Subject{}, err
	}
	return Subject{
		Name: "clavier", Argv: []string{bin},
		Env: append(environment(home),
			"XDG_DATA_HOME="+filepath.Join(home, "data"), "XDG_CONFIG_HOME="+filepath.Join(home, "config")),
		// Before it has the keys, the footer does not offer to delete one.
		Ready: append(first, "d delete", "q quit"),
		Down:  "j", Up: "k", Quit: "q", Rows: rows,
		Tall: Tall{
			Page: "\x1b[6~", Mark: " ", MarkAll: "a", Open: "/", Drop: "\x1b", Clear: "\x1b",
			Filter: Fields, Count: countClavier,
		},
	}, nil
}

// What clavier says about its list. Numbers have a space between thousands.
var (
	clavierKeys   = regexp.MustCompile(`(?:^| )(\d{1,3}(?: \d{3})*)(\+?) keys?(?: ·|$)`)
	clavierMarked = regexp.MustCompile(`· (\d{1,3}(?: \d{3})*) marked`)
	clavierTally  = regexp.MustCompile(`(\d{1,3}(?: \d{3})*)(?: stale)? of (\d{1,3}(?: \d{3})*)(\+?)$`)
)

// countClavier reads the header and the line of the filter, which is the third
// from below.
func countClavier(s term.Screen) Count {
	head := clavierKeys.FindStringSubmatch(s.Line(0))
	if head == nil {
		return Count{-1, -1, -1, true}
	}
	c := Count{number(head[1]), number(head[1]), 0, head[2] != ""}
	if marked := clavierMarked.FindStringSubmatch(s.Line(0)); marked != nil {
		c.Marked = number(marked[1])
	}
	line := s.Line(s.Rows - 3)
	if !strings.HasPrefix(line, " /") {
		return c
	}
	tally := clavierTally.FindStringSubmatch(line)
	if tally == nil {
		return Count{-1, c.All, c.Marked, true}
	}
	c.Shown, c.Busy = number(tally[1]), c.Busy || tally[3] != ""
	return c
}

// records are n keys with plain names. The newest is the first of names.
func records(n int) iter.Seq[model.Record] {
	return func(yield func(model.Record) bool) {
		for i, name := range names(n) {
			if !yield(record(i, name)) {
				return
			}
		}
	}
}

// record is the i-th newest key, with noise for what is sealed. It is old enough
// that its age in words does not change while it is looked at.
func record(i int, name string) model.Record {
	sealed := make([]byte, sealedSize)
	_, _ = rand.Read(sealed)
	created := time.Now().Add(-200*24*time.Hour - time.Duration(i)*time.Minute)
	return model.Record{
		Key: model.Key{
			ID: fmt.Sprintf("00000000-0000-7000-8000-%012d", i), Name: name,
			Hint: "clv_…" + base64.RawURLEncoding.EncodeToString(sealed[:3]), CreatedAt: created.Truncate(time.Millisecond),
		},
		Sealed: model.Sealed{Digest: sha256.Sum256(sealed), Ciphertext: sealed},
	}
}

// copyFile copies a file into directories that it makes, all of it private.
func copyFile(to, from string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}
