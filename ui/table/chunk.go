package table

import (
	"math"
	"strings"
	"time"

	"clavier/model"
)

const (
	chunkBits = 13
	// chunkRows is how many rows a chunk has at most: few enough that its masks stay in a core's own cache, and that a
	// search which asks once for each chunk whether it is still wanted stops at once.
	chunkRows = 1 << chunkBits
	// chunkText is the size of its text in bytes from which on a chunk takes no more rows.
	chunkText = 1 << 30
)

// bits has one bit for each row of a chunk.
type bits [chunkRows / 64]uint64

func (b *bits) has(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }
func (b *bits) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b *bits) clear(i int)    { b[i>>6] &^= 1 << (i & 63) }

// flag is a fact about a row.
type flag uint8

const (
	flagReported flag = 1 << iota // the provider reports the last use
	flagDisabled
	flagTextID  // the id stands in the text, not in column uuid
	flagRawName // the name is not the Fold of itself, so that it stands in the text too; likewise the others
	flagRawHint
	flagRawID
	flagImported
	flagDead // an API refused it when it was last tried
)

// chunk holds some rows in columns. What a snapshot can see of it never changes: a column may grow beyond that, and is
// copied before a row in it changes.
type chunk struct {
	rows int
	live *bits // those that are not deleted

	text    []byte       // see text.go
	waste   int          // bytes of text that no row has any more
	borders bool         // a name may hold the byte of a border
	start   []uint32     // where the text of a row begins
	signs   []*signGroup // of the folded text, by 512 rows, see sign.go
	names   []uint32     // hash of the name, see names.go
	flags   []flag
	uuid    []uuid // the ids, but those in the text

	created, used, expires []int64     // moments, see moment.go
	far                    []time.Time // those that nanoseconds cannot count

	owner  []uint16 // place in owners
	owners []owner

	rare  map[uint16]rare // by row; nil if no row has something rare
	notes notes

	stale *staleMemo // belongs to these rows as they are: a chunk that changes gets a new one
}

// owner is one owner of keys in a chunk.
type owner struct {
	text, folded string
}

// newChunk returns an empty chunk with room for some rows.
func newChunk(room int) *chunk {
	return &chunk{
		live:    new(bits),
		text:    make([]byte, 0, 64*room),
		start:   make([]uint32, 0, room),
		names:   make([]uint32, 0, room),
		flags:   make([]flag, 0, room),
		uuid:    make([]uuid, 0, room),
		created: make([]int64, 0, room),
		used:    make([]int64, 0, room),
		expires: make([]int64, 0, room),
		owner:   make([]uint16, 0, room),
		stale:   new(staleMemo),
	}
}

// full reports whether the chunk takes no more rows.
func (c *chunk) full() bool {
	return c.rows == chunkRows || len(c.text) >= chunkText || len(c.far) > farMost-3 || len(c.owners) > math.MaxUint16
}

// append adds a row, which is live, whose owner has this place, and returns what is known of its text. The chunk must
// not be full.
func (c *chunk) append(k *model.Key, owner uint16) rowText {
	t := c.appendText(k)
	c.start = append(c.start, t.start)
	if c.rows&(signGroupRows-1) == 0 {
		c.signs = append(c.signs, new(signGroup))
	}
	c.sign(c.rows, t)
	c.names = append(c.names, hashName(k.Name))
	c.flags = append(c.flags, t.flags|keyFlags(k))
	c.uuid = append(c.uuid, t.uuid)
	c.created = append(c.created, c.moment(k.CreatedAt))
	c.used = append(c.used, c.moment(k.LastUse.At))
	c.expires = append(c.expires, c.moment(k.ExpiresAt))
	c.owner = append(c.owner, owner)
	if r := rareOf(k); r != (rare{}) {
		c.setRare(c.rows, r)
	}
	c.live.set(c.rows)
	c.rows++
	return t
}

// sign sets the signs of a row, which had none.
func (c *chunk) sign(i int, t rowText) {
	c.signs[i>>signGroupBits].sign(i, c.text[t.from:t.to])
}

// keyFlags are the flags that do not follow from the text.
func keyFlags(k *model.Key) (f flag) {
	if k.LastUse.Reported {
		f |= flagReported
	}
	if k.Disabled {
		f |= flagDisabled
	}
	if k.Imported {
		f |= flagImported
	}
	if k.Dead {
		f |= flagDead
	}
	return f
}

const (
	rawFlags  = flagRawName | flagRawHint | flagRawID
	textFlags = flagTextID | rawFlags // those that follow from the text
)

// ownerPlace returns the place of an owner in the dictionary, which it joins if it is not there.
func (c *chunk) ownerPlace(text string) uint16 {
	for i := range c.owners {
		if c.owners[i].text == text {
			return uint16(i)
		}
	}
	return c.addOwner(text)
}

// addOwner adds an owner that is not in the dictionary.
func (c *chunk) addOwner(text string) uint16 {
	text = strings.Clone(text)
	folded := model.Fold(text)
	c.owners = append(c.owners, owner{text, folded})
	return uint16(len(c.owners) - 1)
}

// key returns a row as it was given, but that times are in UTC.
func (c *chunk) key(i int) model.Key {
	f := c.flags[i]
	name, hint, id := c.texts(i)
	few := c.rare[uint16(i)]
	return model.Key{
		ID: id, Name: name, Hint: hint, Owner: c.owners[c.owner[i]].text,
		CreatedAt: c.time(c.created[i]),
		LastUse:   model.LastUse{Reported: f&flagReported != 0, At: c.time(c.used[i])},
		ExpiresAt: c.time(c.expires[i]),
		Disabled:  f&flagDisabled != 0,
		Imported:  f&flagImported != 0,
		Note:      few.note,
		Rotating:  few.rotating,
		Dead:      f&flagDead != 0,
		Role:      few.role,
	}
}
