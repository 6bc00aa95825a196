package ui

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// turning is a full provider that rotates keys and ends them, as the store does.
type turning struct {
	full
	r *rotating
}

// keeping is a provider that rotates keys whose secrets are made elsewhere, and can do no more.
type keeping struct {
	full
	r *rotating
}

// rotating is what a store knows of rotations. Its lock is that of the fakes.
type rotating struct {
	f    *fakes
	rows []model.Rotation
	kept []model.Answer
}

// turns makes the provider one that rotates.
func turns(s *setup) { s.options.Service = turning{full{bare{s.fakes}}, &rotating{f: s.fakes}} }

// keeps makes the provider one whose keys are made elsewhere.
func keeps(s *setup) { s.options.Service = keeping{full{bare{s.fakes}}, &rotating{f: s.fakes}} }

// rows are the rotations that the provider knows.
func (s *screen) rows() *rotating {
	switch service := s.app.service.(type) {
	case turning:
		return service.r
	case keeping:
		return service.r
	}
	s.tb.Fatal("the provider does not rotate")
	return nil
}

// begin is what Rotate and RotateImport share.
func (r *rotating) begin(oldID string, name model.Name, secret model.Secret, imported bool) (model.Issued, error) {
	f := r.f
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.keys, func(k model.Key) bool { return k.ID == oldID })
	switch {
	case i < 0:
		return model.Issued{}, fmt.Errorf("rotate: %w", model.ErrNotFound)
	case f.keys[i].Rotating:
		return model.Issued{}, fmt.Errorf("rotate: %w", model.ErrRotating)
	case f.keys[i].StatusAt(f.clock.Now()) != model.StatusActive:
		return model.Issued{}, fmt.Errorf("rotate: %w", model.ErrExpired)
	case slices.ContainsFunc(f.keys, func(k model.Key) bool { return model.SameName(k.Name, string(name)) }):
		return model.Issued{}, fmt.Errorf("rotate: %w", model.ErrNameTaken)
	}
	f.keys[i].Rotating = true
	f.changed(oldID)
	f.made++
	key := model.Key{
		ID: fmt.Sprintf("0192f1c4-7b2e-7c3a-9d4e-%012d", f.made), Name: string(name), Hint: secret.Hint(),
		CreatedAt: f.clock.Now(), LastUse: model.LastUse{Reported: !imported}, Imported: imported, Rotating: true,
	}
	f.secrets[key.ID] = secret
	f.insert(key)
	r.rows = append([]model.Rotation{{OldID: oldID, NewID: key.ID, BeganAt: f.clock.Now()}}, r.rows...)
	return model.Issued{Key: key, Secret: secret}, nil
}

func (r *rotating) rotate(ctx context.Context, oldID string, draft model.Draft) (model.Issued, error) {
	if err := r.f.enter(ctx, "rotate"); err != nil {
		return model.Issued{}, err
	}
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		return model.Issued{}, err
	}
	return r.begin(oldID, draft.Name, secret, false)
}

func (r *rotating) rotateImport(ctx context.Context, oldID string, in model.Import) (model.Key, error) {
	if err := r.f.enter(ctx, "rotateImport"); err != nil {
		return model.Key{}, err
	}
	issued, err := r.begin(oldID, in.Name, in.Secret, true)
	return issued.Key, err
}

// rotations drops those whose keys are gone, as the store's trigger does.
func (r *rotating) rotations(ctx context.Context) ([]model.Rotation, error) {
	if err := r.f.enter(ctx, "rotations"); err != nil {
		return nil, err
	}
	f := r.f
	f.mu.Lock()
	defer f.mu.Unlock()
	there := func(id string) bool { return slices.ContainsFunc(f.keys, func(k model.Key) bool { return k.ID == id }) }
	r.rows = slices.DeleteFunc(r.rows, func(row model.Rotation) bool { return !there(row.OldID) || !there(row.NewID) })
	return slices.Clone(r.rows), nil
}

func (r *rotating) stepDone(ctx context.Context, oldID string, step model.Step) error {
	if err := r.f.enter(ctx, "stepDone"); err != nil {
		return err
	}
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	for i := range r.rows {
		row := &r.rows[i]
		if row.OldID != oldID {
			continue
		}
		switch step {
		case model.StepHandOver:
			row.HandedOverAt = r.f.clock.Now()
		case model.StepCheck:
			row.CheckedAt = r.f.clock.Now()
		case model.StepWatch:
			row.WatchedAt = r.f.clock.Now()
		default:
			return errors.New("no such step")
		}
		return nil
	}
	return fmt.Errorf("step: %w", model.ErrNotFound)
}

func (s turning) Rotate(ctx context.Context, oldID string, draft model.Draft) (model.Issued, error) {
	return s.r.rotate(ctx, oldID, draft)
}

func (s turning) RotateImport(ctx context.Context, oldID string, in model.Import) (model.Key, error) {
	return s.r.rotateImport(ctx, oldID, in)
}

func (s turning) Rotations(ctx context.Context) ([]model.Rotation, error) { return s.r.rotations(ctx) }

func (s turning) StepDone(ctx context.Context, oldID string, step model.Step) error {
	return s.r.stepDone(ctx, oldID, step)
}

