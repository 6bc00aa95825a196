package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"clavier/dotenv"
	"clavier/model"
)

// envOptions are the flags of clavier env.
type envOptions struct {
	format, to         string
	tracked, ignore    bool
	noProject, formats bool // formats: a format was given
}

func (a *app) envCommand() *cobra.Command {
	var o envOptions
	cmd := &cobra.Command{
		Use:   "env [VAR=NAME|ID]...",
		Short: "Print keys as variables for a shell or a program, or write them into a .env file",
		Long: `Print variables with the secrets of keys, in the form that a shell or a program
reads; without VAR=NAME those of the project, see clavier allow.

dotenv      a .env file; sh reads it too
shell       export lines for sh, bash, zsh and ksh
fish        set lines for fish
powershell  $env: assignments
json        one object
docker      a file for docker run --env-file
systemd     a file for EnvironmentFile=

A value that a format cannot hold is refused, and then nothing is printed.

--to writes them into a .env file instead. Where a variable stands there
already, its value alone is changed; every other byte stays. A new file is its
owner's alone (mode 0600). A file that git tracks is refused unless --tracked
is given, and --ignore adds the file to the .gitignore beside it; on a terminal
both are asked.`,
		Example: `  eval "$(clavier env --format shell API_KEY=production)"
  clavier env --format fish API_KEY=production | source
  clavier env --format powershell API_KEY=production | Out-String | Invoke-Expression
  clavier env --to .env --ignore API_KEY=development`,
		ValidArgsFunction: a.completeWants,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.formats = cmd.Flags().Changed("format")
			return a.env(cmd.Context(), o, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.format, "format", string(dotenv.Dotenv), "print in `FORMAT`: "+strings.Join(dotenv.Names(), ", "))
	flags.StringVar(&o.to, "to", "", "write into `FILE`, a .env file")
	flags.BoolVar(&o.tracked, "tracked", false, "write also into a file that git tracks")
	flags.BoolVar(&o.ignore, "ignore", false, "add the file to the .gitignore beside it")
	flags.BoolVar(&o.noProject, "no-project", false, "leave out what the project wants")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(dotenv.Names(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) env(ctx context.Context, o envOptions, args []string) error {
	format, err := dotenv.ParseFormat(o.format)
	switch {
	case err != nil:
		return usagef("--format: %w", err)
	case o.to != "" && o.formats && format != dotenv.Dotenv:
		return usagef("--to writes .env files; for another format send the output to a file")
	case o.to == "" && (o.tracked || o.ignore):
		return usagef("--tracked and --ignore are about the file of --to")
	}
	// What is named is all that is meant: unlike run, which completes it by what the project wants.
	wants, hasProject, err := a.wanted(args, o.noProject || len(args) > 0)
	if err != nil {
		return err
	}
	if len(wants) == 0 && !hasProject {
		return usagef("there is nothing to print: give VAR=NAME, a variable and the name of a key")
	}
	if o.to != "" {
		return a.writeEnv(ctx, o, wants)
	}
	pairs, err := a.values(ctx, wants, "nothing was printed")
	if err != nil {
		return err
	}
	return a.printed(dotenv.Write(a.streams.Out, format, pairs))
}

// writeEnv writes into the file of --to. What has to be asked is asked before a passphrase is.
func (a *app) writeEnv(ctx context.Context, o envOptions, wants []want) error {
	file := model.Display(o.to)
	git := dotenv.Inspect(ctx, o.to)
	switch {
	case git.State == dotenv.Tracked && !o.tracked && isTerminal(a.streams.In):
		yes, err := a.askYes("git tracks "+file+", so the secret would be in the next commit. Write it there all the same? [y/N] ", false)
		if err != nil {
			return fmt.Errorf("nothing was written: %w", err)
		}
		if !yes {
			return errors.New("nothing was written")
		}
		o.tracked = true
	case git.State == dotenv.Tracked && !o.tracked:
		return fmt.Errorf("nothing was written: %s: %w; --tracked writes it all the same", file, dotenv.ErrTracked)
	case git.State == dotenv.Exposed && !o.ignore && isTerminal(a.streams.In):
		yes, err := a.askYes("git does not ignore "+file+". Add it to the .gitignore beside it? [Y/n] ", true)
		if err != nil {
			return fmt.Errorf("nothing was written: %w", err)
		}
		o.ignore = yes
	}
	pairs, err := a.values(ctx, wants, "nothing was written")
	if err != nil {
		return err
	}
	if o.ignore { // first, so that there is no moment at which git add would take the secret
		list, err := dotenv.Ignore(ctx, o.to)
		if err != nil {
			return fmt.Errorf("nothing was written: %w", err)
		}
		if git.State == dotenv.Exposed {
			a.sayf("added %s to %s", file, model.Display(list))
		}
	}
	written, err := dotenv.Set(ctx, o.to, pairs, dotenv.Options{Tracked: o.tracked})
	if err != nil {
		return err
	}
	a.sayWritten(written, pairs)
	return nil
}

// sayWritten says what was written, and what to do if others can come by it.
func (a *app) sayWritten(written dotenv.Written, pairs []dotenv.Pair) {
	names := make([]string, len(pairs))
	for i, p := range pairs {
		names[i] = p.Name
	}
	file := model.Display(written.Path)
	a.sayf("wrote %s to %s", strings.Join(names, ", "), file)
	if written.Shared {
		a.sayf("other users of this machine can read %s: run chmod go-r on it", file)
	}
	switch written.Git.State {
	case dotenv.Exposed:
		a.sayf("git does not ignore %s, so that git add would take the secret: --ignore adds it to .gitignore", file)
	case dotenv.Unknown:
		a.sayf("whether git tracks or ignores %s is not known: %s", file, model.Display(written.Git.Why))
	default:
	}
}

// askYes asks a question on the terminal whose answer is yes or no; an empty one is what usual says.
func (a *app) askYes(question string, usual bool) (bool, error) {
	terminal, err := a.terminal()
	if err != nil {
		return false, err
	}
	answer, err := terminal.ask(question)
	if err != nil {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "":
		return usual, nil
	case "y", "yes":
		return true, nil
	default:
		return false, nil
	}
}
