package live

import "strings"

// chunkBits is the size of a chunk of texts, in bytes, as a power of two.
const chunkBits = 14

// texts are short texts end to end. What was added never changes and never moves, so that a part of it can be handed out as
// a string; what is no longer needed is counted, and goes when the shard is packed.
type texts struct {
	chunks []string // what last holds is the last of them
	last   *strings.Builder
	size   int // bytes added
	dead   int // bytes no longer needed
}

// add adds two texts, one behind the other, and returns where they begin.
func (t *texts) add(first, second string) uint32 {
	n := len(first) + len(second)
	if len(t.chunks) == 0 || t.last.Len() > 0 && t.last.Len()+n > 1<<chunkBits {
		t.last = new(strings.Builder)
		if len(t.chunks) > 0 {
			t.last.Grow(max(n, 1<<chunkBits))
		}
		t.chunks = append(t.chunks, "")
	}
	at := len(t.chunks) - 1
	place := uint32(at)<<chunkBits | uint32(t.last.Len())
	t.last.WriteString(first)
	t.last.WriteString(second)
	t.chunks[at] = t.last.String()
	t.size += n
	return place
}

// get returns n bytes that begin at a place.
func (t *texts) get(place uint32, n int) string {
	chunk := t.chunks[place>>chunkBits]
	from := int(place & (1<<chunkBits - 1))
	return chunk[from : from+n]
}
