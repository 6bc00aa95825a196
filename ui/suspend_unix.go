//go:build unix

package ui

import "syscall"

func continueSelf() { _ = syscall.Kill(syscall.Getpid(), syscall.SIGCONT) }
