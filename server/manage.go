package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"clavier/model"
	"clavier/wire"
)

const (
	// storeWait is how long a request waits for the store.
	storeWait = 10 * time.Second
	// mostReaders is how many requests that change nothing ask the store at once.
	mostReaders = 16
)

// manage is the half of a server with which people manage keys.
type manage struct {
	store       Store
	verify      *verifier
	version     string
	now         func() time.Time
	log         *slog.Logger
	behindProxy bool
	metrics     *metrics

	mux *http.ServeMux
	api huma.API
	// operations are those that the API knows, by the pattern of the mux.
	operations map[string]operation
	document   []byte

	refusals refusals

	readers chan struct{} // has a value for each who reads
}

func newManage(o Options, v *verifier, counts *metrics, ready func() error) *manage {
	m := &manage{
		store: o.Store, verify: v, version: o.Version, now: o.Now, log: o.Log, behindProxy: o.BehindProxy, metrics: counts,
		mux: http.NewServeMux(), operations: map[string]operation{}, readers: make(chan struct{}, mostReaders),
	}
	m.api = humago.New(guarded{m}, apiConfig(o.Version))
	m.registerKeys()
	m.registerRotations()
	m.registerAnswers()
	m.registerState()
	m.document = m.describe()
	m.mux.HandleFunc("GET "+wire.PathOpenAPI, m.serveDocument)
	m.mux.HandleFunc("GET "+wire.PathHealth, healthy)
	m.mux.HandleFunc("GET "+wire.PathReady, readiness(ready))
	m.mux.HandleFunc("GET "+problemPath, m.explainProblem)
	return m
}

// ServeHTTP answers a request, counts it, and writes a line about it.
func (m *manage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	rec := &recorder{ResponseWriter: w}
	c := &call{method: methodOf(r), from: addressOf(r, m.behindProxy)}
	defer func() { //nolint:contextcheck // what is told of a panic needs no context
		if value := recover(); value != nil {
			if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(value)
			}
			logPanic(m.log, c, value)
			if rec.status == 0 {
				plain(http.StatusInternalServerError, "the service failed, and its log says how").write(rec)
			}
		}
		took := time.Since(began)
		m.metrics.observe(c.route, rec.statusSent(), took)
		logCall(r.Context(), m.log, c, rec.statusSent(), took)
	}()
	rec.Header().Set("Cache-Control", "no-store")
	rec.Header().Set("X-Content-Type-Options", "nosniff")
	m.route(rec, r, c)
}

// asked are the paths that are asked again and again, by screens and by whoever watches the service.
var asked = []string{wire.PathHealth, wire.PathReady, wire.PathState, wire.PathChanges}

// route finds who answers. A path that is not in its plain form is none of ours, and nothing redirects.
func (m *manage) route(w http.ResponseWriter, r *http.Request, c *call) {
	handler, pattern := m.mux.Handler(r)
	switch c.route = pattern; {
	case pattern == "" || path.Clean(r.URL.Path) != r.URL.Path:
		c.route = "none"
		lost(handler, r).write(w)
	default:
		c.quiet = slices.Contains(asked, r.URL.Path)
		m.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callKey{}, c)))
	}
}

// lost returns what is answered where nobody does: 405 with the methods that are known there, or 404. The handler is what the
// mux would answer with.
func lost(handler http.Handler, r *http.Request) *problem {
	if path.Clean(r.URL.Path) == r.URL.Path {
		probe := probe{http.Header{}}
		handler.ServeHTTP(probe, r)
		if allow := probe.Header().Get("Allow"); allow != "" {
			return plain(http.StatusMethodNotAllowed, "this path takes other methods: "+allow).with("Allow", allow)
		}
	}
	return plain(http.StatusNotFound, "there is nothing at this path; "+wire.PathOpenAPI+" tells what there is")
}

// probe takes an answer and keeps its header alone.
type probe struct{ header http.Header }

func (p probe) Header() http.Header            { return p.header }
func (p probe) Write(body []byte) (int, error) { return len(body), nil }
func (p probe) WriteHeader(int)                {}

// guarded is the mux as the API sees it: each handler stands behind the guard of its operation.
type guarded struct{ m *manage }

func (g guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.m.mux.ServeHTTP(w, r) }

func (g guarded) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	op, known := g.m.operations[pattern]
	if !known {
		panic(pattern + " is no operation")
	}
	g.m.mux.HandleFunc(pattern, g.m.guard(op, handler))
}

// operation is one thing that people ask of a server.
type operation struct {
	id, method, path string
	summary          string
	// role is the least that the presented key needs.
	role model.Role
	// action is what the activity calls a change that was refused; empty for what changes nothing.
	action model.Action
	// body is the most bytes of the body; 0 if there is none.
	body int64
	// status is that of a success, others are further ones.
	status int
	others []int
}

// nothing is an answer without a body.
type nothing struct{}

// register adds an operation. What handle returns as an error becomes a problem, and a line of activity if it refuses a change.
func register[I, O any](m *manage, op operation, handle func(ctx context.Context, c *call, in *I) (*O, error)) {
	m.operations[op.method+" "+op.path] = op
	huma.Register(m.api, describeOperation(m.api, op), func(ctx context.Context, in *I) (*O, error) {
		c := callOf(ctx)
		if op.action == "" {
			if err := m.enter(ctx); err != nil {
				return nil, m.failed(ctx, c, err)
			}
			defer func() { <-m.readers }()
		}
		out, err := handle(ctx, c, in)
		if err != nil {
			return nil, m.failed(ctx, c, err)
		}
		return out, nil
	})
}

// enter waits until so few others read that changes come to their turn beside them. Who comes in takes a value out of readers in
// the end, before the answer is sent.
func (m *manage) enter(ctx context.Context) error {
	select {
	case m.readers <- struct{}{}:
		return nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return model.ErrStoreBusy
		}
		return ctx.Err()
	}
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter

	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(body []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(body)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) statusSent() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}
