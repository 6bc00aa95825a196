// Package cli is the commands of clavier: the screen by default, and the same operations without it. It handles
// arguments, streams and questions, and nothing else.
package cli

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"clavier/config"
	"clavier/seal"
	"clavier/ui/clip"
)

// Streams are what the commands read and write. In and Out are also the screen's terminal, if they are one.
type Streams struct {
	In       *os.File
	Out, Err io.Writer
}

// Run runs the command that args name, without the program's own name, and returns its error for Report. It writes
// nothing about the error itself.
func Run(args []string, streams Streams) error {
	if len(args) > 0 && args[0] == clip.HelperCommand {
		return clip.RunHelper(args[1:], streams.In, streams.Out)
	}
	if err := refuseSecrets(args); err != nil {
		return err
	}
	root := newRoot(streams)
	root.SetArgs(separateCommand(args))
	var i interrupts
	ctx := tellingWaits(interruptible(context.Background(), &i), sayWaits(streams.Err, time.Now))
	return i.say(root.ExecuteContext(ctx))
}

// app is what all commands share. Nothing of it is opened before a command needs it.
type app struct {
	streams Streams
	flags   struct{ profile, config string }
	given   func(flag string) bool // whether a flag of the root was given
	loaded  *config.Config         // what is in force, once it is known
	console *tty                   // the person's terminal, once it was needed
	vaults  vaults
	now     func() time.Time
	zone    *time.Location
}

// vaults are those that are open, by whose they are; see app.vaultOf.
type vaults struct {
	mu  sync.Mutex
	all map[string]*seal.Vault
}

func newApp(streams Streams) *app {
	return &app{streams: streams, now: time.Now, zone: time.Local}
}

// Root returns the tree of commands, for what describes them: the man pages.
func Root() *cobra.Command {
	root := newRoot(Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	root.InitDefaultVersionFlag()
	return root
}
