package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"

	"clavier/model"
	"clavier/wire"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// managed is a server with a key of each role, and a clock that stands until it is moved. Every answer is held against the
// document of the API.
type managed struct {
	t       *testing.T
	store   *faultStore
	server  *Server
	handler http.Handler
	logged  *logBuffer
	keys    map[model.Role]model.Record
	secrets map[model.Role]string
	valid   validator.Validator

	mu  sync.Mutex
	now time.Time
}

// manageOver starts a server over a store. It stops with the test.
func manageOver(t *testing.T, store Store, change ...func(*Options)) *managed {
	t.Helper()
	m := idle(t, store, change...)
	m.run()
	m.catchUp()
	return m
}

// idle is a server that does not run yet.
func idle(t *testing.T, store Store, change ...func(*Options)) *managed {
	t.Helper()
	m := &managed{
		t: t, store: &faultStore{Store: store, fails: map[string]error{}}, logged: &logBuffer{}, now: noon,
		keys: map[model.Role]model.Record{}, secrets: map[model.Role]string{},
	}
	for _, role := range []model.Role{model.RoleUse, model.RoleRead, model.RoleManage} {
		m.keys[role], m.secrets[role] = draft(t, role.String()+" key", noon.Add(-time.Hour), func(key *model.Key) { key.Role = role })
		if _, err := store.PutNew(t.Context(), m.keys[role], "", model.Actor{By: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	options := Options{Store: m.store, Version: "1.2.3", Now: m.clock, Log: slog.New(slog.NewJSONHandler(m.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, do := range change {
		do(&options)
	}
	m.server = New(options)
	m.handler = m.server.Handler()
	m.valid = documented(m.server)
	return m
}

// documented returns the document, which is the same for all servers, as something that answers are held against.
var documented = func() func(*Server) validator.Validator {
	var once sync.Once
	var valid validator.Validator
	return func(s *Server) validator.Validator {
		once.Do(func() {
			document, err := libopenapi.NewDocument(s.manage.document)
			if err != nil {
				panic(err)
			}
			var errs []error
			if valid, errs = validator.NewValidator(document, config.WithFormatAssertions()); len(errs) != 0 {
				panic(errs)
			}
		})
		return valid
	}
}()

// run is Run until the test ends.
func (m *managed) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- m.server.Run(ctx) }()
	m.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			m.t.Error(err)
		}
	})
}

func (m *managed) clock() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *managed) move(by time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(by)
}

// catchUp lets the server know what was put into its store beside it.
func (m *managed) catchUp() {
	m.t.Helper()
	if err := m.server.verify.catchUp(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
}

// add puts a key into the store.
func (m *managed) add(name string, change ...func(*model.Key)) (model.Record, string) {
	m.t.Helper()
	record, secret := draft(m.t, name, m.clock().Add(-time.Minute), change...)
	record.At = m.clock()
	if _, err := m.store.Store.PutNew(m.t.Context(), record, "", model.Actor{By: "test"}); err != nil {
		m.t.Fatal(err)
	}
	m.catchUp()
	return record, secret
}

// answered is what came back.
type answered struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// ask sends a request with the key of a role; body is JSON, or what becomes JSON.
func (m *managed) ask(role model.Role, method, target string, body any, header ...string) answered {
	m.t.Helper()
	return m.send(m.secrets[role], method, target, body, header...)
}

// send is ask with any secret, or none. The headers are pairs of name and value.
func (m *managed) send(secret, method, target string, body any, header ...string) answered {
	m.t.Helper()
	r := httptest.NewRequestWithContext(m.t.Context(), method, target, bodyOf(m.t, body))
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return m.exchange(r)
}

func (m *managed) exchange(r *http.Request) answered {
	m.t.Helper()
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	result := w.Result()
	body, err := io.ReadAll(result.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	if _, pattern := m.server.manage.mux.Handler(r); pattern != "" && path.Clean(r.URL.Path) == r.URL.Path && r.Method != http.MethodHead {
		result.Body = io.NopCloser(bytes.NewReader(body))
		if ok, errs := m.valid.ValidateHttpResponse(r, result); !ok {
			for _, err := range errs {
				m.t.Errorf("%s %s: the answer %d is not what the document says: %s: %s\n%s", r.Method, r.URL.Path, result.StatusCode, err.Message, err.Reason, body)
			}
		}
	}
	a := answered{m.t, result.StatusCode, result.Header, body}
	if a.status >= 400 || a.status == http.StatusAccepted {
		if !strings.HasPrefix(r.URL.Path, wire.PathVerify) {
			a.problem()
		}
	}
	return a
}

func bodyOf(t *testing.T, body any) io.Reader {
	switch body := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(body)
	case io.Reader:
		return body
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(text)
}

// want fails unless the answer has this status.
func (a answered) want(status int) answered {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("the answer is %d and not %d: %s", a.status, status, a.body)
	}
	return a
}

// problem reads the answer as a problem, which it must be in every part.
func (a answered) problem() wire.Problem {
	a.t.Helper()
	var p wire.Problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		a.t.Fatalf("the answer %d is no problem: %v: %q", a.status, err, a.body)
	}
	if kind := a.header.Get("Content-Type"); kind != wire.ProblemType {
		a.t.Errorf("the problem is sent as %q", kind)
	}
	if p.Status != a.status || p.Title == "" || p.Type == "" || p.Detail == "" {
		a.t.Errorf("the problem of the answer %d is not whole: %+v", a.status, p)
	}
	if !model.IsDisplayable(p.Detail) || len([]rune(p.Detail)) > maxDetail+1 {
		a.t.Errorf("the detail cannot be shown as it is: %q", p.Detail)
	}
	return p
}

