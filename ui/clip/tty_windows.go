package clip

import (
	"errors"
	"io"
)

// ttyName has no meaning on Windows: a console cannot be opened by a process without it.
type ttyName struct{}

func nameTerminal(io.Writer) (ttyName, error) {
	return ttyName{}, errors.New("on Windows a terminal cannot be written to after the command has ended")
}

func (ttyName) open() (io.WriteCloser, error) { return nameTerminalError() }

func nameTerminalError() (io.WriteCloser, error) {
	_, err := nameTerminal(nil)
	return nil, err
}
