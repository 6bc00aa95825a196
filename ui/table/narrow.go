package table

import (
	"slices"
	"strings"
	"unicode/utf8"

	"clavier/model"
)

// conditionsOf returns the conditions of a request, those first that are quick to tell.
func conditionsOf(r Request) []*condition {
	terms := slices.Clone(r.Query.Terms())
	cost := func(t model.Term) int {
		switch {
		case !t.Field.IsText():
			return -1000
		case t.Not:
			return 1000 - len(t.Text)
		default:
			return -len(t.Text)
		}
	}
	slices.SortStableFunc(terms, func(a, b model.Term) int { return cost(a) - cost(b) })
	terms = slices.Compact(terms)
	conditions := make([]*condition, len(terms))
	for i, t := range terms {
		conditions[i] = newCondition(t, r.Now)
	}
	return conditions
}

// known is what an earlier listing says: nothing but the rows in sets can match.
type known struct {
	of   []*chunk // the chunks that sets are about
	sets []bits
	same bool // all rows in sets match
}

// known returns what can be taken from the previous listing.
func (s *Search) known() known {
	p := s.previous
	if p == nil || !p.complete || !narrows(p.request, s.request) {
		return known{}
	}
	return known{p.of.chunks, p.found, narrows(s.request, p.request)}
}

// narrows reports whether every row that matches b is certain to match a.
func narrows(a, b Request) bool {
	sameNow := a.Now.Equal(b.Now)
	if a.StaleOnly && (!b.StaleOnly || a.Rule != b.Rule || !sameNow) {
		return false
	}
	given := b.Query.Terms()
	for _, t := range a.Query.Terms() {
		if !sameNow && !timeless(t) {
			return false
		}
		if !slices.ContainsFunc(given, func(g model.Term) bool { return implies(g, t) }) {
			return false
		}
	}
	return true
}

// implies reports whether a key that meets a meets b, at one moment.
func implies(a, b model.Term) bool {
	switch {
	case a == b:
		return true
	case a.Not != b.Not || !a.Field.IsText() || !b.Field.IsText():
		return false
	case a.Not: // what has not the shorter has not the longer
		return holds(b, a)
	default:
		return holds(a, b)
	}
}

// holds reports whether a text in which a is found is one in which b is found.
func holds(a, b model.Term) bool {
	if a.Field != b.Field && b.Field != model.FieldAny || !utf8.ValidString(a.Text) || !utf8.ValidString(b.Text) {
		return false
	}
	switch {
	case a.Fold == b.Fold:
		return strings.Contains(a.Text, b.Text)
	case b.Fold:
		return strings.Contains(model.Fold(a.Text), b.Text)
	default:
		return false
	}
}
