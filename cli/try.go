package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"clavier/apis"
	"clavier/client"
	"clavier/config"
	"clavier/model"
)

func (a *app) tryCommand() *cobra.Command {
	var all, asJSON bool
	var names []string
	cmd := &cobra.Command{
		Use:   "try [NAME|ID...]",
		Short: "Try keys against the APIs that they open",
		Long: `Send one request with each key to each API of the profile, four at a time, and
print what the answers say: alive, dead or unknown, with the HTTP status and the
milliseconds it took. With --all, the keys that are active, instead of those
named. With --api, only this API; it can be given again for more.

Which APIs there are, what their request is and which status means what stands
in the settings file; see clavier config. Nothing is sent but that request, to
no other address, and without a proxy. A redirect is not followed, and a
failure of the server or the network is unknown, never dead.

What the APIs answered is remembered: a key that one of them refused and none
took shows as dead in the list. Exit 0 if every answer was alive, else 1.

With --json, an array of objects with key, key_id, api, verdict, status,
milliseconds, at (RFC 3339, UTC) and why; status, milliseconds and why are null
where there is none.`,
		ValidArgsFunction: a.completeMoreKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case all && len(args) > 0:
				return usagef("--all tries every active key: leave out %s", quote(args[0]))
			case !all && len(args) == 0:
				return usagef("clavier try needs the NAME or ID of a key, or --all for all that are active; see clavier try --help")
			}
			profile, err := a.profile()
			if err != nil {
				return err
			}
			chosen, err := a.chosenAPIs(profile, names)
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(uninterrupted(cmd.Context()), endings...)
			defer stop()
			return a.within(ctx, func(p *place) error { return a.tryKeys(ctx, p, args, chosen, asJSON) })
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&all, "all", false, "try every active key")
	flags.StringArrayVar(&names, "api", nil, "only against the API `NAME`; can be given again")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.RegisterFlagCompletionFunc("api", a.completeAPIs)
	return cmd
}

// chosenAPIs returns the APIs of the profile that are named, in the order of the settings; all if none is.
func (a *app) chosenAPIs(profile config.Profile, names []string) ([]model.API, error) {
	known := apiNames(profile)
	for _, name := range names {
		if slices.Contains(known, name) {
			continue
		}
		if near := model.Nearest(name, known); near != "" {
			return nil, usagef("the profile %s has no API %s; did you mean %s?", quote(profile.Name), quote(name), quote(near))
		}
		return nil, usagef("the profile %s has no API %s; see clavier config", quote(profile.Name), quote(name))
	}
	if len(known) == 0 {
		return nil, usagef("the profile %s names no API to try keys against: add one to %s under [[profiles.%s.apis]]",
			quote(profile.Name), a.loaded.File, profile.Name)
	}
	chosen := slices.DeleteFunc(profile.APIs, func(api model.API) bool { return len(names) > 0 && !slices.Contains(names, api.Name) })
	return chosen, nil
}

func apiNames(profile config.Profile) []string {
	names := make([]string, len(profile.APIs))
	for i, api := range profile.APIs {
		names[i] = api.Name
	}
	return names
}

// tryKeys tries the named keys, or all that are active if none is, and prints, keeps and judges the answers.
func (a *app) tryKeys(ctx context.Context, p *place, names []string, chosen []model.API, asJSON bool) error {
	keys, err := p.List(ctx)
	if err != nil {
		return err
	}
	if keys, err = a.chosenKeys(keys, names); err != nil {
		return err
	}
	if err := a.unlockFor(ctx, p, keys); err != nil {
		return err
	}
	var answers []model.Answer
	prober := apis.New(apis.Options{UserAgent: userAgent(), Now: a.now})
	prober.TryAll(ctx, chosen, keys, p.Reveal, func(answer model.Answer) { answers = append(answers, answer) })
	tries := inOrder(answers, keys, chosen)
	if asJSON {
		err = a.writeTriesJSON(tries)
	} else {
		err = writeTable(a.streams.Out, triesTable(tries))
	}
	// What is known is kept, whether it could be printed, and also by who was interrupted.
	if kept := p.KeepAnswers(context.WithoutCancel(ctx), answers); kept != nil {
		return kept
	}
	if err != nil {
		return a.printed(err)
	}
	return judge(answers, len(keys)*len(chosen))
}

