package term

import "strings"

// Key is the byte sequence that a key press sends.
type Key string

// The keys that have no letter. The cursor keys change to their application
// form by themselves while the program asks for it.
const (
	Enter     Key = "\r"
	Esc       Key = "\x1b"
	Tab       Key = "\t"
	ShiftTab  Key = "\x1b[Z"
	Space     Key = " "
	Backspace Key = "\x7f"
	Delete    Key = "\x1b[3~"
	Up        Key = "\x1b[A"
	Down      Key = "\x1b[B"
	Right     Key = "\x1b[C"
	Left      Key = "\x1b[D"
	Home      Key = "\x1b[H"
	End       Key = "\x1b[F"
	PageUp    Key = "\x1b[5~"
	PageDown  Key = "\x1b[6~"
	CtrlA     Key = "\x01"
	CtrlC     Key = "\x03"
	CtrlD     Key = "\x04"
	CtrlL     Key = "\x0c"
	CtrlR     Key = "\x12"
	CtrlU     Key = "\x15"
	CtrlZ     Key = "\x1a"
	CtrlBack  Key = "\x1c" // ctrl+\
	FocusIn   Key = "\x1b[I"
	FocusOut  Key = "\x1b[O"
)

// Ctrl is the key that the given lower-case letter makes with ctrl.
func Ctrl(letter byte) Key { return Key([]byte{letter & 0x1f}) }

// Alt is the key with alt held, as terminals send it: with an escape before.
func Alt(k Key) Key { return Esc + k }

// application is the form of a cursor key in application mode (DECCKM).
func (k Key) application() Key {
	if len(k) == 3 && strings.HasPrefix(string(k), "\x1b[") && strings.IndexByte("ABCDHF", k[2]) >= 0 {
		return "\x1bO" + k[2:]
	}
	return k
}
