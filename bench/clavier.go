//go:build linux || darwin

package bench

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"clavier/model"
	"clavier/store"
)

// sealedSize is the size of a secret that age has sealed to one X25519 recipient.
const sealedSize = 242

// Clavier is this program over an embedded store of rows keys, with its own
// painter or, if stock, with Bubble Tea's renderer. The binary is built and the
// store filled in dir, once for all subjects there.
func Clavier(dir string, rows int, stock bool) (Subject, error) {
	bin, err := build(dir, "clavier")
	if err != nil {
		return Subject{}, err
	}
	filled, err := fill(dir, rows)
	if err != nil {
		return Subject{}, fmt.Errorf("fill a store with %d keys: %w", rows, err)
	}
	s := Subject{
		Name: "clavier", Argv: []string{bin},
		// Before it has the keys, the footer does not offer to delete one.
		Ready: append(names(min(rows, 10)), "d delete  enter details  ? help  q quit"),
		Down:  "j", Up: "k", Quit: "q", Rows: rows,
	}
	renderer := "cells"
	if stock {
		s.Name, renderer = "clavier, stock renderer", "stock"
	}
	home := filepath.Join(dir, fmt.Sprintf("home-%d-%s", rows, renderer))
	if err := copyFile(filepath.Join(home, "data", "clavier", "local.db"), filled); err != nil {
		return Subject{}, err
	}
	s.Env = append(environment(home), "CLAVIER_RENDERER="+renderer,
		"XDG_DATA_HOME="+filepath.Join(home, "data"), "XDG_CONFIG_HOME="+filepath.Join(home, "config"))
	return s, nil
}

// fill makes a store of rows keys in dir, unless it is there, and returns its
// path. The keys are made by the store's own Put, in memory where the system has
// a file system for that, since each is durable before the next; the newest is
// the first of names.
func fill(dir string, rows int) (string, error) {
	filled := filepath.Join(dir, fmt.Sprintf("keys-%d.db", rows))
	if _, err := os.Stat(filled); err == nil {
		return filled, nil
	}
	memory := "/dev/shm"
	if _, err := os.Stat(memory); err != nil {
		memory = "" // the usual place for temporary files
	}
	work, err := os.MkdirTemp(memory, "clavier-bench")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }()
	path := filepath.Join(work, "local.db")
	s, err := store.Open(context.Background(), path)
	if err != nil {
		return "", err
	}
	for i, name := range names(rows) {
		if err := s.Put(context.Background(), record(i, name), model.Actor{By: "bench", From: "bench"}); err != nil {
			return "", errors.Join(err, s.Close())
		}
	}
	if err := s.Close(); err != nil {
		return "", err
	}
	return filled, copyFile(filled, path)
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