// chosenKeys returns the keys with these names or ids, each once; the active ones if there are no names.
func (a *app) chosenKeys(keys []model.Key, names []string) ([]model.Key, error) {
	if len(names) == 0 {
		now := a.now()
		return slices.DeleteFunc(keys, func(key model.Key) bool { return key.StatusAt(now) != model.StatusActive }), nil
	}
	var chosen []model.Key
	for _, name := range names {
		key, err := client.Find(keys, name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(chosen, func(other model.Key) bool { return other.ID == key.ID }) {
			chosen = append(chosen, key)
		}
	}
	return chosen, nil
}

// unlockFor asks for the passphrase of the identity if one of the keys cannot be revealed without. What else is wrong with a
// secret is said when its turn comes.
func (a *app) unlockFor(ctx context.Context, p *place, keys []model.Key) error {
	for _, key := range keys {
		switch _, err := p.Reveal(ctx, key.ID); {
		case err == nil:
			return nil
		case errors.Is(err, model.ErrLocked):
			return a.unlock(ctx, p.Unlock)
		}
	}
	return nil
}

// userAgent is what requests say of this program: a product of RFC 9110, section 10.1.5.
func userAgent() string { return "clavier/" + strings.Trim(version(), "()") }

// judge is the error of tries that were not all alive, or not all made.
func judge(answers []model.Answer, asked int) error {
	count := map[model.Verdict]int{}
	for _, answer := range answers {
		count[answer.Verdict]++
	}
	var parts []string
	for _, verdict := range []model.Verdict{model.VerdictDead, model.VerdictUnknown} {
		if n := count[verdict]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	if missing := asked - len(answers); missing > 0 {
		parts = append(parts, fmt.Sprintf("%d given up", missing))
	}
	if len(parts) == 0 {
		return nil
	}
	return fmt.Errorf("of %d answers: %s", asked, strings.Join(parts, ", "))
}

// tried is an answer with the key that it is about.
type tried struct {
	key    model.Key
	answer model.Answer
}

// inOrder puts answers into the order of the keys, and for each key into that of the APIs.
func inOrder(answers []model.Answer, keys []model.Key, chosen []model.API) []tried {
	type asked struct{ key, api string }
	found := make(map[asked]model.Answer, len(answers))
	for _, answer := range answers {
		found[asked{answer.KeyID, answer.API}] = answer
	}
	tries := make([]tried, 0, len(answers))
	for _, key := range keys {
		for _, api := range chosen {
			if answer, ok := found[asked{key.ID, api.Name}]; ok {
				tries = append(tries, tried{key, answer})
			}
		}
	}
	return tries
}

// triesTable shows tries as rows.
func triesTable(tries []tried) [][]string {
	rows := make([][]string, 1, 1+len(tries))
	rows[0] = []string{"KEY", "API", "VERDICT", "STATUS", "MS", "WHY"}
	for _, t := range tries {
		status, ms := "none", ""
		if t.answer.Status > 0 {
			status, ms = strconv.Itoa(t.answer.Status), strconv.FormatInt(t.answer.Took.Milliseconds(), 10)
		}
		rows = append(rows, []string{
			model.Display(t.key.Name), model.Display(t.answer.API), string(t.answer.Verdict), status, ms, model.Display(t.answer.Why),
		})
	}
	return rows
}

// tryJSON is a try as scripts get it.
type tryJSON struct {
	Key          string        `json:"key"`
	KeyID        string        `json:"key_id"`
	API          string        `json:"api"`
	Verdict      model.Verdict `json:"verdict"`
	Status       *int          `json:"status"`
	Milliseconds *int64        `json:"milliseconds"`
	At           string        `json:"at"`
	Why          *string       `json:"why"`
}

func (a *app) writeTriesJSON(tries []tried) error {
	list := make([]tryJSON, 0, len(tries))
	for _, t := range tries {
		object := tryJSON{
			Key: t.key.Name, KeyID: t.key.ID, API: t.answer.API, Verdict: t.answer.Verdict, At: t.answer.At.UTC().Format(time.RFC3339),
		}
		if t.answer.Status > 0 {
			ms := t.answer.Took.Milliseconds()
			object.Status, object.Milliseconds = &t.answer.Status, &ms
		}
		if t.answer.Why != "" {
			object.Why = &t.answer.Why
		}
		list = append(list, object)
	}
	encoder := json.NewEncoder(a.streams.Out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(list)
}

// completeMoreKeys offers the names of keys that are not given yet.
func (a *app) completeMoreKeys(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	found, directive := a.completeKeys(cmd, nil, typed)
	return slices.DeleteFunc(found, func(offer string) bool {
		name, _, _ := strings.Cut(offer, "\t")
		return slices.Contains(args, name)
	}), directive
}

// completeAPIs offers the names of the profile's APIs.
func (a *app) completeAPIs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	profile, err := a.profile()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, api := range profile.APIs {
		names = append(names, cobra.CompletionWithDesc(api.Name, api.About))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
