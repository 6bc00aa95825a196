package crowd

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clavier/client"
	"clavier/demo"
	"clavier/model"
	"clavier/store"
)

// TestSameAgain: a store that was filled holds the keys that All returns, and their secrets verify there.
func TestSameAgain(t *testing.T) {
	now := time.Now()
	o := Options{Keys: 300, Now: now}
	vault, err := demo.NewVault()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "data", "local.db")
	if err := o.Fill(t.Context(), path, vault); err != nil {
		t.Fatal(err)
	}
	records, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = records.Close() }()
	held, err := records.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := o.All()
	if err != nil || len(keys) != o.Keys || len(held) != o.Keys {
		t.Fatalf("%d keys and %d in the store, want %d: %v", len(keys), len(held), o.Keys, err)
	}
	byID := map[string]model.Key{}
	for _, key := range held {
		byID[key.ID] = key
	}
	issuer := &client.Issuer{Keeper: client.Keeper{Records: records, Vault: vault, Now: func() time.Time { return now }}}
	named := map[string]model.Key{}
	for _, key := range keys {
		if byID[key.ID] != key.Key {
			t.Errorf("made %+v, stored %+v", key.Key, byID[key.ID])
		}
		found, err := issuer.Verify(t.Context(), key.Secret)
		if active := key.StatusAt(now) == model.StatusActive; active != (err == nil) || active && found.ID != key.ID {
			t.Errorf("%s: verify answers %v", key.Name, err)
		}
		named[key.Name] = key.Key
	}
	const year = 365 * 24 * time.Hour
	prod, busy := named[Protected], named[Busy]
	if !model.DefaultProtect.Match(prod.Name) || !prod.LastUse.Never() || now.Sub(prod.CreatedAt) < 3*year {
		t.Errorf("the protected key is %+v", prod)
	}
	if model.DefaultProtect.Match(busy.Name) || now.Sub(busy.LastUse.At).Round(time.Second) != Recently || now.Sub(busy.CreatedAt) < 3*year {
		t.Errorf("the key in use is %+v", busy)
	}
	if !strings.HasPrefix(Protected, Family) || !strings.HasPrefix(Busy, Family) {
		t.Error("the family has other names")
	}
}
