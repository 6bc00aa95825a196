//go:build linux || darwin

package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"clavier/demo"
	"clavier/model"
	"clavier/store"
)

// Crowd is as many keys as one likes, as clavier demo makes them, twice: in a
// store, and as a file of their names in the order of the list, which begins
// with the newest.
type Crowd struct {
	// Keys are all of them, in the order of the list.
	Keys []model.Key
	// Store is the file that holds them. It is not to be opened but copied.
	Store string
	// Names is the file of their names.
	Names string

	dir string
}

// crowdAge is how old the newest key of a crowd is at least, so that no age on
// the screen changes while it is measured.
const crowdAge = 200 * 24 * time.Hour

// NewCrowd makes n keys in dir, or takes those that an earlier call left there.
func NewCrowd(dir string, n int) (*Crowd, error) {
	c := &Crowd{
		Store: filepath.Join(dir, fmt.Sprintf("crowd-%d.db", n)), Names: filepath.Join(dir, fmt.Sprintf("names-%d", n)), dir: dir,
	}
	o := demo.Options{Keys: n, Seed: 1, Now: time.Now().Add(-crowdAge)}
	err := filled(c.Store, func(s *store.Store) error { return o.Fill(context.Background(), s, noise{}, nil) })
	if err != nil {
		return nil, fmt.Errorf("fill a store with %d keys: %w", n, err)
	}
	if c.Keys, err = listed(c.Store); err != nil {
		return nil, err
	}
	if len(c.Keys) != n {
		return nil, fmt.Errorf("%s holds %d keys and not %d; remove it", c.Store, len(c.Keys), n)
	}
	return c, writeLines(c.Names, n, func(i int) string { return c.Keys[i].Name })
}

// top are the names of the first n rows, or of all.
func (c *Crowd) top(n int) []string {
	all := make([]string, min(n, len(c.Keys)))
	for i := range all {
		all[i] = c.Keys[i].Name
	}
	return all
}

// noise seals a secret to nobody.
type noise struct{}

// sealedSize is the size of a secret that age has sealed to one X25519 recipient.
const sealedSize = 242

// Seal returns as many random bytes as a sealed secret has.
func (noise) Seal(secret model.Secret) (model.Sealed, error) {
	sealed := make([]byte, sealedSize)
	_, _ = rand.Read(sealed) // it never fails
	return model.Sealed{Digest: secret.Digest(), Ciphertext: sealed}, nil
}

// filled makes a store at path and has it filled, unless it is there. It works
// in memory where the system has a file system for that.
func filled(path string, fill func(*store.Store) error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	memory := "/dev/shm"
	if _, err := os.Stat(memory); err != nil {
		memory = "" // the usual place for temporary files
	}
	work, err := os.MkdirTemp(memory, "clavier-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	made := filepath.Join(work, "local.db")
	if err := change(made, fill); err != nil {
		return err
	}
	// A file of this name is a whole store, whenever the program was stopped.
	if err := copyFile(path+".new", made); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// listed reads the keys of a store, newest first.
func listed(path string) ([]model.Key, error) {
	var keys []model.Key
	err := change(path, func(s *store.Store) (err error) {
		keys, err = s.List(context.Background())
		return err
	})
	return keys, err
}

// change opens a store, has something done with it and closes it.
func change(path string, do func(*store.Store) error) error {
	s, err := store.Open(context.Background(), path)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}
