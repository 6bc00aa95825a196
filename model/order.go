package model

import (
	"cmp"
	"fmt"
	"strings"
)

// SortBy is what keys are put in order by.
type SortBy int

// What keys can be put in order by.
const (
	SortCreated SortBy = iota
	SortName
	SortUsed
	SortExpires
)

// sortWords are what ParseSortBy takes, by SortBy.
var sortWords = []string{"created", "name", "used", "expires"}

// SortWords returns what ParseSortBy takes.
func SortWords() []string { return append([]string(nil), sortWords...) }

// String returns the words for a person: "created", "name", "last used" or "expires".
func (s SortBy) String() string {
	switch s {
	case SortCreated:
		return "created"
	case SortName:
		return "name"
	case SortUsed:
		return "last used"
	case SortExpires:
		return "expires"
	default:
		return fmt.Sprintf("SortBy(%d)", int(s))
	}
}

// ParseSortBy reads created, name, used or expires. The error is a sentence that says what is allowed.
func ParseSortBy(text string) (SortBy, error) {
	for i, word := range sortWords {
		if text == word {
			return SortBy(i), nil
		}
	}
	hint := ""
	if near := Nearest(text, sortWords); near != "" {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	return 0, fmt.Errorf("keys are sorted by one of %s, not by %s%s", strings.Join(sortWords, ", "), quoteShort(text), hint)
}

// Order is an order of keys. The zero value is newest first.
//
//   - created: newest first.
//   - name: by the name after [Fold], then by the name itself, both byte by byte.
//   - last used: the most recent use first, then what was never used, then what is not reported.
//   - expires: the soonest end first, then what never ends.
//
// What is equal so far is ordered newest first, then by id, the greatest first. Reverse turns all of it round, but for
// one thing: what is not reported stands last in both directions, newest first.
type Order struct {
	By      SortBy
	Reverse bool
}

// Compare returns a negative number if a stands before b, a positive one if after, and 0 only if their ids are equal. It
// is a strict total order of keys with different ids.
func (o Order) Compare(a, b Key) int {
	if o.By == SortUsed && (!a.LastUse.Reported || !b.LastUse.Reported) {
		if c := compareFalse(!a.LastUse.Reported, !b.LastUse.Reported); c != 0 {
			return c
		}
		return newestFirst(a, b)
	}
	c := o.compare(a, b)
	if o.Reverse {
		return -c
	}
	return c
}

// compare is the order before it is turned round, where use is reported or does not matter.
func (o Order) compare(a, b Key) int {
	c := 0
	switch o.By {
	case SortCreated:
	case SortName:
		c = cmp.Or(strings.Compare(Fold(a.Name), Fold(b.Name)), strings.Compare(a.Name, b.Name))
	case SortUsed:
		c = cmp.Or(compareFalse(a.LastUse.Never(), b.LastUse.Never()), b.LastUse.At.Compare(a.LastUse.At))
	case SortExpires:
		c = cmp.Or(compareFalse(a.ExpiresAt.IsZero(), b.ExpiresAt.IsZero()), a.ExpiresAt.Compare(b.ExpiresAt))
	}
	return cmp.Or(c, newestFirst(a, b))
}

func newestFirst(a, b Key) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), strings.Compare(b.ID, a.ID))
}

// compareFalse puts false before true.
func compareFalse(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
