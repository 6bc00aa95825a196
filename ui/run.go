package ui

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/paint"
)

// How long the program waits at its end: for writes under way, for the clipboard, and for a screen that does not answer
// a signal.
const (
	finishWait = 6 * time.Second
	clearWait  = 3 * time.Second
	signalWait = 2 * time.Second
)

// Run shows the screen until the person leaves it. Before it returns the terminal is whole, operations under way have
// ended and what was copied has been cleared; what there is to say about that goes to os.Stderr. The error is
// *InterruptedError if a signal ended the program, and otherwise says why the terminal could not be used.
func Run(ctx context.Context, opts Options) error {
	opts = withDefaults(opts)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	a := newApp(ctx, opts, 0, 0)
	var shown tea.Model = a
	var output io.Writer = opts.Output
	options := []tea.ProgramOption{
		tea.WithAltScreen(), tea.WithReportFocus(), tea.WithInput(opts.Input), tea.WithoutSignalHandler(),
	}
	if opts.StockRenderer {
		a.clipboard = opts.Clipboard(opts.Output)
		a.repaint = func() {}
	} else {
		out := paint.NewOutput(opts.Output, paint.Synchronizes(os.Getenv))
		a.clipboard = opts.Clipboard(terminalWriter{out})
		a.repaint = out.Invalidate
		shown, output = paint.Wrap(a, out), out
		options = append(options, tea.WithFPS(1))
	}
	program := tea.NewProgram(shown, append(options, tea.WithOutput(output))...)

	stopSignals, stopTicks := forwardSignals(program), sendTicks(program)
	_, err := program.Run()
	stopSignals()
	stopTicks()

	cancel() // reads under way; writes finish or are rolled back
	if !a.work.finish(finishWait) {
		fmt.Fprintln(os.Stderr, "clavier: an operation did not end in time; the list shows next time whether it was done")
	}
	a.clearAtEnd(context.WithoutCancel(ctx))
	for _, trace := range a.crashes.all() {
		fmt.Fprintln(os.Stderr, trace)
	}
	if a.ended != nil {
		return a.ended
	}
	return err
}

func withDefaults(opts Options) Options {
	if opts.Input == nil {
		opts.Input = os.Stdin
	}
	if opts.Output == nil {
		opts.Output = os.Stdout
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Location == nil {
		opts.Location = time.Local
	}
	if opts.RevealFor <= 0 || opts.RevealFor > 30*time.Second {
		opts.RevealFor = 30 * time.Second
	}
	if opts.Waits == nil {
		opts.Waits = func(ctx context.Context, _ func(string, time.Time)) context.Context { return ctx }
	}
	if opts.Stale == (model.StaleRule{}) {
		opts.Stale = model.DefaultStaleRule
	}
	return opts
}

// terminalWriter writes to the terminal between two frames.
type terminalWriter struct{ out *paint.Output }

func (w terminalWriter) Write(p []byte) (int, error) {
	if err := w.out.Passthrough(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// forwardSignals turns SIGINT, SIGTERM and SIGHUP into a message, so that the screen is left the usual way. If that does
// not happen in time, because the terminal takes no bytes, the program is killed. It returns the function that ends it.
func forwardSignals(program *tea.Program) func() {
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		select {
		case s := <-signals:
			go program.Send(signalMsg{s})
		case <-done:
			return
		}
		select {
		case <-time.After(signalWait):
			program.Kill()
		case <-done:
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

// sendTicks sends a tickMsg once a second. It returns the function that ends it.
func sendTicks(program interface{ Send(msg tea.Msg) }) func() {
	ticker := time.NewTicker(time.Second)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-ticker.C:
				program.Send(tickMsg{})
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
	}
}

// clearAtEnd clears what was copied and would have been cleared later.
func (a *app) clearAtEnd(ctx context.Context) {
	if a.copied.clearAt.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, clearWait)
	defer cancel()
	cleared, err := a.clipboard.Clear(ctx)
	if err != nil {
		fmt.Fprintf(os.Stderr, "clavier: the clipboard could not be cleared: %s\n", sentence(err))
		return
	}
	fmt.Fprintf(os.Stderr, "clavier: %s\n", cleared.Text)
}
