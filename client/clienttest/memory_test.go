package clienttest_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"clavier/client"
	"clavier/model"
)

// memory is a record store in memory, and a vault that hides nothing. Each field of faults breaks one promise.
type memory struct {
	mu       sync.Mutex
	records  []model.Record
	deleted  []model.Record
	activity []model.Activity
	version  int64
	changes  []string // the id of the key of each change
	broken   string

	rotations []model.Rotation
	answers   []model.Answer
}

var (
	_ client.Records = (*memory)(nil)
	_ client.Vault   = (*memory)(nil)
)

// faults are the ways in which a memory can be broken; the suite has to notice each.
var faults = []string{
	"oldest first", "names are taken twice", "deletes nothing", "deletes all",
	"keeps what is sealed", "verifies deleted keys", "forgets the activity", "activity oldest first", "no limit",
	"version stands still", "ignores cancelling", "drops the use", "cleans names", "reveals another secret",
	"finds any key", "local time", "races for names",
	"pages oldest first", "pages give a key twice", "pages lose a key", "pages ignore cancelling", "no page if empty",
	"a mark on the first page alone", "a mark too late", "a wrong total",
	"tells no creates", "tells no deletions", "tells no uses", "tells again", "takes any mark", "changes ignore cancelling",
	"forgets the owner",
	"imports as created", "forgets the note", "guesses the age", "holds a secret twice", "does not name the holder",
	"reports uses of imported keys",
	"ends nothing", "ends for a while", "revives", "takes no end away", "tells no ends", "notes no ends",
	"begins no rotation", "rotates twice", "rotates what has ended", "marks the new key alone", "rotates without a successor",
	"rotations oldest first", "notes no rotation", "notes the wrong key", "tells no marks",
	"forgets steps", "notes steps again", "notes any step", "notes steps of the successor",
	"rotations outlive the old key", "rotations outlive the successor", "marks outlive rotations", "the end goes with the successor",
	"races for rotations",
	"forgets answers", "keeps every answer", "answers oldest first", "answers past the limit", "keeps the latest time", "answers outlive the key",
	"keeps answers of nobody", "takes any verdict", "no answer is a no", "never alive again", "the last verdict decides",
	"tells no deaths",
	"forgets the role", "lists no roles", "pages lose the role", "changes lose the role", "finds no role", "an end takes the role",
	"answers take the role", "successors lose the role",
	"takes some hostile names", "refuses a name without a reason",
}

func (m *memory) is(fault string) bool { return m.broken == fault }

// enter begins an operation unless the caller has left.
func (m *memory) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil && !m.is("ignores cancelling") {
		return err
	}
	m.mu.Lock()
	return nil
}

func (m *memory) index(id string) int {
	return slices.IndexFunc(m.records, func(r model.Record) bool { return r.Key.ID == id })
}

func (m *memory) taken(name string) bool {
	return !m.is("names are taken twice") && slices.ContainsFunc(m.records, func(r model.Record) bool {
		return model.SameName(r.Key.Name, name)
	})
}

func (m *memory) Put(ctx context.Context, record model.Record, by model.Actor) error {
	if m.is("races for names") {
		m.mu.Lock()
		taken := m.taken(record.Key.Name)
		m.mu.Unlock()
		meet()
		if taken {
			return model.ErrNameTaken
		}
	}
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	return m.put(record, by)
}

var meeting = make(chan struct{})

// meet waits a moment for another call that is here at the same time.
func meet() {
	select {
	case meeting <- struct{}{}:
	case <-meeting:
	case <-time.After(30 * time.Millisecond):
	}
}

