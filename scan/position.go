package scan

import (
	"bytes"
	"errors"
	"io"
)

// position is a line and a column, from 1.
type position struct{ line, column int }

// positions returns where spots are. It calls read for each encoding that there is among them; read calls count with what the
// spots are in, from its beginning.
func positions(spots []spot, read func(count func(io.Reader) error) error) ([]position, error) {
	type encoding struct {
		stride int
		big    bool
	}
	which := map[encoding][]int{}
	for i, s := range spots {
		e := encoding{s.stride, s.big && s.stride > 1}
		which[e] = append(which[e], i)
	}
	places := make([]position, len(spots))
	for i := range places {
		places[i] = position{1, 1} // of what has changed meanwhile
	}
	for e, those := range which {
		err := read(func(r io.Reader) error { return count(r, e.stride, e.big, spots, those, places) })
		if err != nil {
			return places, err
		}
	}
	return places, nil
}

// count counts the lines before the spots that which names, in characters of stride bytes.
func count(r io.Reader, stride int, big bool, spots []spot, which []int, places []position) error {
	var last int64
	for _, i := range which {
		last = max(last, spots[i].start)
	}
	end := newline(stride, big)
	buffer := make([]byte, 64<<10) // a multiple of every stride, so that no line end straddles it
	line := 1
	var lineStart, offset int64
	for offset <= last {
		n, err := io.ReadFull(r, buffer)
		part := buffer[:n]
		for at := 0; ; {
			next := nextLine(part[at:], end, stride)
			stop := offset + int64(n)
			if next >= 0 {
				stop = offset + int64(at+next+stride)
			}
			for _, i := range which {
				if s := spots[i]; s.start >= max(offset+int64(at), lineStart) && s.start < stop {
					places[i] = position{line, int(s.start-lineStart)/stride + 1}
				}
			}
			if next < 0 {
				break
			}
			at += next + stride
			line, lineStart = line+1, offset+int64(at)
		}
		offset += int64(n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newline is the end of a line in characters of stride bytes.
func newline(stride int, big bool) []byte {
	text := make([]byte, stride)
	if big {
		text[stride-1] = '\n'
	} else {
		text[0] = '\n'
	}
	return text
}

// nextLine returns where the next end of a line stands in data, which begins at a character, or -1.
func nextLine(data, end []byte, stride int) int {
	for from := 0; ; {
		next := bytes.Index(data[from:], end)
		if next < 0 {
			return -1
		}
		if from += next; from%stride == 0 {
			return from
		}
		from++
	}
}
