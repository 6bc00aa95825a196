package table

import "slices"

// uuid is an id in the usual form of a UUID, lower case, as its 128 bits: a third of the text. It orders as the text.
type uuid struct{ hi, lo uint64 }

const uuidLen = 36

// The places of the hyphens in the text.
const uuidHyphens = 1<<8 | 1<<13 | 1<<18 | 1<<23

// parseUUID returns the UUID that is written as s; false if s is not written exactly as uuid.append would.
func parseUUID(s string) (u uuid, ok bool) {
	if len(s) != uuidLen || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return uuid{}, false
	}
	wrong := byte(0)
	digits := func(value uint64, part string) uint64 {
		for i := range len(part) {
			v := nibbleOf[part[i]]
			wrong |= v
			value = value<<4 | uint64(v)
		}
		return value
	}
	u.hi = digits(digits(digits(0, s[:8]), s[9:13]), s[14:18])
	u.lo = digits(digits(0, s[19:23]), s[24:])
	if wrong > 15 {
		return uuid{}, false
	}
	return u, true
}

// nibbleOf is the value of a hexadecimal digit in lower case, 255 of any other byte.
var nibbleOf = func() (values [256]byte) {
	for i := range values {
		values[i] = 255
	}
	for i, digit := range []byte(hexDigits) {
		values[digit] = byte(i)
	}
	return values
}()

const hexDigits = "0123456789abcdef"

// append appends the text of the UUID.
func (u uuid) append(text []byte) []byte {
	for i, shift := 0, 60; i < uuidLen; i++ {
		if uuidHyphens>>i&1 != 0 {
			text = append(text, '-')
			continue
		}
		half := u.hi
		if shift < 0 {
			half = u.lo
		}
		text = append(text, hexDigits[half>>(shift&63)&15])
		shift -= 4
	}
	return text
}

func (u uuid) compare(v uuid) int {
	switch {
	case u == v:
		return 0
	case u.hi < v.hi || u.hi == v.hi && u.lo < v.lo:
		return -1
	default:
		return 1
	}
}

// uuidGroups are the places of digits before which a hyphen stands.
var uuidGroups = []int{8, 12, 16, 20}

// uuidPattern finds a part of the text of a UUID in its bits. Digits stand at places 0 to 31, from the left; the
// groups are bound by hyphens.
type uuidPattern struct {
	digits []byte // values, in order
	starts uint32 // the places where the first digit may stand, place 0 as the highest bit
	empty  bool   // there is no digit: just a hyphen, which every UUID has
}

// parseUUIDPattern returns the pattern for a part of a text; false if no UUID can hold it.
func parseUUIDPattern(part string) (p uuidPattern, ok bool) {
	var hyphens []int // digits before each
	for i := range len(part) {
		switch v := nibbleOf[part[i]]; {
		case v < 16:
			p.digits = append(p.digits, v)
		case part[i] == '-':
			hyphens = append(hyphens, len(p.digits))
		default:
			return uuidPattern{}, false
		}
	}
	n := len(p.digits)
	if n == 0 {
		p.empty = part == "-"
		return p, p.empty
	}
	for start := 0; start+n <= 32; start++ {
		if uuidFits(start, n, hyphens) {
			p.starts |= 1 << (31 - start)
		}
	}
	return p, p.starts != 0
}

// uuidFits reports whether n digits, the first at place start, have hyphens just where these are: each with its number
// of digits before it.
func uuidFits(start, n int, hyphens []int) bool {
	for _, place := range uuidGroups { // a hyphen between two digits must be there; one at either end may
		if place > start && place < start+n && !slices.Contains(hyphens, place-start) {
			return false
		}
	}
	last := -1
	for _, h := range hyphens {
		if h == last || !slices.Contains(uuidGroups, start+h) {
			return false
		}
		last = h
	}
	return true
}

// everyNibble has the lowest bit of each of 16 hexadecimal digits.
const everyNibble = 0x1111111111111111

// in reports whether the text of the UUID holds the pattern.
func (p *uuidPattern) in(u uuid) bool {
	if p.empty {
		return true
	}
	// Bit 4k of hi and lo stands for one place: whether the pattern may start there. For each digit of the pattern, the
	// places drop out at which another digit is; the number is then shifted to the next digit.
	hi, lo := spread(p.starts>>16), spread(p.starts&0xffff)
	for _, digit := range p.digits {
		hi &= equalNibbles(u.hi, digit)
		lo &= equalNibbles(u.lo, digit)
		if hi|lo == 0 {
			return false
		}
		u.hi, u.lo = u.hi<<4|u.lo>>60, u.lo<<4
	}
	return true
}

// spread returns a number whose bit 4k is bit k of x, which has 16.
func spread(x uint32) uint64 {
	v := uint64(x)
	v = (v | v<<24) & 0x000000ff000000ff
	v = (v | v<<12) & 0x000f000f000f000f
	v = (v | v<<6) & 0x0303030303030303
	v = (v | v<<3) & everyNibble
	return v
}

// equalNibbles returns a number whose bit 4k says whether hexadecimal digit k of x is digit.
func equalNibbles(x uint64, digit byte) uint64 {
	x ^= uint64(digit) * everyNibble
	x |= x >> 2
	x |= x >> 1
	return ^x & everyNibble
}
