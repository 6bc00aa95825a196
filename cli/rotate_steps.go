package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"clavier/apis"
	"clavier/dotenv"
	"clavier/handover"
	"clavier/model"
	"clavier/ui"
)

// findVariable finds the variable of the .env file, if none was named: the one that has the old key's secret.
func (t *turn) findVariable(ctx context.Context) error {
	if t.o.toEnv == "" || t.o.variable != "" {
		return nil
	}
	ask := "say which variable: --to-env " + model.Display(t.o.path) + ":VAR"
	file, err := os.Open(t.o.path)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w; %s", model.Display(t.o.path), err, ask)
	}
	defer func() { _ = file.Close() }()
	entries, err := dotenv.Read(file)
	if err != nil {
		return fmt.Errorf("%s: %w; %s", model.Display(t.o.path), err, ask)
	}
	secrets := map[string]bool{}
	for _, id := range []string{t.old.ID, t.next.ID} { // it may have been written before an interruption
		if id == "" {
			continue
		}
		secret, err := t.revealKey(ctx, id)
		if err != nil {
			return err
		}
		secrets[secret.Reveal()] = true
	}
	var names []string
	for _, entry := range entries {
		if secrets[entry.Value.Reveal()] && !slices.Contains(names, entry.Name) {
			names = append(names, entry.Name)
		}
	}
	if len(names) != 1 {
		return usagef("%d variables of %s have the secret of %s: %s", len(names), quote(t.o.path), quote(t.old.Name), ask)
	}
	t.o.variable = names[0]
	return nil
}

// handOver is the second step.
func (t *turn) handOver(ctx context.Context) error {
	const step = model.StepHandOver
	if t.o.toEnv == "" && len(t.o.command) == 0 && !t.o.handedOver {
		if t.rotation.HandedOverAt.IsZero() {
			t.sayf(step, "waits: give --to-env, --exec or --handed-over")
		} else {
			t.sayf(step, "done at %s", t.time(t.rotation.HandedOverAt))
		}
		return nil
	}
	if t.o.toEnv != "" {
		if err := t.writeEnv(ctx); err != nil {
			return err
		}
	}
	if len(t.o.command) > 0 {
		if err := t.runCommand(ctx); err != nil {
			return err
		}
	}
	if err := t.p.StepDone(ctx, t.old.ID, step); err != nil {
		return err
	}
	if t.o.handedOver {
		t.sayf(step, "done by other means")
	}
	if t.rotation.HandedOverAt.IsZero() {
		t.rotation.HandedOverAt = t.a.now()
	}
	return nil
}

// writeEnv writes the successor's secret into a .env file.
func (t *turn) writeEnv(ctx context.Context) error {
	secret, err := t.reveal(ctx)
	if err != nil {
		return err
	}
	written, err := dotenv.Set(ctx, t.o.path, []dotenv.Pair{{Name: t.o.variable, Value: secret}}, dotenv.Options{Tracked: t.o.tracked})
	if errors.Is(err, dotenv.ErrTracked) {
		return fmt.Errorf("%w; --tracked writes it all the same", err)
	}
	if err != nil {
		return err
	}
	t.sayf(model.StepHandOver, "wrote %s into %s", t.o.variable, model.Display(t.o.path))
	if written.Git.State == dotenv.Exposed {
		t.a.sayf("git does not ignore %s: add it to .gitignore, or the next git add publishes the secret", model.Display(t.o.path))
	}
	if written.Shared {
		t.a.sayf("other users of this machine can read %s: chmod 600 keeps them out", model.Display(t.o.path))
	}
	return nil
}

// runCommand gives the successor's secret to the command, and prints what that says.
func (t *turn) runCommand(ctx context.Context) error {
	secret, err := t.reveal(ctx)
	if err != nil {
		return err
	}
	command := handover.Command{Args: t.o.command, Limit: t.o.limitTime}
	err = handover.Run(ctx, command, secret, func(line string) { _, _ = io.WriteString(t.a.streams.Out, line+"\n") })
	if err != nil {
		return fmt.Errorf("%s was not handed over: %w", quote(t.next.Name), err)
	}
	t.sayf(model.StepHandOver, "%s took it", model.Display(t.o.command[0]))
	return nil
}

