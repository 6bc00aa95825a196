package store

import (
	"context"
	"iter"

	"clavier/model"
)

// Digests gives all keys with the digests of their secrets, 2048 at a time, in any order, read over several connections side
// by side. Hint, Owner, Note, Rotating and Dead are left out. Every page has Total and Mark as they were when the reading began;
// a store without keys gives one page without keys.
//
// What Pages says of keys that come and go meanwhile, of slow callers and of errors holds here too; DigestChanges since the
// Mark tells what a caller missed.
func (s *Store) Digests(ctx context.Context) iter.Seq2[model.DigestPage, error] {
	return func(yield func(model.DigestPage, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(s.life, func() { cancel(errClosed) })() //nolint:contextcheck // it ends the other one
		r, stop := s.beginSweep(ctx)
		defer stop()

		_, release, err := r.begin(ctx)
		if err != nil {
			yield(model.DigestPage{}, r.explain(ctx, err))
			return
		}
		release()
		given := false
		fresh := func() *digester { return newDigester(s.bounds.partKeys) }
		err = sweepParts(ctx, cancel, r, sqlDigests, fresh, func(d *digester) bool {
			given = true
			return yield(model.DigestPage{Keys: d.keys, Total: r.total, Mark: r.mark}, nil)
		})
		switch {
		case err != nil:
			yield(model.DigestPage{}, r.explain(ctx, err))
		case !given:
			yield(model.DigestPage{Total: r.total, Mark: r.mark}, nil)
		}
	}
}

// The places of digestColumns in a row.
const (
	digestedID = iota
	digestedName
	digestedDigest
	digestedCreated
	digestedUsed
	digestedExpires
	digestedDisabled
	digestedTraits
)

// digester makes keys with their digests from rows. The texts of all its keys share one allocation.
type digester struct {
	keys   []model.Digested
	text   []byte
	places []digestedPlace
}

// digestedPlace says where in the common text the texts of a key are: the name follows the id.
type digestedPlace struct{ id, name, end int }

// newDigester returns a digester with room for n keys.
func newDigester(n int) *digester {
	return &digester{make([]model.Digested, 0, n), make([]byte, 0, n*usualText), make([]digestedPlace, 0, n)}
}

func (b *digester) size() int { return len(b.keys) }

func (b *digester) reset() { b.keys, b.text, b.places = b.keys[:0], b.text[:0], b.places[:0] }

// add takes in the row of digestColumns that rows stands on.
func (b *digester) add(rows *statement) error {
	id, name := rows.text(digestedID), rows.text(digestedName)
	if id == nil || name == nil {
		return errNoText
	}
	at := digestedPlace{id: len(b.text), name: len(b.text) + len(id), end: len(b.text) + len(id) + len(name)}
	b.text = append(append(b.text, id...), name...)
	one := model.Digested{Key: model.Key{
		CreatedAt: moment(rows.int(digestedCreated)),
		LastUse:   model.LastUse{Reported: true},
		Disabled:  rows.int(digestedDisabled) != 0,
	}}
	digest := rows.blob(digestedDigest)
	if len(digest) != len(one.Digest) {
		return errDigestLength
	}
	copy(one.Digest[:], digest)
	if !rows.null(digestedUsed) {
		one.Key.LastUse.At = moment(rows.int(digestedUsed))
	}
	if !rows.null(digestedExpires) {
		one.Key.ExpiresAt = moment(rows.int(digestedExpires))
	}
	if traits := rows.int(digestedTraits); traits != 0 {
		setTraits(&one.Key, traits)
	}
	b.keys, b.places = append(b.keys, one), append(b.places, at)
	return nil
}

// finish gives the keys their texts.
func (b *digester) finish() {
	text := string(b.text)
	for i, at := range b.places {
		key := &b.keys[i].Key
		key.ID, key.Name = text[at.id:at.name], text[at.name:at.end]
	}
}

// DigestChanges tells what happened to the keys since a mark that Digests or DigestChanges gave, as Changes does, with the
// digests; the keys have what those of Digests have.
//
// All is true if more than an eighth of the keys have changed since, and more than 10 000: then Digests is quicker. See Changes
// for the rest.
func (s *Store) DigestChanges(ctx context.Context, since int64) (changes model.DigestChanges, err error) {
	if err := ctx.Err(); err != nil {
		return model.DigestChanges{}, s.explain(ctx, err)
	}
	r, stop := s.beginSweep(ctx)
	defer stop()
	err = s.watch.with(s, func(d *direct) error {
		changes, err = r.digestChanges(d, since)
		return err
	})
	if err != nil {
		return model.DigestChanges{}, r.explain(ctx, err)
	}
	return changes, nil
}

func (r *sweep) digestChanges(d *direct, since int64) (changes model.DigestChanges, err error) {
	if err := r.state(d); err != nil {
		return model.DigestChanges{}, err
	}
	defer func() {
		if err == nil {
			err = d.rollback()
		}
	}()
	changes = model.DigestChanges{Mark: r.mark}
	from, told := toldFrom(since, r.mark, max(r.store.bounds.changes, int64(r.total)/8))
	if !told || since == r.mark {
		changes.All = !told
		return changes, nil
	}
	changed, err := d.keep(sqlChangedDigests)
	if err != nil {
		return model.DigestChanges{}, err
	}
	if err := changed.bind(from); err != nil {
		return model.DigestChanges{}, err
	}
	b := newDigester(0)
	if err := r.fill(changed, b); err != nil {
		return model.DigestChanges{}, err
	}
	changes.Keys = b.keys
	gone, err := d.keep(sqlGone)
	if err != nil {
		return model.DigestChanges{}, err
	}
	if err := gone.bind(from); err != nil {
		return model.DigestChanges{}, err
	}
	defer gone.reset()
	for {
		more, err := gone.step()
		if err != nil || !more {
			return changes, err
		}
		changes.Gone = append(changes.Gone, string(gone.text(0)))
	}
}
