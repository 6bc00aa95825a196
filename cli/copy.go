package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"clavier/model"
	"clavier/ui/clip"
)

func (a *app) copyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "copy NAME|ID",
		Short: "Copy the secret of a key to the clipboard",
		Long: `Copy the secret of a key to the clipboard that you paste from, also through
SSH, tmux and screen, and say on standard error which way was taken. It is
cleared after the time of the setting clipboard_clear. clavier doctor says
which way is taken here and why.`,
		Args:              exactly("NAME|ID"),
		ValidArgsFunction: a.completeKeys,
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := a.settings()
			if err != nil {
				return err
			}
			key, secret, err := a.reveal(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return a.copy(cmd.Context(), settings.Clipboard, settings.ClipboardClear, key, secret)
		},
	}
}

func (a *app) copy(ctx context.Context, setting string, clearAfter time.Duration, key model.Key, secret model.Secret) error {
	terminal := a.escapeTarget()
	env := clip.Here()
	env.NoTerminal = terminal == nil
	board := clip.New(clip.Choose(setting, env), terminal)
	receipt, err := board.Copy(ctx, secret.Reveal())
	if err != nil {
		return err
	}
	a.sayf("%s", copied(key, receipt))
	if clearAfter <= 0 {
		a.sayf("it stays there until something else is copied")
		return nil
	}
	pending, err := board.Later(clearAfter) //nolint:contextcheck // it outlives this command
	if err != nil {
		a.sayf("%v", err)
		return nil
	}
	a.sayf("%s", pending.Text)
	return nil
}

// copied says how the secret went to the clipboard, and whether that could be seen.
func copied(key model.Key, receipt clip.Receipt) string {
	text := fmt.Sprintf("copied %s: %s", quote(key.Name), receipt.Text)
	if receipt.Confirmed {
		text += ", confirmed"
	}
	if receipt.Note != "" {
		text += "; " + receipt.Note
	}
	return text
}

// escapeTarget returns where an escape sequence reaches the terminal, or nil: standard output or error if one is a
// terminal, else the controlling terminal.
func (a *app) escapeTarget() io.Writer {
	for _, stream := range []any{a.streams.Err, a.streams.Out} {
		if terminal, ok := terminalOf(stream); ok {
			return terminal
		}
	}
	if terminal, err := a.terminal(); err == nil {
		return terminal.out
	}
	return nil
}
