package table

import (
	"slices"
)

// The signs of a text say which bytes and which pairs of bytes are in it: a text holds another only if it has the other's
// signs. They are kept across: for each sign the bits of 512 rows are one cache line, and a search for a word reads only
// the lines of its signs. Bytes have a sign each, but for those that are rare in names; 128 signs are shared by the pairs, by
// a hash: a name of 30 bytes has a fifth of them.
//
// That is a signature file, sliced by bits: C. Faloutsos, S. Christodoulakis, "Signature files: an access method for
// documents and its analytical performance evaluation", 1984.
const (
	byteSigns = 64
	pairSigns = 128
	signs     = byteSigns + pairSigns

	signGroupBits = 9
	signGroupRows = 1 << signGroupBits
	signWords     = signGroupRows / 64
)

// signGroup holds the signs of 512 rows.
type signGroup [signs]signLine

// signLine is one sign of 512 rows.
type signLine [signWords]uint64

// signBytes are the bytes that have a sign to themselves.
const signBytes = "abcdefghijklmnopqrstuvwxyz0123456789-_. /:@+=,#()[]&*!'~"

// byteSign is the sign of a byte.
var byteSign = func() (table [256]uint8) {
	for b := range table {
		table[b] = byteSigns - 1
		if b >= 0x80 {
			table[b] = byteSigns - 2
		}
	}
	for sign := range len(signBytes) {
		table[signBytes[sign]] = uint8(sign)
	}
	return table
}()

// pairSign is the sign of two bytes that follow each other. The factor is 2 to the 32 by the golden ratio, which spreads
// numbers that are near each other: D. Knuth, The Art of Computer Programming, volume 3, section 6.4.
func pairSign(a, b byte) uint8 {
	return byteSigns + uint8((uint32(a)<<8|uint32(b))*2654435769>>(32-7))
}

// sign sets the signs of the text of a row, which had none.
func (g *signGroup) sign(i int, text []byte) {
	word, bit := i>>6&(signWords-1), uint64(1)<<(i&63)
	last := byte(border)
	for _, b := range text {
		g[byteSign[b]][word] |= bit
		g[pairSign(last, b)][word] |= bit
		last = b
	}
}

// unsign takes all signs of a row away.
func (g *signGroup) unsign(i int) {
	word, bit := i>>6&(signWords-1), uint64(1)<<(i&63)
	for sign := range g {
		g[sign][word] &^= bit
	}
}

// signsOf returns the signs of a word, those first that few texts have.
func signsOf(word string) (list []uint8) {
	for i := range len(word) {
		list = append(list, byteSign[word[i]])
		if i > 0 {
			list = append(list, pairSign(word[i-1], word[i]))
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	slices.Reverse(list)
	return list
}

// with returns those of 512 rows that have all the signs.
func (g *signGroup) with(list []uint8, rows *signLine) {
	for _, sign := range list {
		line := &g[sign]
		left := uint64(0)
		for w := range rows {
			rows[w] &= line[w]
			left |= rows[w]
		}
		if left == 0 {
			return
		}
	}
}
