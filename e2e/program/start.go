//go:build linux || darwin

package program

import (
	"testing"

	"clavier/e2e/term"
)

// Start runs the program in a terminal, in this home. o.Env, if set, is added
// to the environment of the home.
func (h *Home) Start(tb testing.TB, o term.Options, args ...string) *term.Term {
	tb.Helper()
	o.Env, o.Dir = h.Env(o.Env...), h.dir(o)
	return term.Start(tb, o, h.argv(tb, args)...)
}

// StartTmux is Start in a tmux.
func (h *Home) StartTmux(tb testing.TB, o term.Options, args ...string) *term.Tmux {
	tb.Helper()
	o.Env, o.Dir = h.Env(o.Env...), h.dir(o)
	return term.StartTmux(tb, o, h.argv(tb, args)...)
}

func (h *Home) dir(o term.Options) string {
	if o.Dir != "" {
		return o.Dir
	}
	return h.Dir
}