// check is the third step: the successor is tried against the profile's APIs.
func (t *turn) check(ctx context.Context) error {
	const step = model.StepCheck
	list := t.p.profile.APIs
	switch {
	case t.rotation.HandedOverAt.IsZero() && !t.o.giveEnd:
		return nil
	case t.o.unchecked:
		t.sayf(step, "left out")
		return nil
	case len(list) == 0:
		t.sayf(step, "this profile has no APIs to ask")
		return nil
	}
	if _, err := t.reveal(ctx); err != nil {
		return err
	}
	var mu sync.Mutex
	var answers []model.Answer
	prober := apis.New(apis.Options{UserAgent: userAgent(), Now: t.a.now})
	reveal := func(context.Context, string) (model.Secret, error) { return t.secret, nil }
	prober.TryAll(ctx, list, []model.Key{t.next}, reveal, func(answer model.Answer) {
		mu.Lock()
		defer mu.Unlock()
		answers = append(answers, answer)
	})
	if err := t.p.KeepAnswers(context.WithoutCancel(ctx), answers); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var dead []string
	alive := 0
	for _, answer := range answers {
		t.sayf(step, "%s", answerText(answer))
		switch answer.Verdict {
		case model.VerdictAlive:
			alive++
		case model.VerdictDead:
			dead = append(dead, quote(answer.API))
		default:
		}
	}
	switch {
	case len(dead) > 0:
		return fmt.Errorf("%s says that %s is dead, so %s was given no end; --no-check leaves this out",
			strings.Join(dead, " and "), quote(t.next.Name), quote(t.old.Name))
	case alive < len(answers):
		return nil
	}
	return t.p.StepDone(ctx, t.old.ID, step)
}

// answerText is what an API said, in a line.
func answerText(answer model.Answer) string {
	text := model.Display(answer.API) + ": " + string(answer.Verdict)
	if answer.Status != 0 {
		text += fmt.Sprintf(", %d, %d ms", answer.Status, answer.Took/time.Millisecond)
	}
	if answer.Why != "" {
		text += ", " + answer.Why
	}
	return text
}

// watch is the fourth step: the old key is given an end, if that was asked for and would not put off the one that it has.
func (t *turn) watch(ctx context.Context) error {
	const step = model.StepWatch
	now := t.a.now()
	at := now.Add(t.o.graceSpan)
	switch {
	case !t.o.giveEnd:
		if !t.rotation.HandedOverAt.IsZero() {
			offer := ""
			if t.endable() {
				offer = "; --grace gives it an end"
			}
			t.sayf(step, "%s was used %s%s", quote(t.old.Name), t.old.LastUse.Used(now), offer)
		}
		return nil
	case t.old.StatusAt(now) != model.StatusActive:
		t.sayf(step, "%s has ended already", quote(t.old.Name))
	case !t.old.ExpiresAt.IsZero() && !at.Before(t.old.ExpiresAt):
		t.sayf(step, "%s ends at %s already", quote(t.old.Name), t.time(t.old.ExpiresAt))
	default:
		key, err := t.p.Issuer.End(ctx, t.old.ID, at)
		switch {
		case errors.Is(err, model.ErrExpired):
			t.sayf(step, "%s has ended already", quote(t.old.Name))
		case err != nil:
			return notDone(quote(t.old.Name), "given an end", err)
		case t.o.graceSpan == 0:
			t.sayf(step, "revoked %s: it works no longer", quote(key.Name))
		default:
			t.sayf(step, "%s ends at %s", quote(key.Name), t.time(key.ExpiresAt))
		}
	}
	return t.p.StepDone(ctx, t.old.ID, step)
}

// handOverLine runs a line that was typed on the screen.
func handOverLine(ctx context.Context, line ui.HandOverLine, secret model.Secret, out func(string)) error {
	command := handover.Command{Args: []string{line.Text}, Shell: line.Shell}
	if !line.Shell {
		words, err := handover.Split(line.Text)
		if err != nil {
			return err
		}
		command.Args = words
	}
	return handover.Run(ctx, command, secret, out)
}
