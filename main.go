// Command clavier is a keyboard-driven terminal for API keys: it makes them, names them, lists them, hands them to you
// by clipboard and deletes them for good.
package main

import (
	"os"

	"clavier/cli"
	_ "clavier/ui/quiet" // decides the background colour before Bubble Tea would ask the terminal for it
)

func main() {
	err := cli.Run(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	os.Exit(cli.Report(os.Stderr, err))
}