// kind fails unless the answer is a problem of this kind of ours.
func (a answered) kind(err error) answered {
	a.t.Helper()
	kind, ok := wire.KindOf(err)
	if !ok {
		a.t.Fatalf("%v is no kind of problem", err)
	}
	if got := a.problem(); got.Type != kind.Type() || a.status != kind.Status {
		a.t.Fatalf("the answer is %d %s and not %d %s: %s", a.status, got.Type, kind.Status, kind.Type(), a.body)
	}
	return a
}

// into reads the body of an answer.
func into[T any](a answered) T {
	a.t.Helper()
	var value T
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
	return value
}

// lines is what the activity holds, the oldest first, without what the test put there itself.
func (m *managed) lines() []model.Activity {
	m.t.Helper()
	all, err := m.store.Activity(m.t.Context(), wire.MaxActivity)
	if err != nil {
		m.t.Fatal(err)
	}
	var lines []model.Activity
	for _, line := range slices.Backward(all) {
		if line.Actor.By != "test" {
			lines = append(lines, line)
		}
	}
	return lines
}

// faultStore is a Store of which some methods fail.
type faultStore struct {
	Store

	mu    sync.Mutex
	fails map[string]error
}

func (s *faultStore) fail(method string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails[method] = err
}

func (s *faultStore) failure(method string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fails[method]
}

func (s *faultStore) PutNew(ctx context.Context, record model.Record, oldID string, by model.Actor) (bool, error) {
	if err := s.failure("PutNew"); err != nil {
		return false, err
	}
	return s.Store.PutNew(ctx, record, oldID, by)
}

func (s *faultStore) Delete(ctx context.Context, id string, by model.Actor, at time.Time) error {
	err := s.failure("Delete")
	if err != nil && !errors.Is(err, errDeletedFirst) {
		return err
	}
	if deleteErr := s.Store.Delete(ctx, id, by, at); deleteErr != nil {
		return deleteErr
	}
	if errors.Is(err, errDeletedFirst) {
		return model.ErrNotErased
	}
	return nil
}

// errDeletedFirst lets Delete delete and then fail to erase.
var errDeletedFirst = model.ErrNotErased

func (s *faultStore) Get(ctx context.Context, id string) (model.Key, error) {
	if err := s.failure("Get"); err != nil {
		return model.Key{}, err
	}
	return s.Store.Get(ctx, id)
}

func (s *faultStore) After(ctx context.Context, place model.Cursor, limit int) (model.Page, error) {
	if s.failure("panic") != nil {
		panic("a mistake")
	}
	if err := s.failure("After"); err != nil {
		return model.Page{}, err
	}
	return s.Store.After(ctx, place, limit)
}

func (s *faultStore) DigestChanges(ctx context.Context, since int64) (model.DigestChanges, error) {
	if s.failure("panic in DigestChanges") != nil {
		panic("a mistake")
	}
	if err := s.failure("DigestChanges"); err != nil {
		return model.DigestChanges{}, err
	}
	return s.Store.DigestChanges(ctx, since)
}

func (s *faultStore) Version(ctx context.Context) (int64, error) {
	if err := s.failure("Version"); err != nil {
		return 0, err
	}
	return s.Store.Version(ctx)
}

func (s *faultStore) NoteRefusal(ctx context.Context, line model.Activity) error {
	if err := s.failure("NoteRefusal"); err != nil {
		return err
	}
	return s.Store.NoteRefusal(ctx, line)
}

// logBuffer keeps what is logged.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
