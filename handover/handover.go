// Package handover gives a secret to a command that reads it from its standard input, such as gh secret set, and passes on
// what the command says without the secret in it.
package handover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"clavier/model"
)

const (
	// DefaultLimit is how long a command may take unless it says otherwise.
	DefaultLimit = 60 * time.Second

	gentle        = 2 * time.Second // from the request to end to the order
	argumentLeast = 8               // characters of a secret that does not stand in an argument by chance

	afterEnd = 500 * time.Millisecond // how long the output of a command that has ended is waited for
)

// The failures that callers tell apart. Each is wrapped in a sentence that names the command.
var (
	// ErrUnread: the command ended well without reading a byte of the secret, so nobody has it. Look at its arguments: docker
	// exec, for one, needs -i.
	ErrUnread = errors.New("did not read the secret")
	// ErrLimit: the command was still running when its time was over, and was ended.
	ErrLimit = errors.New("was still running")
)

// errArgument keeps the secret from other programs, which can read the arguments of every process.
var errArgument = errors.New("the secret stands in the command: leave it out, the command gets it on standard input")

// Command is a program that reads a secret from its standard input.
type Command struct {
	// Args are the program and its arguments; with Shell, one line for sh -c.
	Args []string
	// Shell has the line run by sh.
	Shell bool
	// Limit is how long it may take; DefaultLimit if 0.
	Limit time.Duration
}

// name is what the command is called in a sentence.
func (c Command) name() string {
	if c.Shell {
		return "the command"
	}
	return model.Display(c.Args[0])
}

// Run runs the command with the secret, and nothing else, on its standard input. The command has a session of its own, so
// that it cannot reach the terminal, and an environment in which the secret does not stand. It gets no colours.
//
// What it writes to standard output and error comes to out, line by line, without line ends, one call at a time and none
// after Run has returned. In it the secret, in hexadecimal, base64 and the escapes of URLs, JSON and the shell too, is
// "[redacted]", and what a terminal might obey is made displayable. A line is cut after 2 KiB; of very many lines the
// first 400 and the last 100 come, and one that says how many were left out.
//
// The error is one sentence: the command was not found or cannot be started, its exit status, the signal that ended it,
// ErrUnread, ErrLimit, or the error of ctx; a command in which the secret stands is not run. At the end of ctx and of its time the command is ended with all that it
// started. That it closes its standard input early is no failure.
func Run(ctx context.Context, c Command, secret model.Secret, out func(line string)) error {
	if len(c.Args) == 0 || c.Args[0] == "" {
		return errNoCommand
	}
	forms := formsOf(secret.Reveal())
	if len(secret.Reveal()) >= argumentLeast && holdsAny(strings.Join(c.Args, " "), forms) {
		return errArgument
	}
	args := c.Args
	if c.Shell {
		args = []string{"sh", "-c", strings.Join(c.Args, " ")}
	}
	cmd := exec.Command(args[0], args[1:]...) //nolint:noctx // it is ended below, with its group, and gently first
	cmd.Env = environment(os.Environ(), forms)
	cmd.SysProcAttr = ownSession()

	var pipes pipes
	defer pipes.close()
	stdin, give, err := pipes.open()
	if err != nil {
		return err
	}
	sink := newSink(out)
	defer sink.close()
	var readers sync.WaitGroup
	var outputs []*os.File
	for _, to := range []*io.Writer{&cmd.Stdout, &cmd.Stderr} {
		r, w, err := pipes.open()
		if err != nil {
			return err
		}
		*to = w
		outputs = append(outputs, w)
		readers.Go(func() { read(r, newMasker(forms, newLines(sink.line))) })
	}
	cmd.Stdin = stdin

	err = cmd.Start()
	for _, w := range outputs {
		_ = w.Close() // the command has its own
	}
	if err != nil {
		return startError(c.name(), err)
	}
	go func() {
		_, _ = io.WriteString(give, secret.Reveal())
		_ = give.Close()
	}()
	why, ended := await(ctx, c, cmd)
	settle(&readers, outputsOf(&pipes))
	sink.close()
	if why != nil {
		return why
	}
	if ended != nil {
		return endError(c.name(), cmd.ProcessState, ended)
	}
	// This program holds the other end of standard input, so what nobody has read can still be read.
	left, err := io.ReadAll(stdin)
	if err == nil && len(left) == len(secret.Reveal()) && len(left) > 0 {
		return fmt.Errorf("%s ended well, but %w: look at its arguments", c.name(), ErrUnread)
	}
	return nil
}

