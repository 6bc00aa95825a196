package cli

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"clavier/export"
	"clavier/model"
	"clavier/ui/table"
)

// timeLayout is how times are shown, in local time.
const timeLayout = "2006-01-02 15:04"

func (a *app) listCommand() *cobra.Command {
	var asJSON, asCSV, remembered bool
	var pick selection
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys, newest first",
		Long: `List the keys, newest first: name, hint, local time of making, age, last use
and status.

With --filter, only the keys that match every term of a text, as the screen
filters them: a word that stands in the name, hint, id or owner, "two words",
-word for keys without it, name:word, hint:, id:, owner:, age>90d,
created<2024-06-01, created:2024-06, unused>30d, used:never, used:unknown,
used<7d, expires<7d, expires:never, status:active,disabled,expired. The units
are h d w mo y. A word without capitals is found in any case. Put the text into
quotes for the shell: --filter 'ci age>90d'.

Sorted by use, what was never used stands last, and after it what is not
reported; sorted by end, what never ends stands last. With --stale, only keys
that are stale by the settings stale.older, stale.unused and stale.never.

The status is active, expired or disabled, or dead if an API refused the key
when it was last tried; rotating and imported stand behind it, and the role of
the key if that is read or manage. The time of making is unknown if an imported
key has none.

With --json, an array of objects; with --csv, lines as RFC 4180 has them, with a
first one of names. Both have id, name, hint, owner, created_at, last_used_at,
last_use, expires_at, status, stale, imported, rotating, dead, note and role.
Times are RFC 3339 in UTC. last_use is "used", "never" or "not reported". What there is not
(an owner that is not told, a time of making that nobody knows, a use, an end, a
note of where an imported key is managed) is null in JSON and empty in CSV. stale
is true or false; where the use is not reported it is judged by age.

With --remembered, the keys of a key service as they were when it was last
reached, without asking it; how long ago that was is said on standard error.

In CSV, characters of names that a terminal should not get are shown as in the
list, and an apostrophe stands before = + - @ and ' where a spreadsheet would
begin a formula: at the beginning of a cell, and after a semicolon in it. JSON
has every name as it is.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && asCSV {
				return usagef("--json and --csv are two formats: give one of them")
			}
			if err := pick.read(a.zone); err != nil {
				return err
			}
			var all table.Table
			save, err := a.readList(cmd.Context(), remembered, &all)
			if err != nil {
				return err
			}
			keys := a.pick(&pick, &all)
			switch {
			case asJSON:
				err = a.exportKeys(cmd.Context(), export.JSON, keys)
			case asCSV:
				err = a.exportKeys(cmd.Context(), export.CSV, keys)
			default:
				err = a.writeKeys(slices.Collect(keys))
			}
			save()
			return a.printed(err)
		},
	}
	pick.addFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	cmd.Flags().BoolVar(&asCSV, "csv", false, "print CSV for a spreadsheet")
	cmd.Flags().BoolVar(&remembered, "remembered", false, "the keys of a key service as they were when it was last reached")
	return cmd
}

// pick returns the keys that are asked for, and tells the person what the list does not.
func (a *app) pick(s *selection, all *table.Table) iter.Seq[model.Key] {
	view := a.judged()
	chosen := s.of(all, view.Rule, view.Now)
	switch {
	case all.Len() == 0 && a.importsOnly():
		a.sayf("no keys yet; import the first one with: clavier import NAME")
	case all.Len() == 0:
		a.sayf("no keys yet; make the first one with: clavier create NAME")
	case chosen.count == 0:
		a.sayf("none of %d keys matches", all.Len())
	case chosen.byAge:
		a.sayf("keys whose use is not reported are judged by age")
	}
	return chosen.keys
}

// importsOnly reports whether the keys of the profile that is meant are made elsewhere.
func (a *app) importsOnly() bool {
	profile, err := a.profile()
	return err == nil && !issues(profile)
}

func (a *app) writeKeys(keys []model.Key) error {
	if len(keys) == 0 {
		return nil
	}
	now := a.now()
	rows := [][]string{{"NAME", "KEY", "CREATED", "AGE", "LAST USED", "STATUS"}}
	for _, key := range keys {
		rows = append(rows, []string{
			model.Display(key.Name),
			model.Display(key.Hint),
			a.moment(key.CreatedAt),
			age(key.CreatedAt, now),
			key.LastUse.Used(now),
			statusWords(key, now),
		})
	}
	return writeTable(a.streams.Out, rows)
}

// moment shows a time in local time.
func (a *app) moment(at time.Time) string {
	if at.IsZero() {
		return "unknown"
	}
	return at.In(a.zone).Format(timeLayout)
}

// age shows how long ago a key was made.
func age(at, now time.Time) string {
	if at.IsZero() {
		return "unknown"
	}
	return model.Age(at, now)
}

// statusWords say what a key is: "active", "dead, expired", "active, rotating, imported", "active, manage".
func statusWords(key model.Key, now time.Time) string {
	words := []string{string(key.StatusAt(now))}
	if key.Dead && words[0] == string(model.StatusActive) {
		words[0] = "dead"
	} else if key.Dead {
		words = []string{"dead", words[0]}
	}
	if key.Rotating {
		words = append(words, "rotating")
	}
	if key.Imported {
		words = append(words, "imported")
	}
	if key.Role != model.RoleUse {
		words = append(words, key.Role.String())
	}
	return strings.Join(words, ", ")
}

// sayf writes one line for the person, on standard error. Whatever came from outside is made displayable.
func (a *app) sayf(format string, args ...any) {
	_, _ = fmt.Fprintln(a.streams.Err, model.Display(fmt.Sprintf(format, args...)))
}

// printed says what went wrong when standard output could not be written.
func (a *app) printed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("standard output cannot be written: %w", err)
}
