//go:build linux || darwin

package term

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// termiosDiff names the line settings that changed.
func termiosDiff(before, now *unix.Termios) []string {
	var diff []string
	flag := func(name string, was, is, bit uint64) {
		switch {
		case was&bit == is&bit:
		case is&bit != 0:
			diff = append(diff, name+" on")
		default:
			diff = append(diff, name+" off")
		}
	}
	in, inNow := uint64(before.Iflag), uint64(now.Iflag)
	out, outNow := uint64(before.Oflag), uint64(now.Oflag)
	local, localNow := uint64(before.Lflag), uint64(now.Lflag)
	n := len(diff)
	flag("icrnl", in, inNow, unix.ICRNL)
	flag("inlcr", in, inNow, unix.INLCR)
	flag("ixon", in, inNow, unix.IXON)
	flag("brkint", in, inNow, unix.BRKINT)
	flag("istrip", in, inNow, unix.ISTRIP)
	if len(diff) == n && in != inNow {
		diff = append(diff, fmt.Sprintf("input flags %#x instead of %#x", inNow, in))
	}
	n = len(diff)
	flag("opost", out, outNow, unix.OPOST)
	flag("onlcr", out, outNow, unix.ONLCR)
	if len(diff) == n && out != outNow {
		diff = append(diff, fmt.Sprintf("output flags %#x instead of %#x", outNow, out))
	}
	n = len(diff)
	flag("icanon", local, localNow, unix.ICANON)
	flag("echo", local, localNow, unix.ECHO)
	flag("isig", local, localNow, unix.ISIG)
	flag("iexten", local, localNow, unix.IEXTEN)
	if len(diff) == n && local != localNow {
		diff = append(diff, fmt.Sprintf("local flags %#x instead of %#x", localNow, local))
	}
	if before.Cflag != now.Cflag {
		diff = append(diff, fmt.Sprintf("control flags %#x instead of %#x", now.Cflag, before.Cflag))
	}
	if before.Cc != now.Cc {
		diff = append(diff, "control characters")
	}
	return diff
}
