package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
		if err := saveList(t.Context(), profile, want); err != nil {
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
	if err := saveList(t.Context(), profile, model.Remembered{Keys: someKeys(1), At: noon, Total: 1}); err != nil {
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
