package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/term"
)

var (
	errNoTerminal  = errors.New("there is no terminal to ask on")
	errInterrupted = errors.New("interrupted; nothing was done")
)

// maxLine bounds a line that is read, in bytes.
const maxLine = 4096

// terminalOf returns the file of a stream that is a terminal.
func terminalOf(stream any) (*os.File, bool) {
	file, ok := stream.(*os.File)
	return file, ok && file != nil && term.IsTerminal(int(file.Fd()))
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	_, ok := terminalOf(stream)
	return ok
}

// tty is the terminal of the person, whatever standard input and output are connected to.
type tty struct {
	in, out *os.File
	editor  *term.Terminal // keeps what was typed ahead between two hidden questions
}

// terminal returns the one terminal of the program, or errNoTerminal. It stays open until the program ends.
func (a *app) terminal() (*tty, error) {
	if a.console != nil {
		return a.console, nil
	}
	in, out, err := openConsole()
	if err != nil || !isTerminal(in) {
		return nil, errNoTerminal
	}
	a.console = &tty{in: in, out: out}
	return a.console, nil
}

// askHidden asks a question whose answer is not shown. The terminal's modes are as before when it returns, also after
// ctrl+c or another signal to end, for which it returns errInterrupted.
func (t *tty) askHidden(question string) (string, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endings...)
	defer signal.Stop(signals)
	// The modes are set and restored here and not where the answer is read: a signal in between cannot leave the
	// terminal without echo.
	before, err := term.MakeRaw(int(t.in.Fd()))
	if err != nil {
		return "", errNoTerminal
	}
	defer func() { _ = term.Restore(int(t.in.Fd()), before) }()
	if t.editor == nil {
		t.editor = term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{t.in, t.out}, "")
	}
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := t.editor.ReadPassword(question)
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil && !errors.Is(a.err, term.ErrPasteIndicator) { // ctrl+c and ctrl+d are io.EOF
			_, _ = io.WriteString(t.out, "\r\n")
			return "", errInterrupted
		}
		return a.text, nil
	case <-signals:
		_, _ = io.WriteString(t.out, "\r\n")
		return "", errInterrupted
	}
}

// ask asks a question whose answer is shown as it is typed. The answer is without its line end.
func (t *tty) ask(question string) (string, error) {
	if _, err := io.WriteString(t.out, question); err != nil {
		return "", err
	}
	line, err := readLine(t.in)
	if errors.Is(err, io.EOF) {
		_, _ = io.WriteString(t.out, "\n")
		return "", errInterrupted
	}
	return line, err
}

var errLongLine = fmt.Errorf("a line has at most %d bytes", maxLine)

// readLine reads one line of at most maxLine bytes and not a byte beyond it: what follows is for whoever reads next. It
// drops the line end, \n or \r\n. It returns io.EOF if there is nothing at all, and errLongLine.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := r.Read(one)
		if n == 1 {
			if one[0] == '\n' {
				return strings.TrimSuffix(string(line), "\r"), nil
			}
			if line = append(line, one[0]); len(line) > maxLine {
				return "", errLongLine
			}
			continue
		}
		switch {
		case errors.Is(err, io.EOF) && len(line) > 0:
			return string(line), nil
		case err != nil:
			return "", err
		}
	}
}
