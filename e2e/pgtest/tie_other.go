//go:build unix && !linux

package pgtest

import "syscall"

// tie does nothing: only Linux can do it.
func tie(*syscall.SysProcAttr) {}
