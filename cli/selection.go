package cli

import (
	"context"
	"iter"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"clavier/model"
	"clavier/ui/table"
)

// selection is which keys are asked for and in which order, as the flags say it.
type selection struct {
	filter, sort   string
	reverse, stale bool

	query model.Query
	order model.Order
}

// addFlags gives cmd the flags of a selection.
func (s *selection) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&s.filter, "filter", "", "only keys that match `QUERY`, such as 'ci -prod age>90d'")
	flags.StringVar(&s.sort, "sort", "created", "sort by `FIELD`: created, name, used or expires")
	flags.BoolVar(&s.reverse, "reverse", false, "turn the order round")
	flags.BoolVar(&s.stale, "stale", false, "only stale keys, by the rule of the settings")
	_ = cmd.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions(model.SortWords(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("filter", cobra.NoFileCompletions)
}

// read takes what the flags say apart. Dates are those of the zone. What cannot be read is wrong use.
func (s *selection) read(zone *time.Location) error {
	by, err := model.ParseSortBy(s.sort)
	if err != nil {
		return usagef("--sort: %w", err)
	}
	s.order = model.Order{By: by, Reverse: s.reverse}
	query, problems := model.ParseQuery(s.filter, zone)
	if len(problems) > 0 {
		return badFilter(s.filter, problems[0])
	}
	s.query = query
	return nil
}

// badFilter says which part of a filter cannot be read, in which term, and what was expected.
func badFilter(text string, problem model.QueryProblem) error {
	black := func(r rune) bool { return !unicode.IsSpace(r) }
	start := len(strings.TrimRightFunc(text[:problem.Start], black))
	end := len(text) - len(strings.TrimLeftFunc(text[problem.End:], black))
	part, term := text[problem.Start:problem.End], text[start:end]
	if part == term {
		return usagef("--filter: %s cannot be read: expected %s", quote(part), problem.Want)
	}
	return usagef("--filter: %s in %s cannot be read: expected %s", quote(part), quote(term), problem.Want)
}

// chosen are the keys that a selection has chosen.
type chosen struct {
	keys  iter.Seq[model.Key] // in order
	count int
	byAge bool // one of them is stale by its age alone
}

// of chooses among keys: by the same engine as the screen, which holds very many in little memory.
func (s *selection) of(all *table.Table, rule model.StaleRule, now time.Time) chosen {
	snapshot := all.Snapshot()
	search := snapshot.Search(table.Request{Query: s.query, Order: s.order, StaleOnly: s.stale, Rule: rule, Now: now}, nil)
	listing, _ := search.Run(context.Background(), 0)
	keys := func(yield func(model.Key) bool) {
		for _, row := range listing.Rows() {
			if key, ok := snapshot.Key(row); ok && !yield(key) {
				return
			}
		}
	}
	c := chosen{keys: keys, count: listing.Len()}
	if s.stale && listing.StaleCount().ByAge > 0 {
		for key := range keys {
			c.byAge = c.byAge || rule.Judge(key, now) == model.StaleByAge
		}
	}
	return c
}
