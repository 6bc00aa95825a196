// Package term drives a program the way a person at a terminal does, for
// tests. Start runs a command in a pseudo-terminal with a terminal emulator
// behind it; StartTmux runs it in a real tmux. Both satisfy Terminal, so one
// flow can run on either.
//
// Nothing here sleeps. Waiting is for a screen (WaitFor, WaitUntil), with a
// deadline after which the test fails and prints the screen it saw. The
// deadline is DefaultPatience times the number in the environment variable
// CLAVIER_E2E_PATIENCE, for slow machines.
//
// The program under test must not import this package.
package term
