//go:build !unix

package cli

import "os"

var endings = []os.Signal{os.Interrupt}

// openConsole opens the console of Windows.
func openConsole() (in, out *os.File, err error) {
	if in, err = os.OpenFile("CONIN$", os.O_RDWR, 0); err != nil {
		return nil, nil, err
	}
	if out, err = os.OpenFile("CONOUT$", os.O_RDWR, 0); err != nil {
		_ = in.Close()
		return nil, nil, err
	}
	return in, out, nil
}

// surviveBrokenPipe has nothing to do: a write to a reader that has gone is an error.
func surviveBrokenPipe() {}

// endBy ends the program: no signal does that here.
func endBy(os.Signal) { os.Exit(exitRefused) }
