package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"clavier/model"
	"clavier/wire"
)

const (
	// answerBudget is how many bytes of lists an answer has at most: what is around them fits beside it into wire.MaxBody.
	answerBudget = wire.MaxBody - 64<<10
	// rowBudget is how many keys a filter looks at in one request.
	rowBudget = 20_000
	// rowChunk is how many of them are read at once.
	rowChunk = 2048
)

type (
	listIn struct {
		Cursor string `query:"cursor" maxLength:"128" doc:"Where the page begins: next of the page before. Missing for the first."`
		Limit  int    `query:"limit" minimum:"1" maximum:"5000" default:"1000" doc:"The most keys of the page."`
		Filter string `query:"filter" maxLength:"1024" doc:"What to look for, in the language of clavier's filter; its dates are days in UTC."`
	}
	listOut struct {
		Body wire.Keys
	}
)

// list returns a page of keys.
func (m *manage) list(ctx context.Context, _ *call, in *listIn) (*listOut, error) {
	place, err := wire.ParseCursor(in.Cursor)
	if err != nil {
		return nil, plain(http.StatusBadRequest, "cursor: "+err.Error())
	}
	query, err := readFilter(in.Filter)
	if err != nil {
		return nil, err
	}
	page := listing{limit: in.Limit, place: place, query: query, now: m.now()}
	if err := page.read(ctx, m.store); err != nil {
		return nil, err
	}
	return &listOut{page.out}, nil
}

// listing is a page of keys that is being read.
type listing struct {
	limit int
	place model.Cursor // behind the last key that was looked at
	query model.Query
	now   time.Time
	out   wire.Keys
	size  int
}

// read fills the page. It ends with the cursor of the next one when the page is full, or when a filter has looked at as many keys
// as one request may.
func (l *listing) read(ctx context.Context, store Store) error {
	l.out.Keys = []wire.Key{}
	looked := 0
	for first := true; ; first = false {
		chunk := rowChunk
		if l.query.Empty() {
			chunk = l.limit - len(l.out.Keys) + 1 // one more tells whether there is a next page
		}
		page, err := store.After(ctx, l.place, chunk)
		if err != nil {
			return err
		}
		if first { // what happens after this moment is told by its mark
			l.out.Total, l.out.Mark = page.Total, wire.MarkText(page.Mark)
		}
		if len(page.Keys) == 0 {
			return nil
		}
		for _, key := range page.Keys {
			if !l.take(key) {
				l.out.Next = wire.CursorText(l.place)
				return nil
			}
		}
		if looked += len(page.Keys); looked >= rowBudget && !l.query.Empty() {
			l.out.Next = wire.CursorText(l.place)
			return nil
		}
	}
}

// take looks at the next key. It is false if the key has no room any more.
func (l *listing) take(key model.Key) bool {
	if l.query.Match(key, l.now) {
		sent := wire.KeyOf(key)
		if l.size += keySize(sent); len(l.out.Keys) == l.limit || l.size > answerBudget {
			return false
		}
		l.out.Keys = append(l.out.Keys, sent)
	}
	l.place = model.Cursor{CreatedAt: key.CreatedAt, ID: key.ID}
	return true
}

// readFilter reads a filter, or says which part of it cannot be read.
func readFilter(text string) (model.Query, error) {
	query, problems := model.ParseQuery(text, time.UTC)
	if len(problems) == 0 {
		return query, nil
	}
	black := func(r rune) bool { return !unicode.IsSpace(r) }
	first := problems[0]
	part := text[first.Start:first.End]
	start := len(strings.TrimRightFunc(text[:first.Start], black))
	end := len(text) - len(strings.TrimLeftFunc(text[first.End:], black))
	where := `"` + part + `"`
	if term := text[start:end]; term != part {
		where += ` in "` + term + `"`
	}
	return model.Query{}, plain(http.StatusBadRequest, fmt.Sprintf("filter: %s cannot be read: expected %s", where, first.Want))
}

// keySize is at least the bytes that a key takes in an answer.
func keySize(key wire.Key) int {
	const around = 512 // names of the fields, times, and words
	return around + textSize(key.ID) + textSize(key.Name) + textSize(key.Hint) + textSize(key.Owner) + textSize(key.Note)
}

// textSize is at least the bytes that a text takes in JSON.
func textSize(text string) int {
	const escaped = 6 // \u0000
	n := len(text)
	for _, r := range text {
		if r < ' ' || r == '"' || r == '\\' || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
			n += escaped
		}
	}
	return n
}

// fitting returns as many of the items as an answer has room for, from the first on.
func fitting[T any](items []T, size func(T) int) []T {
	room := answerBudget
	for i, item := range items {
		if room -= size(item); room < 0 {
			return items[:i]
		}
	}
	return items
}
