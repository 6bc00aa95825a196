package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"clavier/model"
	"clavier/scan"
)

// hookCommand is what a pre-commit hook runs.
const hookCommand = "clavier scan --staged"

// scanning is what is asked of a scan.
type scanning struct {
	history, staged, noIgnore, issuedOnly, asJSON, hook bool
}

func (a *app) scanCommand() *cobra.Command {
	var what scanning
	cmd := &cobra.Command{
		Use:   "scan [PATH...]",
		Short: "Look for secrets of yours in files, in git's history or in what is staged",
		Long: `Look for secrets of your own keys, issued and imported, of all profiles (or of
the one that --profile names), in the files at and below each PATH, or below the
working directory. Every hit is certain: what has the shape of a secret is looked
up among your keys, and imported secrets are found by their own text. Printed is
where it stands (path:line:column), which key it is, whether it is live, and the
command that rotates it, and never the secret.

In a git repository, files that git ignores are left out, unless they are
tracked or given as PATH; --no-ignore looks at all. Submodules and nested
repositories are looked at too. Files may be of any size, in UTF-8, UTF-16,
UTF-32 or any encoding that keeps ASCII. Archives and other compressed files are
left alone and named; symbolic links are not followed.

With --history, instead of files: every file, commit message and tag that refs,
reflogs and stashes of the repository reach, and those of its submodules; a hit
names the first commit that has it. With --staged, instead of files: what the
next commit would change, as it is staged. --install-hook makes that the
repository's pre-commit hook.

A key service is asked by the digests of what has the shape of a secret, and for
its imported secrets. One that cannot be asked counts as not everything read.

Imported secrets can only be known with the identity; if it is protected, its
passphrase is asked for, and where there is no terminal to ask on they are left
out and this is said. --issued-only leaves them out.

Exit codes: 0 nothing was found and all was read, 1 something was found or not
all could be read, 2 wrong use.`,
		Args: func(*cobra.Command, []string) error { return nil },
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := what.check(args); err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{"."}
			}
			if what.hook {
				return a.installHook(cmd.Context(), args[0])
			}
			return a.scan(cmd.Context(), what, args)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&what.history, "history", false, "look into git's whole history instead of files")
	flags.BoolVar(&what.staged, "staged", false, "look into what is staged for the next commit instead of files")
	flags.BoolVar(&what.noIgnore, "no-ignore", false, "look also into files that git ignores")
	flags.BoolVar(&what.issuedOnly, "issued-only", false, "leave imported secrets out, for which the identity is needed")
	flags.BoolVar(&what.asJSON, "json", false, "print a JSON object")
	flags.BoolVar(&what.hook, "install-hook", false, "make scan --staged the pre-commit hook of the repository")
	return cmd
}

// check refuses flags that do not go together.
func (s scanning) check(args []string) error {
	switch {
	case s.hook && (s.history || s.staged || s.noIgnore || s.issuedOnly || s.asJSON):
		return usagef("--install-hook goes with no other flag of scan")
	case s.history && s.staged:
		return usagef("--history and --staged are two places: give one of them")
	case s.noIgnore && (s.history || s.staged):
		return usagef("--no-ignore is about files: it goes with neither --history nor --staged")
	case (s.staged || s.hook) && len(args) > 1:
		return usagef("--staged and --install-hook take one PATH; %s is too much", quote(args[1]))
	}
	if slices.Contains(args, "") {
		return usagef("a PATH is empty")
	}
	return nil
}

func (a *app) scan(ctx context.Context, what scanning, paths []string) error {
	if _, err := a.settings(); err != nil { // before anything is begun
		return err
	}
	known := &knownKeys{app: a}
	defer known.close()
	scanner := scan.New(scan.Options{
		Lookup: known.lookup, Everything: what.noIgnore,
		// The stores are opened while git begins to list files.
		Literals: func(ctx context.Context) ([]scan.Literal, error) {
			if err := known.open(ctx); err != nil {
				return nil, err
			}
			return known.imported(ctx, what.issuedOnly)
		},
	})
	var result scan.Result
	var err error
	switch {
	case what.history:
		result, err = scanner.History(ctx, paths...)
	case what.staged:
		result, err = scanner.Staged(ctx, paths[0])
	default:
		result, err = scanner.Tree(ctx, paths...)
	}
	if err != nil {
		return badPath(err)
	}
	result.Notes = append(known.notes, result.Notes...)
	for _, u := range known.unasked {
		result.Unread = append(result.Unread, scan.Place{Path: "the keys of the profile " + u.place.profile.Name, Why: u.why.Error()})
	}
	hits, err := known.describe(ctx, result.Hits)
	if err != nil {
		return err
	}
	if what.asJSON {
		err = a.writeScanJSON(hits, result)
	} else {
		err = a.writeScan(hits, result, what)
	}
	if err != nil {
		return a.printed(err)
	}
	return verdict(hits, result)
}

// verdict is nil only if nothing was found and all was read.
func verdict(hits []foundHit, result scan.Result) error {
	keys := map[string]bool{}
	for _, hit := range hits {
		keys[hit.Key] = true
	}
	unread := ""
	if len(result.Unread) > 0 {
		unread = "not everything could be read"
	}
	switch {
	case len(hits) > 0 && unread != "":
		return fmt.Errorf("found secrets of %s in %s; %s", number(len(keys), "key"), number(len(hits), "place"), unread)
	case len(hits) > 0:
		return fmt.Errorf("found secrets of %s in %s", number(len(keys), "key"), number(len(hits), "place"))
	case unread != "":
		return errors.New("nothing was found, but " + unread)
	}
	return nil
}

// number is a count with its word.
func number(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// badPath marks what a path is to blame for as wrong use.
func badPath(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return usagef("%s: %w", path.Path, path.Err)
	}
	if errors.Is(err, scan.ErrNoRepository) {
		return wrongUse(err)
	}
	return err
}

func (a *app) installHook(ctx context.Context, dir string) error {
	path, already, err := scan.InstallHook(ctx, dir, "exec "+hookCommand)
	other := (*scan.OtherHookError)(nil)
	switch {
	case errors.As(err, &other):
		return fmt.Errorf("%w; it was not changed: add this line to it: %s || exit 1", err, hookCommand)
	case err != nil:
		return badPath(err)
	case already:
		a.sayf("%s runs %s already", path, hookCommand)
	default:
		a.sayf("wrote %s: a commit that holds a secret of yours is refused", path)
	}
	return nil
}

// shownAt says where a hit stands.
func shownAt(hit scan.Hit) string {
	place := fmt.Sprintf("%s:%d:%d", hit.Shown(), hit.Line, hit.Column)
	commit := hit.Commit[:min(12, len(hit.Commit))]
	switch {
	case hit.Kind == scan.KindStaged:
		place += " (staged)"
	case hit.Kind == scan.KindTag:
		place += " (tag)"
	case hit.Kind == scan.KindCommit:
		place = fmt.Sprintf("commit %s in %s, line %d", commit, hit.Repo, hit.Line)
	case commit != "":
		place += " in commit " + commit
	}
	return model.Display(place)
}
