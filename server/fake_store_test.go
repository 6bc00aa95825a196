package server

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/model"
)

// fakeStore is a Store in memory that can be told to fail, and that counts what it is asked. What it answers is what package
// store says that stores answer. Its zero value is not usable; see newFakeStore.
type fakeStore struct {
	mu        sync.Mutex
	records   map[string]model.Record
	changed   map[string]int64 // by id: the number of the last change of a key
	gone      map[string]int64 // by id: the number of its deletion
	changes   int64
	activity  []model.Activity // the oldest first
	rotations map[string]model.Rotation
	answers   []model.Answer

	failure error          // what every question is answered with; nil if the store works
	hold    chan struct{}  // while it is not nil, questions wait until it is closed
	told    int64          // how many changes are told one by one
	page    int            // keys in a page of Digests
	between func(page int) // called between two pages of Digests, without mu
	asked   map[string]int // by method
	noted   []model.Use    // uses that were taken, in their order
}

var (
	_ Store    = (*fakeStore)(nil)
	_ Notifier = (*tellingStore)(nil)
)

// errDown is the failure of a store that is down.
var errDown = fmt.Errorf("the store is down: %w", model.ErrStoreWrite)

func newFakeStore() *fakeStore {
	return &fakeStore{
		records: map[string]model.Record{}, changed: map[string]int64{}, gone: map[string]int64{},
		rotations: map[string]model.Rotation{}, asked: map[string]int{}, told: 10_000, page: 2048,
	}
}

// fail lets every question be answered with an error from now on; nil mends the store.
func (s *fakeStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = err
}

// count returns how often a method was asked.
func (s *fakeStore) count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[method]
}

// usesTaken returns the uses that were taken, in their order.
func (s *fakeStore) usesTaken() []model.Use {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.noted)
}

// begin counts a question and locks the store, or returns why it cannot be asked; then it is not locked.
func (s *fakeStore) begin(ctx context.Context, method string) error {
	s.mu.Lock()
	s.asked[method]++
	hold := s.hold
	if hold != nil {
		s.mu.Unlock()
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.mu.Lock()
	}
	err := cmp.Or(s.failure, ctx.Err())
	if err != nil {
		s.mu.Unlock()
	}
	return err
}

// change numbers a change of a key.
func (s *fakeStore) change(id string) {
	s.changes++
	s.changed[id] = s.changes
}

func (s *fakeStore) line(action model.Action, key model.Key, by model.Actor, at time.Time) {
	s.activity = append(s.activity, model.Activity{
		At: at.UTC(), Action: action, KeyID: key.ID, KeyName: key.Name, KeyCreatedAt: key.CreatedAt, Actor: by,
	})
}

// admit returns whether a record is there already, or why it may not be stored.
func (s *fakeStore) admit(record model.Record) (there bool, err error) {
	if old, ok := s.records[record.Key.ID]; ok {
		want := old.Key
		want.LastUse, want.Rotating, want.Dead = model.LastUse{}, false, false
		if want == record.Key && old.Sealed.Digest == record.Sealed.Digest && bytes.Equal(old.Sealed.Ciphertext, record.Sealed.Ciphertext) {
			return true, nil
		}
		return false, model.ErrConflict
	}
	if _, gone := s.gone[record.Key.ID]; gone {
		return false, model.ErrConflict
	}
	for _, old := range s.records {
		switch {
		case old.Sealed.Digest == record.Sealed.Digest && record.Key.Imported:
			return false, model.ErrHeld
		case old.Sealed.Digest == record.Sealed.Digest:
			return false, model.ErrConflict
		case old.Key.Name == record.Key.Name:
			return false, model.ErrNameTaken
		}
	}
	return false, nil
}

func (s *fakeStore) insert(record model.Record, by model.Actor) {
	at := record.MadeAt()
	record.At = time.Time{}
	s.records[record.Key.ID] = record
	s.change(record.Key.ID)
	action := model.ActionCreated
	if record.Key.Imported {
		action = model.ActionImported
	}
	s.line(action, record.Key, by, at)
}

// Put is PutNew of a record without an old one, for tests.
func (s *fakeStore) Put(ctx context.Context, record model.Record, by model.Actor) error {
	_, err := s.PutNew(ctx, record, "", by)
	return err
}

