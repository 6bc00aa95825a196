package server

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"clavier/model"
)

// logCall writes one line about a request: never a header, a body, or what stands behind the question mark.
func logCall(ctx context.Context, to *slog.Logger, c *call, status int, took time.Duration) {
	level := slog.LevelInfo
	if c.quiet {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("method", c.method), slog.String("route", c.route), slog.Int("status", status), slog.Duration("took", took),
		slog.String("from", c.from),
	}
	if c.caller.ID != "" {
		attrs = append(attrs, slog.String("key", c.caller.ID))
	}
	if c.target != "" {
		attrs = append(attrs, slog.String("target", c.target))
	}
	to.LogAttrs(ctx, level, "request", attrs...)
}

// logTrouble writes what failed in the service itself. Store errors hold no secret: ids, names and places alone.
func logTrouble(to *slog.Logger, c *call, err error) {
	to.Error("a request failed", "method", c.method, "route", c.route, "target", c.target, "err", model.Display(err.Error()))
}

// logPanic writes where a request made the program panic.
func logPanic(to *slog.Logger, c *call, value any) {
	to.Error("a request panicked", "method", c.method, "route", c.route, "value", panicText(value), "stack", string(debug.Stack()))
}

// panicText says what a program panicked with: by its kind alone unless it is an error or a text of ours, for it may hold what was
// sent.
func panicText(value any) string {
	switch value := value.(type) {
	case error:
		return shown(value.Error())
	case string:
		return shown(value)
	}
	return fmt.Sprintf("a %T", value)
}

// methodOf returns a method for a label: those that are known, and one word for all others.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
		http.MethodConnect, http.MethodTrace:
		return r.Method
	}
	return "other"
}

// errorLog takes what net/http has to say of connections that fail, and passes it on as one displayable line.
func errorLog(to *slog.Logger) *log.Logger { return log.New(lineWriter{to}, "", 0) }

type lineWriter struct{ to *slog.Logger }

func (w lineWriter) Write(line []byte) (int, error) {
	w.to.Warn("a connection failed", "err", shown(strings.TrimSpace(string(line))))
	return len(line), nil
}
