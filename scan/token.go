package scan

import (
	"bytes"
	"hash/crc32"
	"math"

	"clavier/model"
)

const (
	// tailLen is what follows the prefix of a secret, its checksum included.
	tailLen = model.BodyLen + model.ChecksumLen
	// maxToken is the most that a secret has, in characters.
	maxToken = model.MaxPrefixLen + tailLen
	// widest is the most bytes between two characters of a secret: UTF-32.
	widest = 4
)

// class says what each byte can be in a secret: its digit, or none of them.
var class = func() (table [256]uint8) {
	for i := range table {
		switch c := byte(i); {
		case c >= '0' && c <= '9':
			table[i] = c - '0'
		case c >= 'A' && c <= 'Z':
			table[i] = c - 'A' + 10
		case c >= 'a' && c <= 'z':
			table[i] = c - 'a' + 36
		default:
			table[i] = noDigit
		}
	}
	return table
}()

const (
	base    = 62
	noDigit = base // and all above
)

// eachToken calls found for each secret of our shape in data whose characters stand next to each other: where it starts
// and its text.
//
// A prefix ends in _ and nothing after it does, so behind a secret's last _ stand 38 letters and digits. A byte that is
// neither rules out every _ that stands up to 38 bytes before it; so the search looks at the byte 38 after the next _ and goes
// back from there only as far as the letters and digits do. However many _ there are, it looks once in 39 bytes.
func eachToken(data []byte, found func(start int, text string)) {
	for i := 0; i+tailLen < len(data); { // no _ before i begins a tail that was not seen
		next := bytes.IndexByte(data[i:], '_')
		if i += next; next < 0 || i+tailLen >= len(data) {
			return
		}
		last := i + tailLen // the last byte of the tail of an _ at i
		if class[data[last]] >= noDigit {
			if data[last] == '_' {
				i = last
			} else {
				i = last + 1
			}
			continue
		}
		line := last - 1
		for line >= i && class[data[line]] < noDigit {
			line--
		}
		if line < i || data[line] != '_' {
			i = last + 1
			continue
		}
		end := line + tailLen
		if end >= len(data) {
			return
		}
		odd := end
		for odd > last && class[data[odd]] < noDigit {
			odd--
		}
		if odd > last {
			i = odd
			continue
		}
		tokensAt(data, line, 1, found)
		i = end + 1
	}
}

// eachWideToken is eachToken for characters that stand stride bytes apart, with zeros between them: UTF-16 and UTF-32 of both
// byte orders.
func eachWideToken(data []byte, stride int, found func(start int, text string)) {
	for i := 0; ; i++ {
		next := bytes.IndexByte(data[min(i, len(data)):], '_')
		if i += next; next < 0 || i+tailLen*stride >= len(data) {
			return
		}
		k := 1
		for k <= tailLen && class[data[i+k*stride]] < noDigit && zeros(data, i+(k-1)*stride, stride) {
			k++
		}
		if k > tailLen {
			tokensAt(data, i, stride, found)
		}
	}
}

// zeros reports whether there are only zeros between a character and the next one.
func zeros(data []byte, at, stride int) bool {
	for i := at + 1; i < at+stride; i++ {
		if data[i] != 0 {
			return false
		}
	}
	return true
}

// tokensAt calls found for each secret whose last _ stands at line, before 38 letters and digits. What stands before
// it may be longer than the prefix, so each beginning is tried.
func tokensAt(data []byte, line, stride int, found func(start int, text string)) {
	var sum uint64
	for k := tailLen - model.ChecksumLen + 1; k <= tailLen; k++ {
		sum = sum*base + uint64(class[data[line+k*stride]])
	}
	if sum > math.MaxUint32 { // no CRC-32
		return
	}
	const prefixEnd = model.MaxPrefixLen
	var text [maxToken]byte
	for k := range tailLen + 1 {
		text[prefixEnd-1+k] = data[line+k*stride]
	}
	for start, at := prefixEnd-2, line-stride; start >= 0 && at >= 0; start, at = start-1, at-stride {
		c := data[at]
		if class[c] >= noDigit && c != '_' || !zeros(data, at, stride) {
			return
		}
		text[start] = c
		if class[c] < 10 || c == '_' { // a prefix begins with a letter
			continue
		}
		if crc32.ChecksumIEEE(text[start:prefixEnd+model.BodyLen]) != uint32(sum) {
			continue
		}
		if token := string(text[start:]); model.CheckSecret(token) == nil {
			found(at, token)
		}
	}
}