func (s turning) End(ctx context.Context, id string, at time.Time) (key model.Key, err error) {
	if err := s.f.enter(ctx, "end"); err != nil {
		return model.Key{}, err
	}
	s.f.change(id, func(k *model.Key) {
		if k.StatusAt(s.f.clock.Now()) != model.StatusActive {
			err = model.ErrExpired
			return
		}
		k.ExpiresAt, k.Disabled = at, !at.After(s.f.clock.Now())
		key = *k
	})
	return key, err
}

func (s turning) KeepAnswers(ctx context.Context, answers []model.Answer) error {
	if err := s.f.enter(ctx, "keepAnswers"); err != nil {
		return err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.r.kept = append(s.r.kept, answers...)
	return nil
}

func (s turning) Answers(context.Context, int) ([]model.Answer, error) { return nil, nil }

func (s keeping) RotateImport(ctx context.Context, oldID string, in model.Import) (model.Key, error) {
	return s.r.rotateImport(ctx, oldID, in)
}

func (s keeping) Rotations(ctx context.Context) ([]model.Rotation, error) { return s.r.rotations(ctx) }

func (s keeping) StepDone(ctx context.Context, oldID string, step model.Step) error {
	return s.r.stepDone(ctx, oldID, step)
}

// ways are the ways to hand a secret over, and the APIs that it opens. What got it is kept here; what they answer is set by
// the test.
type ways struct {
	f        *fakes
	env      map[string]string // by path and variable
	tracked  bool
	exposed  bool
	path     string // what the file is called afterwards; or as it was typed
	ignored  []string
	lines    []HandOverLine
	took     []string // by commands
	says     []string
	verdicts map[string]model.Answer // by API
}

// handsOver gives the screen ways, with these APIs.
func handsOver(w *ways, apis ...string) func(*setup) {
	return func(s *setup) {
		w.f, w.env, w.verdicts = s.fakes, map[string]string{}, map[string]model.Answer{}
		for _, name := range apis {
			s.options.APIs = append(s.options.APIs, model.API{Name: name, Method: "GET", URL: "https://" + name + ".example.com/"})
		}
		s.options.Try = w.try
		s.options.EnvFile, s.options.IgnoreFile, s.options.HandOver = w.envFile, w.ignore, w.handOver
		s.options.Formats = []Format{
			{Name: "shell", About: "for sh and bash", Write: func(v string, secret model.Secret) (string, error) {
				return "export " + v + "='" + secret.Reveal() + "'\n", nil
			}},
			{Name: "fish", About: "for fish", Write: func(v string, _ model.Secret) (string, error) {
				return "", fmt.Errorf("fish does not take %s", v)
			}},
		}
	}
}

func (w *ways) try(ctx context.Context, api model.API, secret model.Secret) model.Answer {
	if err := w.f.enter(ctx, "try"); err != nil {
		return model.Answer{Verdict: model.VerdictUnknown, Why: err.Error()}
	}
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	if answer, ok := w.verdicts[api.Name]; ok {
		return answer
	}
	return model.Answer{Verdict: model.VerdictAlive, Status: 200, Took: 120 * time.Millisecond}
}

func (w *ways) envFile(ctx context.Context, line EnvLine, secret model.Secret) (EnvWritten, error) {
	if err := w.f.enter(ctx, "envFile"); err != nil {
		return EnvWritten{}, err
	}
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	if w.tracked && !line.Tracked {
		return EnvWritten{}, &TrackedFileError{Path: line.Path}
	}
	w.env[line.Path+":"+line.Variable] = secret.Reveal()
	return EnvWritten{Path: cmp.Or(w.path, line.Path), Exposed: w.exposed}, nil
}

func (w *ways) ignore(ctx context.Context, path string) error {
	if err := w.f.enter(ctx, "ignore"); err != nil {
		return err
	}
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	w.ignored = append(w.ignored, path)
	return nil
}

func (w *ways) handOver(ctx context.Context, line HandOverLine, secret model.Secret, out func(string)) error {
	for _, text := range w.says {
		out(text)
	}
	if err := w.f.enter(ctx, "handOver"); err != nil {
		return err
	}
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	w.lines, w.took = append(w.lines, line), append(w.took, secret.Reveal())
	return nil
}

// toGuide opens the guide for the key under the cursor, past the moment in which it takes no enter.
func (s *screen) toGuide() {
	s.tb.Helper()
	s.press("r")
	s.after(settle)
}

// rotated opens the guide and makes the successor.
func rotated(tb testing.TB, changes ...func(*setup)) *screen {
	tb.Helper()
	s := start(tb, append([]func(*setup){turns, three(tb)}, changes...)...)
	s.toGuide()
	s.press("enter")
	s.shows("production 2026-11 was made. Both keys work.")
	return s
}

// successor is the id of the key with this name.
func (s *screen) idOf(name string) string {
	s.tb.Helper()
	s.fakes.mu.Lock()
	defer s.fakes.mu.Unlock()
	for _, key := range s.fakes.keys {
		if key.Name == name {
			return key.ID
		}
	}
	s.tb.Fatalf("no key has the name %s", strings.ToValidUTF8(name, "?"))
	return ""
}
