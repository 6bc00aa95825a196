// Command stage is what end-to-end tests need beside clavier itself: a quick way to fill stores, and the screen over a
// store that fails and waits when it is told to.
//
//	stage fill [-identity FILE] STORE KEYS NOW
//	stage screen -identity FILE [-fail N-M] [-gate FIFO] [-pages FIFO] [-log FILE] STORE
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	_ "clavier/ui/quiet" // as in the program itself
)

func main() {
	err := errors.New("fill or screen?")
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "fill":
			err = fill(context.Background(), os.Args[2:])
		case "screen":
			err = screen(context.Background(), os.Args[2:])
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "stage:", err)
		os.Exit(1)
	}
}