func (s *fakeStore) PutNew(ctx context.Context, record model.Record, oldID string, by model.Actor) (made bool, err error) {
	if err := s.begin(ctx, "PutNew"); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	there, err := s.admit(record)
	if there && oldID != "" && s.rotations[oldID].NewID != record.Key.ID {
		err = model.ErrConflict
	}
	if there || err != nil {
		return false, err
	}
	if oldID == "" {
		s.insert(record, by)
		return true, nil
	}
	old, ok := s.records[oldID]
	switch {
	case !ok:
		return false, model.ErrNotFound
	case old.Key.Rotating:
		return false, model.ErrRotating
	case old.Key.StatusAt(record.MadeAt()) != model.StatusActive:
		return false, model.ErrExpired
	}
	s.insert(record, by)
	s.line(model.ActionRotated, old.Key, by, record.MadeAt())
	s.rotations[oldID] = model.Rotation{OldID: oldID, NewID: record.Key.ID, BeganAt: record.MadeAt().UTC()}
	s.rotating(true, oldID, record.Key.ID)
	return true, nil
}

func (s *fakeStore) rotating(is bool, ids ...string) {
	for _, id := range ids {
		if record, ok := s.records[id]; ok {
			record.Key.Rotating = is
			s.records[id] = record
			s.change(id)
		}
	}
}

func (s *fakeStore) Sealed(ctx context.Context, id string) (model.Sealed, error) {
	if err := s.begin(ctx, "Sealed"); err != nil {
		return model.Sealed{}, err
	}
	defer s.mu.Unlock()
	record, ok := s.records[id]
	if !ok {
		return model.Sealed{}, model.ErrNotFound
	}
	return record.Sealed, nil
}

func (s *fakeStore) Delete(ctx context.Context, id string, by model.Actor, at time.Time) error {
	if err := s.begin(ctx, "Delete"); err != nil {
		return err
	}
	defer s.mu.Unlock()
	record, ok := s.records[id]
	if !ok {
		return model.ErrNotFound
	}
	if s.lastManager(record.Key, at) {
		return model.ErrLastManager
	}
	for oldID, r := range s.rotations {
		if r.OldID == id || r.NewID == id {
			delete(s.rotations, oldID)
			s.rotating(false, r.OldID, r.NewID)
		}
	}
	s.answers = slices.DeleteFunc(s.answers, func(a model.Answer) bool { return a.KeyID == id })
	delete(s.records, id)
	delete(s.changed, id)
	s.changes++
	s.gone[id] = s.changes
	s.line(model.ActionDeleted, record.Key, by, at)
	return nil
}

func (s *fakeStore) End(ctx context.Context, id string, ends time.Time, by model.Actor, at time.Time) (model.Key, error) {
	if err := s.begin(ctx, "End"); err != nil {
		return model.Key{}, err
	}
	defer s.mu.Unlock()
	record, ok := s.records[id]
	switch {
	case !ok:
		return model.Key{}, model.ErrNotFound
	case record.Key.StatusAt(at) != model.StatusActive:
		return model.Key{}, model.ErrExpired
	case record.Key.ExpiresAt.Equal(ends):
		return listed(record.Key), nil
	case !ends.IsZero() && s.lastManager(record.Key, at):
		return model.Key{}, model.ErrLastManager
	}
	record.Key.ExpiresAt = ends
	record.Key.Disabled = !ends.IsZero() && !ends.After(at)
	s.records[id] = record
	s.change(id)
	s.line(model.ActionEnded, record.Key, by, at)
	return listed(record.Key), nil
}

// lastManager reports whether without a key nobody could manage keys, or would once the others have ended.
func (s *fakeStore) lastManager(key model.Key, at time.Time) bool {
	manages := func(key model.Key) bool {
		return key.Role == model.RoleManage && !key.Imported && key.StatusAt(at) == model.StatusActive
	}
	if !manages(key) {
		return false
	}
	for id, other := range s.records {
		if id != key.ID && manages(other.Key) && other.Key.ExpiresAt.IsZero() {
			return false
		}
	}
	return true
}

// listed is a key as stores return it.
func listed(key model.Key) model.Key {
	key.LastUse.Reported = !key.Imported
	return key
}

func (s *fakeStore) Find(ctx context.Context, digest model.Digest) (model.Key, error) {
	if err := s.begin(ctx, "Find"); err != nil {
		return model.Key{}, err
	}
	defer s.mu.Unlock()
	for _, record := range s.records {
		if record.Sealed.Digest == digest {
			return listed(record.Key), nil
		}
	}
	return model.Key{}, model.ErrNotFound
}

