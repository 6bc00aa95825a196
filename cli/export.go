package cli

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"clavier/export"
	"clavier/model"
	"clavier/ui"
)

// exporter returns what the screen writes keys to files with; rule says which are stale.
func (a *app) exporter(rule model.StaleRule) func(context.Context, string, bool, iter.Seq[model.Key]) (ui.Exported, error) {
	return func(ctx context.Context, typed string, replace bool, keys iter.Seq[model.Key]) (ui.Exported, error) {
		format, err := export.FormatOf(typed)
		if err != nil {
			return ui.Exported{}, err
		}
		file, err := exportFile(typed)
		if err != nil {
			return ui.Exported{}, err
		}
		view, written := export.View{Now: a.now(), Rule: rule}, 0
		err = export.Save(ctx, file, replace, func(w io.Writer) (err error) {
			written, err = exportAll(ctx, w, format, view, keys)
			return err
		})
		if exists := (*export.ExistsError)(nil); errors.As(err, &exists) {
			return ui.Exported{}, &ui.FileExistsError{
				Path: exists.Shown, Target: exists.Target, Size: exists.Size, Changed: exists.Changed,
			}
		}
		return ui.Exported{Path: file.Shown, Keys: written}, err
	}
}

// exportAll writes keys as they come, until ctx ends, and returns how many it were.
func exportAll(ctx context.Context, w io.Writer, format export.Format, view export.View, keys iter.Seq[model.Key]) (int, error) {
	const often = 1024 // asking a context takes longer than writing a key
	x, err := export.NewWriter(w, format, view)
	if err != nil {
		return 0, err
	}
	for key := range keys {
		if x.Count()%often == 0 && ctx.Err() != nil {
			return x.Count(), ctx.Err()
		}
		if err := x.Add(key); err != nil {
			return x.Count(), err
		}
	}
	return x.Count(), x.Close()
}

// exportFile returns the file that a person means: ~ is the home directory, and what is relative lies in the working
// directory. It is shown with ~ again.
func exportFile(typed string) (export.File, error) {
	home, homeErr := os.UserHomeDir()
	path := typed
	if rest, ok := strings.CutPrefix(typed, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		if homeErr != nil {
			return export.File{}, errors.New("~ stands for the home directory, which is not known here: HOME is not set; give the whole path")
		}
		path = home + rest
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return export.File{}, errors.New("the working directory cannot be found: give the whole path")
	}
	shown := absolute
	if homeErr == nil {
		if rest, ok := strings.CutPrefix(absolute, filepath.Clean(home)+string(filepath.Separator)); ok {
			shown = "~" + string(filepath.Separator) + rest
		}
	}
	if typed != "" && os.IsPathSeparator(typed[len(typed)-1]) { // Abs has taken it away, and it names a directory
		absolute += string(filepath.Separator)
	}
	return export.File{Path: absolute, Shown: shown}, nil
}
