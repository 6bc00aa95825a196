package scan

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// windowSize is how much of a file is searched at a time, beside what two windows share. It fits into the second-level
// cache of common processors.
const windowSize = 256 << 10

// spot is where a secret stands in a stream of bytes.
type spot struct {
	start  int64
	stride int
	big    bool // the high byte of a character comes first
	key    string
}

// searcher searches one stream after the other, in one goroutine.
type searcher struct {
	*sought
	ctx    context.Context
	buffer []byte
	spots  []spot
	err    error // of Lookup
}

func (s *sought) searcher(ctx context.Context) *searcher {
	return &searcher{sought: s, ctx: ctx}
}

// search adds to spots what stands in data and ends behind its first seen bytes. offset is where data begins in its
// stream.
func (s *searcher) search(data []byte, seen int, offset int64) {
	token := func(stride int) func(int, string) {
		return func(start int, text string) {
			if start+(len(text)-1)*stride < seen || s.err != nil {
				return
			}
			key, err := s.key(s.ctx, text)
			if s.err = err; err == nil && key != "" {
				at := offset + int64(start)
				s.spots = append(s.spots, spot{at, stride, at%int64(stride) == int64(stride)-1, key})
			}
		}
	}
	literal := func(start int, p *pattern) {
		if start+len(p.text) <= seen {
			return
		}
		at := offset + int64(start)
		big := p.big || p.stride == 2 && at%2 == 1
		s.spots = append(s.spots, spot{at, p.stride, big, s.literals[p.literal].Key})
	}
	eachToken(data, token(1))
	s.plain.each(data, literal)
	if bytes.IndexByte(data, 0) >= 0 {
		eachWideToken(data, 2, token(2))
		eachWideToken(data, widest, token(widest))
		s.wide.each(data, literal)
	}
}

// stream searches all of r, whose size is known if it is not negative, and returns how much that was. If it is left alone, compressed says what it
// is. whole is true if the window still holds all of it.
func (s *searcher) stream(r io.Reader, size int64) (read int64, compressed string, whole bool, err error) {
	if s.buffer == nil {
		s.buffer = make([]byte, windowSize+s.overlap)
	}
	s.spots = s.spots[:0]
	kept := 0
	for ; ; kept = s.keep() {
		n, err := s.fill(r, kept, size-read)
		read += int64(n - kept)
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			return read, "", false, err
		}
		if read == int64(n) {
			if compressed = compression(s.buffer[:n]); compressed != "" {
				return read, compressed, false, nil
			}
		}
		s.search(s.buffer[:n], kept, read-int64(n))
		if s.err != nil {
			return read, "", false, s.err
		}
		if ended {
			return read, "", read == int64(n), nil
		}
		if err := s.ctx.Err(); err != nil {
			return read, "", false, err
		}
	}
}

// keep moves the end of a full window to its front, and returns how much that is.
func (s *searcher) keep() int { return copy(s.buffer, s.buffer[len(s.buffer)-s.overlap:]) }

// fill reads into the window from n on until it is full, and returns how much is in it then. It returns io.EOF if that was all: if r
// ends, or after left bytes if left is positive.
func (s *searcher) fill(r io.Reader, n int, left int64) (int, error) {
	end := len(s.buffer)
	if left > 0 {
		end = int(min(int64(end), int64(n)+left))
	}
	for n < end {
		got, err := r.Read(s.buffer[n:end])
		n += got
		if err != nil {
			return n, err
		}
	}
	if end < len(s.buffer) {
		return n, io.EOF
	}
	return n, nil
}