func (s *fakeStore) Get(ctx context.Context, id string) (model.Key, error) {
	if err := s.begin(ctx, "Get"); err != nil {
		return model.Key{}, err
	}
	defer s.mu.Unlock()
	record, ok := s.records[id]
	if !ok {
		return model.Key{}, model.ErrNotFound
	}
	return listed(record.Key), nil
}

func (s *fakeStore) Rotations(ctx context.Context) ([]model.Rotation, error) {
	if err := s.begin(ctx, "Rotations"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.rotations), func(a, b model.Rotation) int {
		return cmp.Or(b.BeganAt.Compare(a.BeganAt), cmp.Compare(b.OldID, a.OldID))
	}), nil
}

func (s *fakeStore) StepDone(ctx context.Context, oldID string, step model.Step, at time.Time) error {
	if err := s.begin(ctx, "StepDone"); err != nil {
		return err
	}
	defer s.mu.Unlock()
	r, ok := s.rotations[oldID]
	if !ok {
		return model.ErrNotFound
	}
	place, ok := map[model.Step]*time.Time{
		model.StepHandOver: &r.HandedOverAt, model.StepCheck: &r.CheckedAt, model.StepWatch: &r.WatchedAt,
	}[step]
	if !ok {
		return errors.New("this step cannot be noted")
	}
	if place.IsZero() {
		*place = at.UTC()
	}
	s.rotations[oldID] = r
	return nil
}

func (s *fakeStore) KeepAnswers(ctx context.Context, answers []model.Answer) error {
	if err := s.begin(ctx, "KeepAnswers"); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for _, answer := range answers {
		if _, ok := s.records[answer.KeyID]; !ok {
			continue
		}
		s.answers = slices.DeleteFunc(s.answers, func(a model.Answer) bool { return a.KeyID == answer.KeyID && a.API == answer.API })
		s.answers = append(s.answers, answer)
	}
	return nil
}

func (s *fakeStore) Answers(ctx context.Context, limit int) ([]model.Answer, error) {
	if err := s.begin(ctx, "Answers"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	answers := slices.SortedFunc(slices.Values(s.answers), func(a, b model.Answer) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.KeyID, b.KeyID), cmp.Compare(a.API, b.API))
	})
	return answers[:min(limit, len(answers))], nil
}

func (s *fakeStore) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	if err := s.begin(ctx, "Activity"); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	lines := slices.Clone(s.activity)
	slices.Reverse(lines)
	return lines[:min(limit, len(lines))], nil
}

func (s *fakeStore) NoteRefusal(ctx context.Context, line model.Activity) error {
	if err := s.begin(ctx, "NoteRefusal"); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.activity = append(s.activity, line)
	return nil
}

func (s *fakeStore) NoteUses(ctx context.Context, uses []model.Use) error {
	if err := s.begin(ctx, "NoteUses"); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for _, use := range uses {
		record, ok := s.records[use.KeyID]
		if last := record.Key.LastUse.At; !ok || !last.IsZero() && use.At.Sub(last) < time.Minute {
			continue
		}
		record.Key.LastUse.At = use.At.UTC()
		s.records[use.KeyID] = record
		s.change(use.KeyID)
		s.noted = append(s.noted, use)
	}
	return nil
}

func (s *fakeStore) Close() error { return nil }

// tellingStore is a fakeStore that tells of changes when it is let.
type tellingStore struct {
	*fakeStore
	calls chan func() // gets what Notify was given
	lost  chan error  // ends Notify
}

func newTellingStore() *tellingStore {
	return &tellingStore{newFakeStore(), make(chan func(), 16), make(chan error)}
}

func (s *tellingStore) Notify(ctx context.Context, changed func()) error {
	if err := s.begin(ctx, "Notify"); err != nil {
		return err
	}
	s.mu.Unlock()
	s.calls <- changed
	select {
	case err := <-s.lost:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// draft returns a record of a new key under a new id, and its secret.
func draft(tb testing.TB, name string, at time.Time, change ...func(*model.Key)) (model.Record, string) {
	tb.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		tb.Fatal(err)
	}
	key := model.Key{ID: uuid.Must(uuid.NewV7()).String(), Name: name, Hint: secret.Hint(), CreatedAt: at.UTC()}
	for _, do := range change {
		do(&key)
	}
	return model.Record{Key: key, Sealed: model.Sealed{Digest: secret.Digest(), Ciphertext: []byte("sealed " + key.ID)}}, secret.Reveal()
}
