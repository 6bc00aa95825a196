package live

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clavier/model"
)

// plain is what Keys must be like: maps and nothing else.
type plain struct {
	byID  map[string]model.Digested
	under map[model.Digest]string // id
}

func (p plain) put(key model.Digested) {
	p.remove(key.Key.ID)
	if key.Key.Imported {
		return
	}
	if other, taken := p.under[key.Digest]; taken {
		p.remove(other)
	}
	p.byID[key.Key.ID] = key
	p.under[key.Digest] = key.Key.ID
}

func (p plain) remove(id string) {
	if key, there := p.byID[id]; there {
		delete(p.under, key.Digest)
		delete(p.byID, id)
	}
}

// TestKeysAreLikeAMap compares Keys with maps after any changes.
func TestKeysAreLikeAMap(t *testing.T) {
	secrets := make([]string, 150)
	digests := make([]model.Digest, len(secrets))
	for i := range secrets {
		key, secret := issue(t, "")
		secrets[i], digests[i] = secret, key.Digest
	}
	rapid.Check(t, func(t *rapid.T) {
		keys := New(rapid.SampledFrom([]int{0, 1, 1000}).Draw(t, "expected"), nil)
		want := plain{map[string]model.Digested{}, map[model.Digest]string{}}
		index := rapid.IntRange(0, len(secrets)-1)
		id := func(i int) string { return fmt.Sprintf("id-%d", i) }
		drawn := rapid.Custom(func(t *rapid.T) model.Digested {
			return model.Digested{
				Digest: digests[index.Draw(t, "secret")],
				Key: model.Key{
					ID: id(index.Draw(t, "id")), Name: rapid.StringN(0, 20, 60).Draw(t, "name"),
					Role:     model.Role(rapid.IntRange(0, 2).Draw(t, "role")),
					Disabled: rapid.IntRange(0, 4).Draw(t, "disabled") == 0, Imported: rapid.IntRange(0, 9).Draw(t, "imported") == 0,
					ExpiresAt: rapid.SampledFrom([]time.Time{{}, noon, noon.Add(time.Hour)}).Draw(t, "ends"),
				},
			}
		})
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				key := drawn.Draw(t, "key")
				if err := keys.Put(key); err != nil {
					t.Fatal(err)
				}
				want.put(key)
			},
			"put many": func(t *rapid.T) {
				for i := range secrets {
					key := model.Digested{Key: model.Key{ID: id(i), Name: "many"}, Digest: digests[i]}
					if err := keys.Put(key); err != nil {
						t.Fatal(err)
					}
					want.put(key)
				}
			},
			"remove": func(t *rapid.T) {
				i := id(index.Draw(t, "id"))
				keys.Remove(i)
				want.remove(i)
			},
			"remove many": func(t *rapid.T) {
				for i := range index.Draw(t, "count") {
					keys.Remove(id(i))
					want.remove(id(i))
				}
			},
			"pack": func(*rapid.T) { packAll(keys) },
			"":     func(t *rapid.T) { compare(t, keys, want, secrets) },
		})
	})
}

func compare(t *rapid.T, keys *Keys, want plain, secrets []string) {
	if keys.Len() != len(want.byID) {
		t.Fatalf("%d keys, want %d", keys.Len(), len(want.byID))
	}
	for id, key := range want.byID {
		if found, ok := keys.Get(id); !ok || found.Name != key.Key.Name || found.Role != key.Key.Role {
			t.Fatalf("%s is %+v, %v; want %+v", id, found, ok, key.Key)
		}
	}
	for _, secret := range secrets {
		found, ok := keys.Check(secret, noon)
		key := want.byID[want.under[model.NewSecret(secret).Digest()]].Key
		is := key.ID != "" && key.StatusAt(noon) == model.StatusActive
		if !is {
			key = model.Key{}
		}
		if ok != is || found.KeyID != key.ID || found.Name != key.Name || found.Role != key.Role {
			t.Fatalf("found %+v, %v; want %+v, %v", found, ok, key, is)
		}
	}
}

// packAll packs every shard, however little there is to gain.
func packAll(keys *Keys) {
	keys.mu.Lock()
	defer keys.mu.Unlock()
	for i := range keys.shards {
		if s := &keys.shards[i]; len(s.entries) > 0 {
			s.mu.Lock()
			keys.pack(i)
			s.mu.Unlock()
		}
	}
}

// TestTableIsLikeAMap compares a table with a map whose refs have few different hashes, so that most stand in the way of others.
func TestTableIsLikeAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table table
		want := map[uint32]uint64{} // hash by ref
		hashOf := func(ref uint32) uint64 { return want[ref] }
		ref := rapid.Uint32Range(1, 60)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				r := ref.Draw(t, "ref")
				if _, there := want[r]; there {
					return
				}
				want[r] = rapid.Uint64Range(0, 12).Draw(t, "place") | rapid.Uint64Range(0, 3).Draw(t, "tag")<<32 | 1<<63
				table.add(want[r], r, hashOf)
			},
			"remove": func(t *rapid.T) {
				r := ref.Draw(t, "ref")
				table.remove(want[r], r, hashOf)
				delete(want, r)
			},
			"remove many": func(t *rapid.T) {
				for r := range ref.Draw(t, "many") + 1 {
					table.remove(want[r], r, hashOf)
					delete(want, r)
				}
			},
			"replace": func(t *rapid.T) {
				r, by := ref.Draw(t, "ref"), ref.Draw(t, "by")
				hash, there := want[r]
				if _, taken := want[by]; taken || !there {
					return
				}
				table.replace(hash, r, by)
				delete(want, r)
				want[by] = hash
			},
			"": func(t *rapid.T) {
				if table.count != len(want) {
					t.Fatalf("%d refs, want %d", table.count, len(want))
				}
				for r, hash := range want {
					if _, ok := table.find(hash, r); !ok {
						t.Fatalf("ref %d is not found", r)
					}
				}
				if len(table.words) > smallest && (table.count*4 > len(table.words)*3 || table.count*8 < len(table.words)) {
					t.Fatalf("%d words for %d refs", len(table.words), table.count)
				}
			},
		})
	})
}
