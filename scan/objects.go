package scan

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// blob is an object that git prints.
type blob struct {
	id, kind string
	size     int64
	missing  bool
}

// blobs reads what git cat-file --batch prints.
type blobs struct {
	*searcher

	repo repository
	in   *bufio.Reader
}

// each calls take for each object. take must have read the object with search.
func (b *blobs) each(take func(blob) error) error {
	for {
		line, err := b.in.ReadString('\n')
		if errors.Is(err, io.EOF) && line == "" {
			return nil
		}
		if err != nil {
			return err
		}
		fields := strings.Fields(line)
		if len(fields) == 2 && fields[1] == "missing" {
			if err := take(blob{id: fields[0], missing: true}); err != nil {
				return err
			}
			continue
		}
		if len(fields) != 3 {
			return fmt.Errorf("git cat-file answers with a line of %d fields", len(fields))
		}
		size, err := strconv.ParseInt(fields[2], 10, 64)
		if err != nil {
			return errors.New("git cat-file answers with a size that is no number")
		}
		if err := take(blob{id: fields[0], kind: fields[1], size: size}); err != nil {
			return err
		}
		if _, err := b.in.Discard(1); err != nil { // the line end behind it
			return err
		}
	}
}

// searched is what search found: places of the spots, or that the object is compressed and was left alone.
type searched struct {
	places     []position
	compressed string
}

// search searches the object that comes next. The spots are those of the searcher.
func (b *blobs) search(o blob) (searched, error) {
	if o.size <= int64(b.in.Size()) {
		data, err := b.in.Peek(int(o.size))
		if err != nil {
			return searched{}, err
		}
		b.spots = b.spots[:0]
		what := compression(data)
		if what == "" {
			b.searcher.search(data, 0, 0)
		}
		places, err := positions(b.spots, func(count func(io.Reader) error) error { return count(bytes.NewReader(data)) })
		_, _ = b.in.Discard(int(o.size))
		return searched{places, what}, errors.Join(b.err, err)
	}
	content := io.LimitReader(b.in, o.size)
	_, what, _, err := b.stream(content, -1)
	if err != nil {
		return searched{}, err
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return searched{}, err
	}
	// A large object is printed once more, which is rare.
	places, err := positions(b.spots, func(count func(io.Reader) error) error {
		return b.repo.pipe(b.ctx, nil, count, "cat-file", o.kind, o.id)
	})
	return searched{places, what}, err
}
