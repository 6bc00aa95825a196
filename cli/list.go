package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"clavier/model"
)

// timeLayout is how times are shown, in local time.
const timeLayout = "2006-01-02 15:04"

func (a *app) listCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List all keys, newest first",
		Long: `List all keys, newest first: name, hint, local time of making, age, last use
and status. With --json, an array of objects with id, name, hint, created_at,
last_used_at, expires_at and status; times are RFC 3339 in UTC, null is never.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var keys []model.Key
			err := a.within(cmd.Context(), func(p *place) (err error) {
				keys, err = p.List(cmd.Context())
				return err
			})
			if err != nil {
				return err
			}
			if len(keys) == 0 {
				a.sayf("no keys yet; make the first one with: clavier create NAME")
			}
			if asJSON {
				return a.printed(a.writeKeysJSON(keys))
			}
			return a.printed(a.writeKeys(keys))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
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
			key.CreatedAt.In(a.zone).Format(timeLayout),
			model.Age(key.CreatedAt, now),
			key.LastUse.Used(now),
			string(key.StatusAt(now)),
		})
	}
	return writeTable(a.streams.Out, rows)
}

func (a *app) writeKeysJSON(keys []model.Key) error {
	now := a.now()
	objects := make([]keyJSON, 0, len(keys))
	for _, key := range keys {
		objects = append(objects, jsonOf(key, now))
	}
	return writeJSON(a.streams.Out, objects)
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
