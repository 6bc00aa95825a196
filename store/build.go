package store

import (
	"bytes"
	"errors"

	"clavier/model"
)

// The places of sweepColumns in a row.
const (
	columnID = iota
	columnName
	columnHint
	columnOwner
	columnCreated
	columnUsed
	columnExpires
	columnDisabled
	columnTraits
)

// usualText is room for the texts of a key that are not unusually long.
const usualText = 100

// builder makes keys from rows. The texts of all its keys share one allocation, and so do equal owners that follow each
// other.
type builder struct {
	keys   []model.Key
	text   []byte
	places []place

	// The keys that were given already and are left out: their ids, and the moment of the oldest in nanoseconds.
	given  map[string]struct{}
	oldest int64
}

// place says where in the common text the texts of a key begin and end. The id, name and hint follow each other.
type place struct {
	id, name, hint, end int
	owner, ownerEnd     int
}

// errNoText is what is wrong with a row that no program of ours has written.
var errNoText = errors.New("a text of a key is missing")

// newBuilder returns a builder with room for n keys.
func newBuilder(n int) *builder {
	return &builder{keys: make([]model.Key, 0, n), text: make([]byte, 0, n*usualText), places: make([]place, 0, n)}
}

// without makes the builder leave out keys that were given already; none of them is older than oldest.
func (b *builder) without(given map[string]struct{}, oldest int64) *builder {
	b.given, b.oldest = given, oldest
	return b
}

func (b *builder) size() int { return len(b.keys) }

func (b *builder) reset() {
	b.keys, b.text, b.places = b.keys[:0], b.text[:0], b.places[:0]
}

// add takes in the row of sweepColumns that rows stands on. It returns errNoText if a text is missing, which the schema does
// not allow.
func (b *builder) add(rows *statement) error {
	id, created := rows.text(columnID), rows.int(columnCreated)
	if created >= b.oldest {
		if _, again := b.given[string(id)]; again {
			return nil
		}
	}
	var at place
	at.id = len(b.text)
	b.text = append(b.text, id...)
	name := rows.text(columnName)
	at.name = len(b.text)
	b.text = append(b.text, name...)
	hint := rows.text(columnHint)
	at.hint = len(b.text)
	b.text = append(b.text, hint...)
	at.end = len(b.text)
	owner := rows.text(columnOwner)
	if n := len(b.places); n > 0 && bytes.Equal(owner, b.text[b.places[n-1].owner:b.places[n-1].ownerEnd]) {
		at.owner, at.ownerEnd = b.places[n-1].owner, b.places[n-1].ownerEnd
	} else {
		b.text = append(b.text, owner...)
		at.owner, at.ownerEnd = at.end, len(b.text)
	}
	if id == nil || name == nil || hint == nil || owner == nil {
		return errNoText
	}
	key := model.Key{
		CreatedAt: moment(created),
		LastUse:   model.LastUse{Reported: true},
		Disabled:  rows.int(columnDisabled) != 0,
	}
	traits := rows.int(columnTraits)
	if traits != 0 {
		setTraits(&key, traits)
	}
	if key.Imported {
		note, err := rows.d.noteOf(b.text[at.id:at.name])
		if err != nil {
			return err
		}
		key.Note = note
	} else if !rows.null(columnUsed) {
		key.LastUse.At = moment(rows.int(columnUsed))
	}
	if !rows.null(columnExpires) {
		key.ExpiresAt = moment(rows.int(columnExpires))
	}
	b.keys, b.places = append(b.keys, key), append(b.places, at)
	return nil
}

// finish gives the keys their texts.
func (b *builder) finish() {
	text := string(b.text)
	for i, at := range b.places {
		key := &b.keys[i]
		key.ID, key.Name, key.Hint = text[at.id:at.name], text[at.name:at.hint], text[at.hint:at.end]
		key.Owner = text[at.owner:at.ownerEnd]
	}
}
