package cli

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"clavier/client"
	"clavier/dotenv"
	"clavier/handover"
	"clavier/model"
)

// rotateOptions are the flags of clavier rotate.
type rotateOptions struct {
	name, toEnv, grace, limit                 string
	elsewhere, tracked, handedOver, unchecked bool

	// What they say, once read.
	path, variable       string   // of toEnv
	command              []string // after --exec
	giveEnd              bool
	graceSpan, limitTime time.Duration
}

func (a *app) rotateCommand() *cobra.Command {
	var o rotateOptions
	var exec bool
	cmd := &cobra.Command{
		Use:   "rotate NAME|ID",
		Short: "Replace a key by a successor, without downtime",
		Long: `Take a key through the first four steps of a rotation. The fifth, clavier
delete, is yours once nothing uses the old key any more.

 1 create     a successor is made. --name says what it is called, else it gets
              the old name with the month, such as "production 2026-11". It has
              the role of the old key. For a key that is made elsewhere,
              --import reads the successor's secret from standard input.
              If the key is the token of the profile, the profile presents
              the successor from then on.
 2 hand over  --to-env writes it into a .env file. --exec gives it to a command
              on standard input, without a line end; everything behind --exec
              is the command. What the command says is printed with the secret
              masked. --handed-over says that it was done by other means.
 3 check      the successor is tried against the APIs of the profile, if it has
              some. If one says that it is dead, the old key is given no end.
 4 watch      --grace gives the old key an end: 24h, 7d, at most 30d, or 0 to
              revoke it at once. An end is never put off by this command.

Both keys work until the old one ends or is deleted. Whatever interrupts this,
run it again and it goes on: there is never a second successor, and an end that
was given stays. The screen shows unfinished rotations with R.`,
		Example: `  clavier rotate production --to-env .env:API_KEY --grace 24h
  clavier rotate production --grace 7d --exec gh secret set API_KEY
  clavier rotate leaked --grace 0`,
		ValidArgsFunction: a.completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			if dash := cmd.ArgsLenAtDash(); dash >= 0 {
				args, o.command = args[:dash], args[dash:]
			}
			if err := exactly("NAME|ID")(cmd, args); err != nil {
				return err
			}
			if exec && len(o.command) == 0 {
				return usagef("--exec needs a command behind it, such as --exec gh secret set API_KEY")
			}
			o.giveEnd = cmd.Flags().Changed("grace")
			if err := o.read(cmd.Flags().Changed("name")); err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(uninterrupted(cmd.Context()), endings...)
			defer stop()
			surviveBrokenPipe()
			return a.within(ctx, func(p *place) error {
				err := a.rotate(ctx, p, args[0], o)
				if err != nil && ctx.Err() != nil {
					return fmt.Errorf("interrupted: %w; run it again, and it goes on", err)
				}
				return err
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.name, "name", "", "call the successor `NAME`")
	flags.BoolVar(&o.elsewhere, "import", false, "read the successor's secret from standard input")
	flags.StringVar(&o.toEnv, "to-env", "", "write it into `FILE[:VAR]`; without VAR, where the old key's secret stands")
	flags.BoolVar(&o.tracked, "tracked", false, "allow a .env file that git tracks")
	flags.BoolVar(&exec, "exec", false, "give it to a command on standard input: `CMD...`, up to the end of the line")
	flags.StringVar(&o.limit, "limit", handover.DefaultLimit.String(), "end the command after this `TIME`, such as 90s or 5m")
	flags.BoolVar(&o.handedOver, "handed-over", false, "it was handed over by other means")
	flags.BoolVar(&o.unchecked, "no-check", false, "do not try it against the APIs of the profile")
	flags.StringVar(&o.grace, "grace", "", "let the old key end after this `SPAN`: 24h, 7d, at most 30d, or 0 for at once")
	for _, flag := range []string{"name", "limit", "grace"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.NoFileCompletions)
	}
	return cmd
}

// separateCommand puts -- behind the --exec of clavier rotate, so that nothing behind it is a flag of ours.
func separateCommand(args []string) []string {
	i := slices.IndexFunc(args, func(arg string) bool { return !strings.HasPrefix(arg, "-") && arg == "rotate" })
	if i < 0 {
		return args
	}
	for at := i + 1; at < len(args) && args[at] != "--"; at++ {
		if args[at] == "--exec" && (at+1 == len(args) || args[at+1] != "--") {
			return slices.Insert(slices.Clone(args), at+1, "--")
		}
	}
	return args
}

// read takes the flags apart, before anything is touched.
func (o *rotateOptions) read(named bool) error {
	if named {
		name, err := model.ParseName(o.name)
		if err != nil {
			return err
		}
		o.name = string(name)
	}
	limit, err := time.ParseDuration(o.limit)
	if err != nil || limit <= 0 {
		return usagef("--limit: %s is not how long a command may take, such as 90s or 5m", quote(o.limit))
	}
	o.limitTime = limit
	if o.giveEnd {
		grace, err := model.ParseGrace(o.grace)
		if err != nil {
			return usagef("--grace: %w", err)
		}
		o.graceSpan = grace
	}
	if o.path = o.toEnv; o.toEnv != "" {
		if i := strings.LastIndexByte(o.toEnv, ':'); i >= 0 && dotenv.CheckName(o.toEnv[i+1:]) == nil {
			o.path, o.variable = o.toEnv[:i], o.toEnv[i+1:]
		}
		if o.path == "" {
			return usagef("--to-env: %s names no file", quote(o.toEnv))
		}
	}
	if len(o.command) > 0 {
		if _, err := findProgram(o.command[0]); err != nil {
			return errors.New("nothing was done: " + err.Error()) // without the exit code of a command that was started
		}
	}
	return nil
}

// turn is one run of clavier rotate.
type turn struct {
	a         *app
	p         *place
	o         rotateOptions
	keys      []model.Key
	old, next model.Key
	rotation  model.Rotation
	secret    model.Secret // of next; zero until it is needed
}

// rotate takes the key that nameOrID means through the steps.
func (a *app) rotate(ctx context.Context, p *place, nameOrID string, o rotateOptions) error {
	t := &turn{a: a, p: p, o: o}
	if err := t.find(ctx, nameOrID); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{t.create, t.handOver, t.check, t.watch} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	t.remains()
	return nil
}

// find finds the key, and its rotation if that has begun.
func (t *turn) find(ctx context.Context, nameOrID string) (err error) {
	if t.keys, err = t.p.List(ctx); err != nil {
		return err
	}
	if t.old, err = client.Find(t.keys, nameOrID); err != nil {
		return err
	}
	rotations, err := t.p.Rotations(ctx)
	if err != nil {
		return err
	}
	for _, rotation := range rotations {
		switch t.old.ID {
		case rotation.OldID:
			t.rotation = rotation
			t.next = t.byID(rotation.NewID)
		case rotation.NewID:
			old := t.byID(rotation.OldID)
			return fmt.Errorf("%s is the successor of %s, whose rotation is unfinished: %s goes on with it",
				quote(t.old.Name), quote(old.Name), t.command("rotate", old))
		}
	}
	return t.admit()
}

func (t *turn) byID(id string) model.Key {
	for _, key := range t.keys {
		if key.ID == id {
			return key
		}
	}
	return model.Key{ID: id, Name: id}
}

// admit refuses what cannot be done, before anything is.
func (t *turn) admit() error {
	elsewhere := t.old.Imported || t.p.Issuer == nil
	name, begun := quote(t.old.Name), t.next.ID != ""
	switch {
	case t.o.giveEnd && elsewhere:
		return usagef("the end of %s is set where it is managed: leave out --grace", name)
	case begun && t.o.name != "" && !model.SameName(t.o.name, t.next.Name):
		return fmt.Errorf("%s is being rotated already, and its successor is %s: leave out --name", name, quote(t.next.Name))
	case begun:
		return nil
	case t.old.StatusAt(t.a.now()) != model.StatusActive:
		return fmt.Errorf("%s was not rotated: %w; make a new key with clavier create", name, model.ErrExpired)
	case elsewhere && !t.o.elsewhere:
		return usagef("%s is made elsewhere: make its successor there, and give the secret on standard input with --import", name)
	case !elsewhere && t.o.elsewhere:
		return usagef("clavier makes the successor of %s itself: leave out --import", name)
	}
	return nil
}

// create makes the successor, unless there is one.
func (t *turn) create(ctx context.Context) error {
	if t.next.ID != "" {
		t.sayf(model.StepCreate, "done at %s: %s, %s", t.time(t.rotation.BeganAt), quote(t.next.Name), model.Display(t.next.Hint))
		follows, err := t.p.followToken(ctx, t.rotation)
		if err != nil {
			return err
		}
		t.sayToken(follows)
		return t.findVariable(ctx)
	}
	if err := t.findVariable(ctx); err != nil {
		return err
	}
	name := model.Name(t.o.name)
	if name == "" {
		name = model.SuccessorName(t.old.Name, t.a.now().In(t.a.zone), func(name string) bool {
			return slices.ContainsFunc(t.keys, func(k model.Key) bool { return model.SameName(k.Name, name) })
		})
	}
	follows, err := t.make(ctx, name)
	if err != nil && t.next.ID == "" {
		return notDone(quote(t.old.Name), "rotated", err)
	}
	t.rotation = model.Rotation{OldID: t.old.ID, NewID: t.next.ID, BeganAt: t.a.now()}
	t.sayf(model.StepCreate, "made %s, %s; both keys work", quote(t.next.Name), model.Display(t.next.Hint))
	t.sayToken(follows)
	return err
}

// sayToken tells that the profile has taken the successor of its token.
func (t *turn) sayToken(follows bool) {
	if follows {
		t.sayf(model.StepCreate, "%s", presents(t.p.profile))
	}
}

// make makes the successor, or takes the one that was made elsewhere. It reports whether that is the token of the profile now, and
// has t.next if only this failed.
func (t *turn) make(ctx context.Context, name model.Name) (follows bool, err error) {
	if !t.o.elsewhere {
		issued, err := t.p.rotate(ctx, t.old.ID, model.Draft{Name: name, Role: t.old.Role})
		t.next, t.secret = issued.Key, issued.Secret
		return issued.IsToken, err
	}
	if t.secret, err = t.a.readImported(); err != nil {
		return false, err
	}
	if weak := model.WeakSecret(t.secret.Reveal()); weak != "" {
		t.a.sayf("%s: %s", quote(string(name)), weak)
	}
	t.next, err = t.p.RotateImport(ctx, t.old.ID, model.Import{Name: name, Secret: t.secret, Note: t.old.Note})
	return false, err
}

// reveal returns the secret of the successor. It asks for the passphrase if the identity is locked.
func (t *turn) reveal(ctx context.Context) (model.Secret, error) {
	if !t.secret.IsZero() {
		return t.secret, nil
	}
	var err error
	t.secret, err = t.revealKey(ctx, t.next.ID)
	return t.secret, err
}

func (t *turn) revealKey(ctx context.Context, id string) (model.Secret, error) {
	secret, err := t.p.Reveal(ctx, id)
	if errors.Is(err, model.ErrLocked) {
		if err = t.a.unlock(ctx, t.p.Unlock); err == nil {
			secret, err = t.p.Reveal(ctx, id)
		}
	}
	return secret, err
}

// sayf tells what became of a step.
func (t *turn) sayf(step model.Step, format string, args ...any) {
	t.a.sayf("%d %-9s  %s", step, step, fmt.Sprintf(format, args...))
}

func (t *turn) time(at time.Time) string { return at.In(t.a.zone).Format(timeLayout) }

// command is a command of clavier on a key, for a shell, in the profile that is meant.
func (t *turn) command(verb string, key model.Key) string {
	return t.a.keyCommand(t.p.profile.Name, verb, key, t.keys)
}

// endable reports whether an end can be given to the old key that it does not have.
func (t *turn) endable() bool {
	return !t.old.Imported && t.p.Issuer != nil && !t.o.giveEnd && t.old.StatusAt(t.a.now()) == model.StatusActive
}

// remains says what is left to be done.
func (t *turn) remains() {
	remove := t.command("delete", t.old) + " once nothing uses it"
	if !t.rotation.HandedOverAt.IsZero() {
		t.a.sayf("remains: %s", remove)
		return
	}
	goOn := t.command("rotate", t.old) + " --handed-over"
	if t.endable() {
		goOn += " --grace 24h"
	}
	t.a.sayf("remains: hand %s over, then %s, and %s", quote(t.next.Name), goOn, remove)
}
