package term

import (
	"os"
	"time"
)

// Answering says what a terminal does with a query of the program.
type Answering struct {
	never bool
	after time.Duration
}

// AtOnce answers every query at once, as a terminal on the same machine. It is
// the zero value.
var AtOnce = Answering{}

// Never answers nothing, as a serial console.
var Never = Answering{never: true}

// After answers each query d after it was sent, as a terminal far away.
func After(d time.Duration) Answering { return Answering{after: d} }

// Options say how to start a program. The zero value is a terminal of 80 by 24
// that answers at once, in a fresh directory, with an environment of PATH,
// LANG and TERM only.
type Options struct {
	// Cols and Rows are the size; 80 and 24 if 0.
	Cols, Rows int
	// Env is the whole environment, "NAME=value" each. If nil it is PATH and
	// LANG=C.UTF-8. TERM is set to xterm-256color if it is not in Env.
	Env []string
	// Dir is the working directory; a temporary one if empty.
	Dir string
	// Answer is how queries are answered.
	Answer Answering
	// TmuxConf are further lines of tmux configuration, for StartTmux.
	TmuxConf []string
}

// Terminal is a program at a terminal. Term and Tmux implement it. It is wide
// because a flow is written against it alone.
//
//nolint:interfacebloat // one flow needs all of it, on either implementation
type Terminal interface {
	// Send writes keys at once, in one piece.
	Send(keys string)
	// Type writes text one character at a time, each after the program has
	// read the one before.
	Type(text string)
	// Paste sends text as the terminal does on a paste: bracketed if the
	// program asked for it, as typed text if not.
	Paste(text string)
	// Key presses keys, one after the other.
	Key(keys ...Key)
	// Screen waits until the terminal has been quiet for a moment and returns
	// what is visible.
	Screen() Screen
	// WaitFor waits until text stands on a line of the screen and returns the
	// first screen that has it.
	WaitFor(text string) Screen
	// WaitGone waits until text stands nowhere on the screen.
	WaitGone(text string) Screen
	// WaitUntil waits for a screen that ok accepts and returns it. desc ends
	// the sentence "waited 10s for ..." of the failure.
	WaitUntil(desc string, ok func(Screen) bool) Screen
	// WaitExit waits for the end of the program and of its output and returns
	// its exit code: 128 plus the signal if one ended it.
	WaitExit() int
	// Resize changes the size of the terminal.
	Resize(cols, rows int)
	// Signal sends a signal to the program alone.
	Signal(sig os.Signal)
	// Pid is the process id of the program.
	Pid() int
	// Raw is every byte the terminal has received so far: from the program,
	// or, in tmux, from the tmux client.
	Raw() []byte
	// Clips are the OSC 52 requests that reached the terminal.
	Clips() []Clip
}