// put is Put for one who has entered.
func (m *memory) put(record model.Record, by model.Actor) error {
	if err := m.refuseName(record.Key.Name); err != nil {
		return err
	}
	if err := m.held(record); err != nil {
		return err
	}
	if m.taken(record.Key.Name) && !m.is("races for names") {
		return model.ErrNameTaken
	}
	key := &record.Key
	if m.is("forgets the owner") {
		key.Owner = ""
	}
	if m.is("cleans names") {
		key.Name = model.Display(key.Name)
	}
	if m.is("forgets the role") {
		key.Role = model.RoleUse
	}
	action := model.ActionCreated
	if key.Imported && !m.is("imports as created") {
		action = model.ActionImported
	}
	if m.is("forgets the note") {
		key.Note = ""
	}
	if m.is("guesses the age") && key.CreatedAt.IsZero() {
		key.CreatedAt = record.At
	}
	key.LastUse.Reported = !key.Imported || m.is("reports uses of imported keys")
	m.records = append(m.records, record)
	m.note(action, *key, by, record.MadeAt())
	return nil
}

// refuseName returns an error if the memory is one that takes no such name.
func (m *memory) refuseName(name string) error {
	switch {
	case m.is("takes some hostile names") && strings.Contains(name, "\n"):
		return model.ErrName
	case m.is("refuses a name without a reason") && strings.HasPrefix(name, "'"):
		return model.ErrName
	}
	return nil
}

// held returns an error if a key has the secret of an imported one already.
func (m *memory) held(record model.Record) error {
	i := slices.IndexFunc(m.records, func(r model.Record) bool { return r.Sealed.Digest == record.Sealed.Digest })
	switch {
	case i < 0 || !record.Key.Imported || m.is("holds a secret twice"):
		return nil
	case m.is("does not name the holder"):
		return model.ErrHeld
	default:
		return fmt.Errorf("%w: %s", model.ErrHeld, m.records[i].Key.Name)
	}
}

func (m *memory) note(action model.Action, key model.Key, by model.Actor, at time.Time) {
	silent := m.is("tells no creates") && (action == model.ActionCreated || action == model.ActionImported) ||
		m.is("tells no ends") && action == model.ActionEnded
	if !silent {
		m.changes = append(m.changes, key.ID)
	}
	if !m.is("version stands still") {
		m.version++
	}
	if !m.is("forgets the activity") {
		m.activity = append(m.activity, model.Activity{
			At: at, Action: action, KeyID: key.ID, KeyName: key.Name, KeyCreatedAt: key.CreatedAt, Actor: by,
		})
	}
}

func (m *memory) List(ctx context.Context) ([]model.Key, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var keys []model.Key
	for _, record := range m.records {
		key := record.Key
		if m.is("local time") {
			key.CreatedAt = key.CreatedAt.In(time.FixedZone("there", 3600))
		}
		if m.is("lists no roles") {
			key.Role = model.RoleUse
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b model.Key) int {
		newest := cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
		if m.is("oldest first") {
			return -newest
		}
		return newest
	})
	return keys, nil
}

// pageSize is small, so that few keys make many pages.
const pageSize = 4

func (m *memory) Pages(ctx context.Context) iter.Seq2[model.Page, error] {
	return func(yield func(model.Page, error) bool) {
		keys, err := m.List(ctx)
		if err != nil {
			yield(model.Page{}, err)
			return
		}
		m.mu.Lock()
		page := model.Page{Total: len(keys), Mark: m.mark()}
		m.mu.Unlock()
		rest := keys[min(pageSize, len(keys)):]
		rand.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
		switch {
		case m.is("pages oldest first"):
			slices.Reverse(keys[:min(pageSize, len(keys))])
		case m.is("pages give a key twice") && len(rest) > 0:
			keys = append(keys, keys[0])
		case m.is("pages lose a key") && len(rest) > 0:
			keys = keys[:len(keys)-1]
		case m.is("a wrong total"):
			page.Total++
		case m.is("a mark too late"):
			page.Mark++
		}
		buffer := make([]model.Key, pageSize)
		for at := 0; at == 0 && !m.is("no page if empty") || at < len(keys); at += pageSize {
			if err := ctx.Err(); err != nil && !m.is("pages ignore cancelling") {
				yield(model.Page{}, err)
				return
			}
			clear(buffer)
			page.Keys = buffer[:copy(buffer, keys[at:])]
			if m.is("pages lose the role") && at > 0 {
				page.Keys[0].Role = model.RoleUse
			}
			if !yield(page, nil) {
				return
			}
			if m.is("a mark on the first page alone") {
				page.Mark = 0
			}
		}
	}
}

