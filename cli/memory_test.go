package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/config"
	"clavier/model"
)

func listProfile(t *testing.T) config.Profile {
	t.Helper()
	return config.Profile{Name: "team", Provider: config.ProviderService, URL: "https://keys.example.com",
		List: filepath.Join(t.TempDir(), "data", "team.list")}
}

func someKeys(n int) []model.Key {
	keys := make([]model.Key, n)
	for i := range keys {
		keys[i] = model.Key{
			ID: uuid.Must(uuid.NewV7()).String(), Name: fmt.Sprintf("key %d\x1b\"", i), Hint: "clv_…0000", Owner: "ada",
			CreatedAt: noon.Add(-time.Duration(i) * time.Minute), LastUse: model.LastUse{Reported: true, At: noon}, Role: model.RoleRead,
		}
	}
	return keys
}

// TestListFile: what is saved is what is loaded, and it is its owner's alone.
func TestListFile(t *testing.T) {
	profile := listProfile(t)
	if list, err := loadList(profile); err != nil || !list.At.IsZero() {
		t.Errorf("before the first, %+v, %v", list, err)
	}
	want := model.Remembered{Keys: someKeys(3), At: noon, Total: 5}
	for range 2 {
		if err := saveList(t.Context(), profile, want, noon); err != nil {
			t.Fatal(err)
		}
	}
	got, err := loadList(profile)
	if err != nil || len(got.Keys) != 3 || got.Total != 5 || !got.At.Equal(noon) {
		t.Fatalf("got %+v, %v", got, err)
	}
	for i, key := range got.Keys {
		if key != want.Keys[i] {
			t.Errorf("got %+v, want %+v", key, want.Keys[i])
		}
	}
	if entries, _ := os.ReadDir(filepath.Dir(profile.List)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	other := profile
	other.URL = "https://elsewhere.example"
	if list, err := loadList(other); err != nil || !list.At.IsZero() {
		t.Errorf("of another service, %+v, %v", list, err)
	}
	if os.PathSeparator != '/' {
		return
	}
	if info, err := os.Stat(profile.List); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	if err := os.Chmod(profile.List, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := loadList(profile); !errors.Is(err, model.ErrModes) || !strings.Contains(err.Error(), "run chmod 600 ") {
		t.Errorf("open to others: %v", err)
	}
}

// TestListFileDamaged: what is no list is said to be none, and never shown.
func TestListFileDamaged(t *testing.T) {
	profile := listProfile(t)
	if err := saveList(t.Context(), profile, model.Remembered{Keys: someKeys(1), At: noon, Total: 1}, noon); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(profile.List)
	if err != nil {
		t.Fatal(err)
	}
	for about, content := range map[string]string{
		"nothing": "", "half": string(whole[:len(whole)/2]), "an array": "[]", "an id": strings.Replace(string(whole), `"id":"`, `"id":"x`, 1),
		"a role": strings.Replace(string(whole), `"role":"read"`, `"role":"own"`, 1),
	} {
		if err := os.WriteFile(profile.List, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := loadList(profile)
		if err == nil || len(list.Keys) != 0 || !strings.Contains(err.Error(), profile.List+" is damaged") || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("%s: %+v, %v", about, list, err)
		}
	}
}

// TestMemoryOfMany: of very many keys the newest are remembered, with how many there were.
func TestMemoryOfMany(t *testing.T) {
	m := newMemory(listProfile(t))
	keys := someKeys(mostRemembered + 10)
	all := m.read()
	all.add(model.Page{Keys: keys[:100], Mark: 7})
	all.add(model.Page{Keys: keys[100:], Mark: 7})
	all.done()
	m.follow(7, model.Changes{Keys: someKeys(1), Mark: 8}) // nobody knows whether it is one of those that were left out
	m.close()
	list, err := m.recalled()
	if err != nil || len(list.Keys) != mostRemembered || list.Total != len(keys) {
		t.Fatalf("remembered are %d of %d, %v", len(list.Keys), list.Total, err)
	}
	if list.Keys[0].ID != keys[0].ID || list.Keys[mostRemembered-1].ID != keys[mostRemembered-1].ID {
		t.Error("they are not the newest, in order")
	}
}

// TestMemoryFollows: only what follows on the list counts.
func TestMemoryFollows(t *testing.T) {
	m := newMemory(listProfile(t))
	now := noon
	m.now = func() time.Time { return now }
	keys := someKeys(2)
	m.confirm(0)
	m.follow(0, model.Changes{Keys: keys, Mark: 1})
	m.close()
	if list, err := m.recalled(); err != nil || !list.At.IsZero() {
		t.Fatalf("without a reading, %+v, %v", list, err)
	}
	all := m.read()
	all.add(model.Page{Keys: keys, Mark: 7})
	all.done()
	steps := []struct {
		since int64
		model.Changes
		want int
	}{
		{6, model.Changes{Keys: someKeys(1), Mark: 9}, 2},
		{7, model.Changes{All: true, Mark: 9}, 2},
		{7, model.Changes{Keys: someKeys(1), Mark: 8}, 3},
		{8, model.Changes{Gone: []string{keys[0].ID, "x"}, Mark: 9}, 2},
	}
	for i, step := range steps {
		m.follow(step.since, step.Changes)
		m.close()
		if list, err := m.recalled(); err != nil || len(list.Keys) != step.want || list.Total != step.want || !list.At.Equal(noon) {
			t.Errorf("step %d: %d of %d at %v, %v", i, len(list.Keys), list.Total, list.At, err)
		}
	}
	now = noon.Add(time.Minute)
	m.confirm(8)
	m.close()
	if list, _ := m.recalled(); !list.At.Equal(noon) {
		t.Error("an old mark makes the list newer")
	}
	m.confirm(9)
	m.close()
	if list, _ := m.recalled(); !list.At.Equal(now) {
		t.Error("the list is not known to be right later")
	}
}

// remembering returns a memory of a profile whose clock stands at a moment, and which has read keys then.
func remembering(profile config.Profile, at time.Time, keys ...model.Key) *memory {
	m := newMemory(profile)
	m.now = func() time.Time { return at }
	all := m.read()
	all.add(model.Page{Keys: keys, Mark: 7})
	all.done()
	return m
}

// TestMemoryOlder: a list never takes the place of a newer one, of the same service or another, unless that is from the future.
func TestMemoryOlder(t *testing.T) {
	profile := listProfile(t)
	other := profile
	other.URL = "https://elsewhere.example"
	for i, step := range []struct {
		of    config.Profile
		at    time.Duration // after noon
		clock time.Duration
		want  time.Duration
	}{
		{profile, 0, 0, 0},
		{profile, time.Hour, time.Hour, time.Hour},
		{profile, time.Minute, time.Hour, time.Hour},                 // suspended in between
		{other, time.Minute, time.Hour, time.Hour},                   // with another address
		{profile, 2 * time.Minute, 3 * time.Minute, 2 * time.Minute}, // the clock was an hour ahead
		{other, 4 * time.Minute, 5 * time.Minute, 4 * time.Minute},
	} {
		m := remembering(step.of, noon.Add(step.at), someKeys(i+1)...)
		m.now = func() time.Time { return noon.Add(step.clock) }
		if err := m.save(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := listedAt(profile.List).Sub(noon); got != step.want {
			t.Errorf("step %d: the list is of %v, want %v", i, got, step.want)
		}
	}
}

// TestMemoryTogether: many that save at once leave one whole list, the newest, and nothing else.
func TestMemoryTogether(t *testing.T) {
	profile := listProfile(t)
	const n = 16
	end := noon.Add(n * time.Second)
	var all sync.WaitGroup
	for i := range n {
		m := remembering(profile, noon.Add(time.Duration(i)*time.Second), someKeys(i+1)...)
		m.now = func() time.Time { return end }
		all.Go(func() {
			if err := m.save(t.Context()); err != nil {
				t.Error(err)
			}
			if list, err := loadList(profile); err != nil || len(list.Keys) != list.Total {
				t.Errorf("meanwhile, %d of %d keys, %v", len(list.Keys), list.Total, err)
			}
		})
	}
	all.Wait()
	if list, err := loadList(profile); err != nil || os.PathSeparator == '/' && len(list.Keys) != n { // elsewhere there is no lock
		t.Errorf("%d keys of %v, %v", len(list.Keys), list.At, err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(profile.List)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

// TestMemoryTriesAgain: what could not be written is written when it is next tried, whether anything has changed or not.
func TestMemoryTriesAgain(t *testing.T) {
	profile := listProfile(t)
	m := remembering(profile, noon, someKeys(1)...)
	dir := filepath.Dir(profile.List)
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := m.save(t.Context()); err == nil {
			t.Error("a list below a file is saved")
		}
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	m.close()
	if list, err := m.recalled(); err != nil || len(list.Keys) != 1 {
		t.Errorf("remembered are %d keys, %v", len(list.Keys), err)
	}
	if err := os.Remove(profile.List); err != nil {
		t.Fatal(err)
	}
	m.close()
	if list, _ := m.recalled(); !list.At.IsZero() {
		t.Error("what has not changed is written again")
	}
}

// TestARemovedListStaysRemoved: a screen that is still open on a profile that was removed does not bring its list back.
func TestARemovedListStaysRemoved(t *testing.T) {
	profile := serviceProfile(t)
	l := lazyOf(t, profile)
	create(t, l, "first")
	readPages(t, l)
	l.memory.busy.Wait()
	if err := os.Remove(profile.List); err != nil {
		t.Fatal(err)
	}
	create(t, l, "second")
	readPages(t, l)
	l.memory.close()
	if _, err := os.Stat(profile.List); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the list is there again: %v", err)
	}
}
