package term

import "golang.org/x/sys/unix"

const (
	getTermios = unix.TIOCGETA
	queued     = 0x4004667f // FIONREAD, which x/sys does not name here
)
