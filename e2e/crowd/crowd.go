// Package crowd makes the many keys that end-to-end tests look at: realistic ones, the same each time, and among them
// two that a test knows by name. Whoever makes them again, in another process too, gets the same secrets.
package crowd

import (
	"context"
	"iter"
	"time"

	"clavier/demo"
	"clavier/model"
	"clavier/store"
)

const seed = 7

// The two keys belong, by their names, to a family of dead keys of which there are some hundred among 100 000 keys.
const (
	// Family is what the names of the family have in common.
	Family = "old-do-not-use"
	// Protected matches model.DefaultProtect and was never used.
	Protected = Family + "-prod"
	// Busy was used Recently.
	Busy = Family + "-busy"
	// Recently is how long before Options.Now.
	Recently = 2 * time.Hour
)

// Options say which keys.
type Options struct {
	// Keys is how many, at least 3.
	Keys int
	// Now is the moment that all times are relative to.
	Now time.Time
}

func (o Options) demo() demo.Options { return demo.Options{Keys: o.Keys, Seed: seed, Now: o.Now} }

// Records yields the keys with their sealed secrets, the oldest first. It ends early, with *failed set, if a secret
// cannot be sealed.
func (o Options) Records(to demo.Sealer, failed *error) iter.Seq[model.Record] {
	return func(yield func(model.Record) bool) {
		i := 0
		for record := range o.demo().Records(to, failed) {
			i++
			switch key := &record.Key; i {
			case o.Keys / 3: // three years old
				key.Name, key.LastUse.At, key.ExpiresAt, key.Disabled = Protected, time.Time{}, time.Time{}, false
			case o.Keys / 4: // four
				key.Name, key.LastUse.At = Busy, o.Now.Add(-Recently).UTC().Truncate(time.Millisecond)
				key.ExpiresAt, key.Disabled = time.Time{}, false
			}
			if !yield(record) {
				return
			}
		}
	}
}

// Fill makes a store with the keys at path.
func (o Options) Fill(ctx context.Context, path string, to demo.Sealer) (err error) {
	records, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { //nolint:contextcheck // what is open is closed, whatever became of ctx
		if closeErr := records.Close(); err == nil {
			err = closeErr
		}
	}()
	var failed error
	if err := records.Fill(ctx, o.Records(to, &failed), model.Actor{By: "crowd", From: "crowd"}); err != nil {
		return err
	}
	return failed
}

// Key is a key with its secret.
type Key struct {
	model.Key
	Secret model.Secret
}

// All returns the keys with their secrets, the oldest first. It seals nothing.
func (o Options) All() ([]Key, error) {
	var failed error
	kept := &keeper{}
	keys := make([]Key, 0, o.Keys)
	for record := range o.Records(kept, &failed) {
		keys = append(keys, Key{record.Key, kept.last})
	}
	return keys, failed
}

// keeper is a sealer that keeps the last secret and seals nothing.
type keeper struct{ last model.Secret }

// Seal returns an empty sealed secret.
func (k *keeper) Seal(secret model.Secret) (model.Sealed, error) {
	k.last = secret
	return model.Sealed{}, nil
}
