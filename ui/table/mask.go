package table

// The mask of a text says which bytes are in it: one bit for each letter, digit and usual mark, one for all of UTF-8
// beyond ASCII, one for the rest. A text holds another only if its mask holds the other's.
const (
	bitBeyondASCII = 62
	bitOther       = 63
)

// ownBits are the bytes that have a bit to themselves, in the order of the bits.
const ownBits = "abcdefghijklmnopqrstuvwxyz0123456789-_. /:@+=,#()[]&*!'~"

// byteBit is the bit of a byte. Borders have none.
var byteBit = func() (table [256]uint64) {
	for b := range table {
		if b < 0x80 {
			table[b] = 1 << bitOther
		} else {
			table[b] = 1 << bitBeyondASCII
		}
	}
	table[border] = 0
	for i := range len(ownBits) {
		table[ownBits[i]] = 1 << i
	}
	return table
}()

// ownMask has the bits that stand for one byte alone.
const ownMask = 1<<len(ownBits) - 1

func maskOf[T string | []byte](text T) (mask uint64) {
	for i := range len(text) {
		mask |= byteBit[text[i]]
	}
	return mask
}
