package store

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/url"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"clavier/model"
)

// fillAtOnce is how many records Fill stores in one transaction, which takes about a second: other programs wait for less
// than Wait.
const fillAtOnce = 20_000

// Fill stores very many records, for a demonstration or a measurement: each as Put does, with a line of activity, but
// 20 000 in one durable transaction. Unlike with Put, the last use is taken from the record if it is reported, and the line of
// activity names the key's owner, if it has one, in place of by.By.
//
// It returns the errors of Put; the records before the one that failed are stored then, and none after it. If ctx ends, those of
// finished transactions are stored.
func (s *Store) Fill(ctx context.Context, records iter.Seq[model.Record], by model.Actor) error {
	f, err := s.beginFill()
	if err != nil {
		return s.explain(ctx, err)
	}
	defer f.d.close()
	var batch []model.Record
	for rec := range records {
		if batch = append(batch, rec); len(batch) < s.bounds.fill {
			continue
		}
		if err := s.fillBatch(ctx, f, batch, by); err != nil {
			return err
		}
		clear(batch)
		batch = batch[:0]
	}
	return s.fillBatch(ctx, f, batch, by)
}

// filler is the connection and the statements of one Fill.
type filler struct {
	d                                      *direct
	reuseSlot, newSlot, deleted, key, line *statement
	noSlots                                map[int]bool // the sizes of which this transaction has found no free slot
}

func (s *Store) beginFill() (*filler, error) {
	if err := s.stillThere(); err != nil {
		return nil, err
	}
	d, err := openDirect(fileURI(s.path, s.vfs, url.Values{"mode": {"rw"}}), fillPragmas(s.wait))
	if err != nil {
		return nil, err
	}
	f := &filler{d: d}
	for _, one := range []struct {
		into  **statement
		query string
	}{
		{&f.reuseSlot, sqlReuseSlot}, {&f.newSlot, sqlNewSlot}, {&f.deleted, sqlDeletedID},
		{&f.key, sqlInsertKey}, {&f.line, sqlInsertActivity},
	} {
		if *one.into, err = d.prepare(one.query); err != nil {
			d.close()
			return nil, err
		}
	}
	return f, nil
}

// errOneByOne says that a record of a batch cannot be stored, or is there already: Put tells which and why.
var errOneByOne = errors.New("a record needs a closer look")

func (s *Store) fillBatch(ctx context.Context, f *filler, batch []model.Record, by model.Actor) error {
	if len(batch) == 0 {
		return s.explain(ctx, ctx.Err())
	}
	if err := s.stillThere(); err != nil {
		return err
	}
	err := f.store(ctx, batch, by)
	if !errors.Is(err, errOneByOne) {
		return s.explain(ctx, err)
	}
	for _, rec := range batch {
		used := usedAt(rec.Key)
		if !used.IsZero() {
			if err := checkTime("the last use", used); err != nil {
				return err
			}
		}
		if err := s.Put(ctx, rec, lineBy(rec.Key, by)); err != nil {
			return err
		}
		if !used.IsZero() {
			if err := s.Touch(ctx, rec.Key.ID, used); err != nil {
				return err
			}
		}
	}
	return nil
}

// usedAt returns the last use of a key; the zero time if there was none, or none is reported.
func usedAt(key model.Key) time.Time {
	if !key.LastUse.Reported {
		return time.Time{}
	}
	return key.LastUse.At
}

// lineBy says who a record's line of activity is by.
func lineBy(key model.Key, by model.Actor) model.Actor {
	if key.Owner != "" {
		by.By = key.Owner
	}
	return by
}

// store stores all records of a batch in one transaction, or none.
func (f *filler) store(ctx context.Context, batch []model.Record, by model.Actor) (err error) {
	if err := f.d.exec(sqlBegin); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.d.rollback())
		}
	}()
	f.noSlots = map[int]bool{}
	for _, rec := range batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.add(rec, lineBy(rec.Key, by)); err != nil {
			return err
		}
	}
	return f.d.exec(sqlCommit)
}

func (f *filler) add(rec model.Record, by model.Actor) error {
	key := rec.Key
	if checkRecord(rec) != nil {
		return errOneByOne
	}
	if _, spent, err := f.deleted.run(key.ID); err != nil || spent {
		return cmp.Or(err, errOneByOne)
	}
	slot, err := f.slot(rec.Sealed)
	if err != nil {
		return err
	}
	used, created := usedAt(key), nanos(key.CreatedAt)
	if !used.IsZero() && checkTime("", used) != nil {
		return errOneByOne
	}
	_, _, err = f.key.run(key.ID, key.Name, key.Hint, key.Owner, created, used, key.ExpiresAt, boolInt(key.Disabled),
		ownTraits(key), key.Note, tagOf(rec.Sealed.Digest), slot)
	if hasCode(err, sqlite3.SQLITE_CONSTRAINT) { // the id, the name or the tag is another key's
		return errOneByOne
	}
	if err != nil {
		return err
	}
	_, _, err = f.line.run(rec.MadeAt().UnixNano(), string(beginning(key)), key.ID, key.Name, created, by.By, by.From, nil)
	return err
}

// slot writes the sealed secret into a slot, as fillSlot does.
func (f *filler) slot(sealed model.Sealed) (slot int64, err error) {
	size := len(sealed.Ciphertext)
	if !f.noSlots[size] {
		slot, found, err := f.reuseSlot.run(sealed.Digest[:], sealed.Ciphertext, int64(size))
		if err != nil || found {
			return slot, err
		}
		f.noSlots[size] = true
	}
	slot, _, err = f.newSlot.run(sealed.Digest[:], sealed.Ciphertext)
	return slot, err
}
