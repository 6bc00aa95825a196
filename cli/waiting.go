package cli

import (
	"context"
	"fmt"
	"io"
	"time"
)

// waitSaid is how long a service must ask to wait before a command says so.
const waitSaid = 2 * time.Second

type waitingKey struct{}

// tellingWaits returns a context whose calls to a key service tell when they wait because it has asked for that: its host and until
// when, and the zero time once they wait no longer. told must return at once, and may be called by several calls at the same time.
// Nobody is told if it is nil.
func tellingWaits(ctx context.Context, told func(host string, until time.Time)) context.Context {
	return context.WithValue(ctx, waitingKey{}, told)
}

// tellWaits is remote.Options.Waiting for the service at a host.
func tellWaits(host string) func(ctx context.Context, until time.Time) {
	return func(ctx context.Context, until time.Time) {
		if told, _ := ctx.Value(waitingKey{}).(func(string, time.Time)); told != nil {
			told(host, until)
		}
	}
}

// sayWaits writes a line for each wait that is worth it.
func sayWaits(out io.Writer, now func() time.Time) func(host string, until time.Time) {
	return func(host string, until time.Time) {
		if d := until.Sub(now()); !until.IsZero() && d >= waitSaid {
			_, _ = fmt.Fprintf(out, "waiting %d s: %s asks for it\n", int(d.Round(time.Second)/time.Second), host)
		}
	}
}
