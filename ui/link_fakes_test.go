package ui

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"clavier/model"
)

// away is a key service as the screen sees it: it can be lost, it remembers, and its keys have roles. Its lock is that of the
// fakes.
type away struct {
	f      *fakes
	memory model.Remembered
	role   model.Role // of the token
	drafts []model.Draft
	added  []NewService
}

// serviced is the provider of an away: it lists by pages, follows, rotates and ends.
type serviced struct {
	turning
	paged paged
	away  *away
}

// service gives the screen a key service at keys.example.com, whose token may manage.
func (w *away) service(s *setup) {
	w.f = s.fakes
	if w.role == model.RoleUse {
		w.role = model.RoleManage
	}
	s.options.Profile = Profile{Name: "team", Place: "keys.example.com"}
	s.options.Profiles = []Profile{s.options.Profile}
	s.options.Service = serviced{turning{full{bare{w.f}}, &rotating{f: w.f}}, paged{full{bare{w.f}}, 3}, w}
	s.options.Switch = func(string) (Service, Outside, error) {
		return s.options.Service, Outside{}, w.f.enter(w.f.background(), "switch")
	}
	s.options.AddService = w.add
}

func (w *away) add(ctx context.Context, add NewService) (Profile, error) {
	if err := w.f.enter(ctx, "add"); err != nil {
		return Profile{}, err
	}
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	w.added = append(w.added, add)
	return Profile{Name: add.Name, Place: "keys.example.net"}, nil
}

// remembers has the service remember the keys that the fakes have now, as of some time ago.
func (w *away) remembers(ago time.Duration) func(*setup) {
	return func(s *setup) {
		w.memory = model.Remembered{Keys: slices.Clone(s.fakes.keys), At: s.fakes.clock.Now().Add(-ago), Total: len(s.fakes.keys)}
	}
}

// fails has every question to the service end in this error, or none if it is nil.
func (f *fakes) fails(err error) {
	for _, method := range []string{
		"version", "pages", "page", "changes", "role", "create", "delete", "reveal", "activity", "rotate", "rotations", "stepDone", "end", "keepAnswers",
	} {
		f.fail(method, err)
	}
}

// down has every question to the service fail from the start.
func down(err error) func(*setup) { return with(func(f *fakes) { f.fails(err) }) }

// unreachable is the error of a service that cannot be reached.
func unreachable() error {
	return fmt.Errorf("keys.example.com: connection refused: %w", model.ErrUnreachable)
}

func (s serviced) Pages(ctx context.Context) iter.Seq2[model.Page, error] { return s.paged.Pages(ctx) }

func (s serviced) Changes(ctx context.Context, since int64) (model.Changes, error) {
	return s.paged.Changes(ctx, since)
}

func (s serviced) Remembered(ctx context.Context) (model.Remembered, error) {
	if err := s.f.enter(ctx, "remembered"); err != nil {
		return model.Remembered{}, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	return s.away.memory, nil
}

func (s serviced) Role(ctx context.Context) (model.Role, error) {
	if err := s.f.enter(ctx, "role"); err != nil {
		return model.RoleUse, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	return s.away.role, nil
}

func (s serviced) Create(ctx context.Context, draft model.Draft) (model.Issued, error) {
	issued, err := s.bare.Create(ctx, draft)
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.away.drafts = append(s.away.drafts, draft)
	issued.Key.Role = draft.Role
	return issued, err
}

func (s serviced) Rotate(ctx context.Context, oldID string, draft model.Draft) (model.Issued, error) {
	issued, err := s.turning.Rotate(ctx, oldID, draft)
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.away.drafts = append(s.away.drafts, draft)
	issued.Key.Role = draft.Role
	return issued, err
}
