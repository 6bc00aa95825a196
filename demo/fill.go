package demo

import (
	"context"
	"iter"

	"clavier/model"
	"clavier/store"
)

// Sealer encrypts a secret to whoever may have it again: a Vault of this package, or one that outlives the program.
type Sealer interface {
	Seal(secret model.Secret) (model.Sealed, error)
}

// maker is who made the keys, as far as their own record does not say.
var maker = model.Actor{By: "demo", From: "demo"}

// Records yields the keys with their secrets sealed, the oldest first. It ends early, with *failed set, if a secret cannot
// be drawn or sealed.
func (o Options) Records(to Sealer, failed *error) iter.Seq[model.Record] {
	return func(yield func(model.Record) bool) {
		for d := range o.all() {
			sealed, err := model.Sealed{}, d.err
			if err == nil {
				sealed, err = to.Seal(d.secret)
			}
			if err != nil {
				*failed = err
				return
			}
			if !yield(model.Record{Key: d.key, Sealed: sealed}) {
				return
			}
		}
	}
}

// Fill puts the keys into a store. Progress, if it is not nil, is told now and then how many are in. It returns the errors
// of the store, of Random and of the sealer, and the error of ctx if that ends; some keys may be in then.
func (o Options) Fill(ctx context.Context, into *store.Store, to Sealer, progress func(done int)) error {
	const often = 1024
	var failed error
	records := func(yield func(model.Record) bool) {
		done := 0
		for record := range o.Records(to, &failed) {
			if !yield(record) {
				return
			}
			if done++; done%often == 0 && progress != nil {
				progress(done)
			}
		}
	}
	if err := into.Fill(ctx, records, maker); err != nil {
		return err
	}
	return failed
}

// Build makes a store with the keys at path, for measurements. Their secrets are sealed by a vault that is gone when
// Build returns: they can be listed, verified and deleted, and not be had again.
func (o Options) Build(ctx context.Context, path string) (err error) {
	vault, err := NewVault()
	if err != nil {
		return err
	}
	records, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { //nolint:contextcheck // what is open is closed, whatever became of ctx
		if closeErr := records.Close(); err == nil {
			err = closeErr
		}
	}()
	return o.Fill(ctx, records, vault, nil)
}