// mark is the number of the last change, from a number on that nobody would guess.
func (m *memory) mark() int64 { return firstMark + int64(len(m.changes)) }

const firstMark = 1 << 40

func (m *memory) Changes(ctx context.Context, since int64) (model.Changes, error) {
	if m.is("changes ignore cancelling") {
		ctx = context.WithoutCancel(ctx)
	}
	if err := m.enter(ctx); err != nil {
		return model.Changes{}, err
	}
	defer m.mu.Unlock()
	changes := model.Changes{Mark: m.mark()}
	if since < firstMark || since > changes.Mark {
		changes.All = !m.is("takes any mark")
		return changes, nil
	}
	if m.is("tells again") {
		since = firstMark
	}
	for _, id := range m.changes[since-firstMark:] {
		if i := m.index(id); i >= 0 {
			key := m.records[i].Key
			if m.is("changes lose the role") {
				key.Role = model.RoleUse
			}
			changes.Keys = append(changes.Keys, key)
		} else if !m.is("tells no deletions") {
			changes.Gone = append(changes.Gone, id)
		}
	}
	return changes, nil
}

func (m *memory) Sealed(ctx context.Context, id string) (model.Sealed, error) {
	if err := m.enter(ctx); err != nil {
		return model.Sealed{}, err
	}
	defer m.mu.Unlock()
	if i := m.index(id); i >= 0 {
		if m.is("reveals another secret") {
			i = 0
		}
		return m.records[i].Sealed, nil
	}
	for _, record := range m.deleted {
		if m.is("keeps what is sealed") && record.Key.ID == id {
			return record.Sealed, nil
		}
	}
	return model.Sealed{}, model.ErrNotFound
}

func (m *memory) Delete(ctx context.Context, id string, by model.Actor, at time.Time) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	i := m.index(id)
	if i < 0 {
		return model.ErrNotFound
	}
	if m.is("deletes nothing") {
		return nil
	}
	record := m.records[i]
	m.deleted = append(m.deleted, record)
	m.records = slices.Delete(m.records, i, i+1)
	if m.is("deletes all") {
		m.records = nil
	}
	m.note(model.ActionDeleted, record.Key, by, at)
	m.forget(id)
	return nil
}

func (m *memory) Find(ctx context.Context, digest model.Digest) (model.Key, error) {
	if err := m.enter(ctx); err != nil {
		return model.Key{}, err
	}
	defer m.mu.Unlock()
	searched := m.records
	if m.is("verifies deleted keys") {
		searched = slices.Concat(m.records, m.deleted)
	}
	for _, record := range searched {
		if record.Sealed.Digest == digest || m.is("finds any key") {
			if m.is("finds no role") {
				record.Key.Role = model.RoleUse
			}
			return record.Key, nil
		}
	}
	return model.Key{}, model.ErrNotFound
}

func (m *memory) Touch(ctx context.Context, id string, at time.Time) error {
	if err := m.enter(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if i := m.index(id); i >= 0 && !m.is("drops the use") {
		m.records[i].Key.LastUse.At = at
		if !m.is("tells no uses") {
			m.changes = append(m.changes, id)
		}
	}
	return nil
}

func (m *memory) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	if err := m.enter(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	lines := slices.Clone(m.activity)
	if !m.is("activity oldest first") {
		slices.Reverse(lines)
	}
	if m.is("no limit") {
		return lines, nil
	}
	return lines[:min(limit, len(lines))], nil
}

func (m *memory) Version(ctx context.Context) (int64, error) {
	if err := m.enter(ctx); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	return m.version, nil
}

func (m *memory) Seal(secret model.Secret) (model.Sealed, error) {
	return model.Sealed{Digest: secret.Digest(), Ciphertext: []byte(secret.Reveal())}, nil
}

func (m *memory) Unseal(sealed model.Sealed) (model.Secret, error) {
	return model.NewSecret(string(sealed.Ciphertext)), nil
}

func (m *memory) Unlock(context.Context, []byte) error { return errors.New("nothing is locked") }
