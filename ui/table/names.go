package table

import (
	"hash/maphash"

	"golang.org/x/text/unicode/norm"
)

// seed is drawn once, so that nobody can choose texts that meet in a hash.
var seed = maphash.MakeSeed()

// hashName returns a hash that is the same for names that are the same after NFC.
func hashName(name string) uint32 { return uint32(maphash.String(seed, norm.NFC.String(name))) }

// SameName returns how many live keys have a name, compared byte for byte after NFC as [model.SameName] does. It looks at
// four bytes of every row.
func (t *Table) SameName(name string) int { return t.SameNames([]string{name})[0] }

// SameNames is SameName for each of several names. It takes little longer than for one.
func (t *Table) SameNames(names []string) []int {
	counts := make([]int, len(names))
	places := make(map[string]int, len(names)) // by name after NFC, the place that counts
	var filter [1 << 10]uint64                 // by the low bits of hashes
	for i, name := range names {
		name = norm.NFC.String(name)
		if _, ok := places[name]; !ok {
			places[name] = i
			hash := hashName(name)
			filter[hash>>6&1023] |= 1 << (hash & 63)
		}
	}
	for _, c := range t.chunks {
		for i, hash := range c.names {
			if filter[hash>>6&1023]>>(hash&63)&1 == 0 || !c.live.has(i) {
				continue
			}
			at, _, _ := c.rawSpans(i)
			if place, ok := places[norm.NFC.String(string(c.text[at.from:at.to]))]; ok {
				counts[place]++
			}
		}
	}
	for i, name := range names {
		counts[i] = counts[places[norm.NFC.String(name)]]
	}
	return counts
}
