// Command manpages writes the manual pages of clavier, one for each command, for packages:
//
//	go run ./cli/manpages DIR
//
// It is a program of its own so that what renders the pages is no part of clavier. The date of the pages is that of
// SOURCE_DATE_EPOCH, if it is set.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra/doc"

	"clavier/cli"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "manpages:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("needs the directory to write to, and nothing else")
	}
	if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // manual pages are for everybody
		return err
	}
	root := cli.Root()
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Title: "CLAVIER", Section: "1", Source: "clavier", Manual: "User Commands"}
	return doc.GenManTree(root, header, args[0])
}
