package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"clavier/config"
	"clavier/model"
	"clavier/seal"
	"clavier/store"
	"clavier/ui/clip"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say how things stand here: copying, store, identity, file modes, terminal",
		Long: `Say which way of copying is chosen here and why, which tools there are,
whether settings, store, identity and file modes are sound, and what the
terminal is. It makes nothing and mends nothing; for what is wrong it names
the command that mends it, and exits with 1.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.examine(cmd.Context()) },
	}
}

// The words for how a finding is.
const (
	sound   = "ok"
	noted   = "note"
	unsound = "wrong"
)

// report gathers what doctor finds.
type report struct {
	rows  [][]string
	wrong int
}

func (r *report) add(subject, state, text string) {
	if state == unsound {
		r.wrong++
	}
	r.rows = append(r.rows, []string{state, subject, model.Display(text)})
}

func (a *app) examine(ctx context.Context) error {
	r := &report{}
	setting := config.ClipboardAuto
	settings, err := a.settings()
	switch {
	case err != nil:
		r.add("settings", unsound, err.Error())
	default:
		setting = settings.Clipboard
		r.add("settings", sound, settings.Effective()[0].Value)
		err = a.examineProfile(ctx, r)
	}
	if err != nil && ctx.Err() != nil {
		return err
	}
	a.examineClipboard(r, setting) //nolint:contextcheck // asking for a version is bounded by itself
	a.examineTerminal(r)
	if err := writeTable(a.streams.Out, r.rows); err != nil {
		return a.printed(err)
	}
	switch r.wrong {
	case 0:
		return nil
	case 1:
		return errors.New("1 thing is wrong")
	default:
		return fmt.Errorf("%d things are wrong", r.wrong)
	}
}

func (a *app) examineProfile(ctx context.Context, r *report) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	r.add("profile", sound, profile.Name+", "+placeName(profile))
	if isService(profile) {
		a.examineService(ctx, r, profile)
	} else {
		findings, failed := store.Check(ctx, profile.Store)
		for _, f := range findings {
			r.add("store "+f.Subject, stateOf(f.OK), f.Text)
		}
		err = failed
	}
	for _, f := range seal.Check(sealOptions(profile)) {
		text := f.Value
		if f.Problem != "" {
			text = f.Problem
		}
		r.add(f.Name, stateOf(f.Problem == ""), text)
	}
	return err
}

func stateOf(ok bool) string {
	if ok {
		return sound
	}
	return unsound
}

func (a *app) examineClipboard(r *report, setting string) {
	env := clip.Here()
	env.NoTerminal = a.escapeTarget() == nil
	choice := clip.Choose(setting, env)
	state := sound
	if choice.Way == clip.None {
		state = noted
	}
	r.add("copying", state, choice.Label+": "+choice.Reason)
	for _, way := range choice.Fallbacks {
		r.add("copying", sound, "if that fails: "+string(way))
	}
	for _, tool := range choice.Tools {
		if tool.Path == "" {
			r.add("tool", noted, tool.Name+" is not on the PATH")
			continue
		}
		text := tool.Name + " is " + tool.Path
		if v := clip.VersionOf(tool.Path); v != "" {
			text += " (" + v + ")"
		}
		r.add("tool", sound, text)
	}
}