// await waits for the end of the command, or brings it about at the end of ctx or of its time. Then why says so; else
// ended is what Wait returns.
func await(ctx context.Context, c Command, cmd *exec.Cmd) (why, ended error) {
	limit := c.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case ended = <-done:
		return nil, ended
	case <-ctx.Done():
		why = fmt.Errorf("%s was ended: %w", c.name(), ctx.Err())
	case <-timer.C:
		why = fmt.Errorf("%s %w after %s, and was ended", c.name(), ErrLimit, limit)
	}
	terminate(cmd.Process)
	patience := time.NewTimer(gentle)
	defer patience.Stop()
	select {
	case ended = <-done:
	case <-patience.C:
		kill(cmd.Process)
		ended = <-done
	}
	kill(cmd.Process) // what it started and what did not hear
	return why, ended
}

// settle waits for the output of a command that has ended, but not for ever: something that it left behind may hold it.
func settle(readers *sync.WaitGroup, outputs []*os.File) {
	done := make(chan struct{})
	go func() {
		readers.Wait()
		close(done)
	}()
	timer := time.NewTimer(afterEnd)
	defer timer.Stop()
	select {
	case <-done:
		return
	case <-timer.C:
	}
	for _, r := range outputs {
		_ = r.Close()
	}
	timer.Reset(afterEnd)
	select {
	case <-done:
	case <-timer.C: // where closing ends no read: what comes is dropped
	}
}

// read passes on what comes until there is no more.
func read(from io.Reader, to *masker) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		to.write(buffer[:n])
		if err != nil {
			to.end()
			return
		}
	}
}

// pipes are what has to be closed in the end.
type pipes struct{ all []*os.File }

func (p *pipes) open() (r, w *os.File, err error) {
	if r, w, err = os.Pipe(); err != nil {
		return nil, nil, fmt.Errorf("a command cannot be started: %w", err)
	}
	p.all = append(p.all, r, w)
	return r, w, nil
}

// outputsOf are the reading ends of standard output and error.
func outputsOf(p *pipes) []*os.File { return []*os.File{p.all[2], p.all[4]} }

func (p *pipes) close() {
	for _, f := range p.all {
		_ = f.Close()
	}
}

// environment is an environment without the variables that hold the secret, and one that asks for plain output.
func environment(all []string, forms [][]byte) []string {
	var kept []string
	for _, variable := range all {
		if !holdsAny(variable, forms) {
			kept = append(kept, variable)
		}
	}
	return append(kept, "NO_COLOR=1", "TERM=dumb")
}

func holdsAny(text string, forms [][]byte) bool {
	for _, form := range forms {
		if strings.Contains(text, string(form)) {
			return true
		}
	}
	return false
}

// startError says why a command cannot be started.
func startError(name string, err error) error {
	switch {
	case errors.Is(err, exec.ErrDot):
		return fmt.Errorf("%s stands in this directory and not on the PATH: give its path, such as ./%s", name, name)
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s was not found: install it, or give its whole path", name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s cannot be started: it is not executable for you", name)
	}
	return fmt.Errorf("%s cannot be started: %s", name, model.Display(err.Error()))
}

// endError says how a command has failed.
func endError(name string, state *os.ProcessState, err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) || state == nil {
		return fmt.Errorf("%s failed: %s", name, model.Display(err.Error()))
	}
	if signal := signalOf(state); signal != "" {
		return fmt.Errorf("%s was ended by a signal: %s", name, signal)
	}
	return fmt.Errorf("%s failed with exit status %d", name, state.ExitCode())
}
