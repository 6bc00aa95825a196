package cli

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"clavier/model"
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

// of returns the keys that are asked for, in order, and whether one of them is stale by its age alone. It keeps them in
// the slice that it is given.
func (s *selection) of(keys []model.Key, rule model.StaleRule, now time.Time) (chosen []model.Key, byAge bool) {
	chosen = slices.DeleteFunc(keys, func(key model.Key) bool {
		if !s.query.Match(key, now) {
			return true
		}
		if !s.stale {
			return false
		}
		judgement := rule.Judge(key, now)
		byAge = byAge || judgement == model.StaleByAge
		return judgement == model.Fresh
	})
	slices.SortFunc(chosen, s.order.Compare)
	return chosen, byAge
}
