package ui

import (
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// wakeAfter is how long a suspend may take before the program goes on by itself.
const wakeAfter = 500 * time.Millisecond

// suspend hides every secret and gives the terminal back to the shell.
//
// Bubble Tea stops the process group and waits for SIGCONT. The kernel does not stop a group that no shell could
// continue (POSIX calls it orphaned; it is all that runs in a tmux pane or at the end of ssh -t), and then that signal
// would never come: so it is sent from here. A program that was really stopped gets there only after it was continued,
// when one more means nothing.
func (a *app) suspend() tea.Cmd {
	a.hideSecrets()
	a.resumed()
	resumed := make(chan struct{})
	a.resumed = sync.OnceFunc(func() { close(resumed) })
	go func() {
		wake := time.NewTicker(wakeAfter)
		defer wake.Stop()
		for {
			select {
			case <-wake.C:
				continueSelf()
			case <-resumed:
				return
			case <-a.ctx.Done():
				return
			}
		}
	}()
	return tea.Suspend
}
