package remote

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"clavier/model"
	"clavier/wire"
)

const (
	// maxPages is how many pages of a list are read at most: ten million keys.
	maxPages = 2000
	// leastPage is the smallest page that is asked for when larger ones are too large.
	leastPage = 16
	// maxCursor is the most bytes of a cursor that are sent back.
	maxCursor = 512
)

var errEndless = errors.New("its list of keys does not end")

// List returns all keys, newest first.
func (r *Remote) List(ctx context.Context) ([]model.Key, error) {
	var keys []model.Key
	for page, err := range r.Pages(ctx) {
		if err != nil {
			return nil, err
		}
		keys = append(keys, page.Keys...)
	}
	newest := func(a, b model.Key) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID)) }
	if !slices.IsSortedFunc(keys, newest) {
		slices.SortFunc(keys, newest)
	}
	return keys, nil
}

// Pages gives all keys, the newest first, a small page first. Pages are asked for by cursors, which stand in an address of our own:
// no address that the service gives is followed.
func (r *Remote) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		l := listing{remote: r, limit: wire.FirstPage, seen: map[uuid.UUID]struct{}{}}
		for {
			page, err := l.next(ctx)
			if err != nil {
				yield(model.Page{}, err)
				return
			}
			if !yield(page, nil) || l.cursor == "" {
				return
			}
			l.limit = max(l.limit, l.rest())
		}
	}
}

// listing is the reading of a list.
type listing struct {
	remote *Remote
	// cursor is the place of the next page; empty at the beginning and at the end.
	cursor string
	// limit is how many keys are asked for; shrunk is true once a page of more was too large.
	limit  int
	shrunk bool
	// pages counts those that were asked for. total and mark are those of the first.
	pages, total int
	mark         int64
	seen         map[uuid.UUID]struct{}
}

// rest is how many keys the pages after the first have.
func (l *listing) rest() int {
	if l.shrunk {
		return l.limit
	}
	return wire.MaxPage
}

// next reads a page.
func (l *listing) next(ctx context.Context) (model.Page, error) {
	for {
		var page model.Page
		query := url.Values{"limit": {strconv.Itoa(l.limit)}}
		if l.cursor != "" {
			query.Set("cursor", l.cursor)
		}
		got := l.remote.tries(ctx, question(l.remote.endpoint.At(wire.PathKeys, query), into(func(sent wire.Keys) (err error) {
			page, err = l.take(sent)
			return err
		})))
		if got.failure == nil {
			return page, nil
		}
		if !got.failure.tooLarge || l.limit <= leastPage {
			return model.Page{}, got.failure.err
		}
		l.limit, l.shrunk = l.limit/2, true
	}
}

// take reads what was sent as a page. It changes the listing only if there is nothing wrong.
func (l *listing) take(sent wire.Keys) (model.Page, error) {
	mark, err := wire.ParseMark(sent.Mark)
	switch {
	case err != nil:
		return model.Page{}, errors.New("its list has a mark that is none")
	case len(sent.Keys) > l.limit:
		return model.Page{}, errors.New("a page of its list has more keys than it was asked for")
	case sent.Next != "" && (len(sent.Keys) == 0 || sent.Next == l.cursor || len(sent.Next) > maxCursor || l.pages+1 >= maxPages):
		return model.Page{}, errEndless
	}
	keys, err := wire.ModelKeys(sent.Keys)
	if err != nil {
		return model.Page{}, err
	}
	if l.pages++; l.pages == 1 {
		l.total, l.mark = max(sent.Total, 0), mark
	}
	l.cursor = sent.Next
	return model.Page{Keys: slices.DeleteFunc(keys, l.hasSeen), Total: l.total, Mark: l.mark}, nil
}

// hasSeen reports whether a page had this key already, and notes it: a key that was made or deleted in between may move others
// from one page to the next.
func (l *listing) hasSeen(key model.Key) bool {
	id, err := uuid.Parse(key.ID)
	if err != nil {
		return true
	}
	if _, seen := l.seen[id]; seen {
		return true
	}
	l.seen[id] = struct{}{}
	return false
}
