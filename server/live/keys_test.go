package live

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/model"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func put(tb testing.TB, keys *Keys, key model.Digested) {
	tb.Helper()
	if err := keys.Put(key); err != nil {
		tb.Fatal(err)
	}
}

func TestCheckTellsTheKey(t *testing.T) {
	keys := New(0, func(name string) string { return strings.ReplaceAll(name, " ", "%20") })
	key, secret := issue(t, "jean laptop")
	key.Key.Role = model.RoleRead
	put(t, keys, key)
	found, ok := keys.Check(secret, noon)
	if want := (Found{KeyID: key.Key.ID, Name: "jean%20laptop", Role: model.RoleRead, Due: true}); !ok || found != want {
		t.Errorf("found %+v, %v; want %+v", found, ok, want)
	}
	if got, ok := keys.Get(key.Key.ID); !ok || got.KeyID != key.Key.ID || got.Name != "jean%20laptop" || got.Role != model.RoleRead {
		t.Errorf("got %+v, %v", got, ok)
	}
	if _, ok := keys.Get(key.Key.ID[1:]); ok {
		t.Error("a part of an id was found")
	}
}

func TestCheckRefuses(t *testing.T) {
	keys := New(10, nil)
	expires := func(at time.Time) func(*model.Digested) { return func(k *model.Digested) { k.Key.ExpiresAt = at } }
	for _, c := range []struct {
		name   string
		change func(*model.Digested)
		live   bool
	}{
		{"as it is", func(*model.Digested) {}, true},
		{"disabled", func(k *model.Digested) { k.Key.Disabled = true }, false},
		{"imported", func(k *model.Digested) { k.Key.Imported = true }, false},
		{"ends a nanosecond later", expires(noon.Add(1)), true},
		{"ends now", expires(noon), false},
		{"ended", expires(noon.Add(-time.Hour)), false},
		{"ends in the year 9999", expires(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)), true},
		{"ended in the year 1", expires(time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)), false},
	} {
		key, secret := issue(t, c.name)
		c.change(&key)
		put(t, keys, key)
		if _, live := keys.Check(secret, noon); live != c.live {
			t.Errorf("%s: live %v", c.name, live)
		}
	}
	_, stranger := issue(t, "")
	for _, text := range []string{"", "clv_", stranger, strings.Repeat("x", 1<<20)} {
		if _, live := keys.Check(text, noon); live {
			t.Errorf("a text of %d characters is live", len(text))
		}
	}
}

// TestCheckOfAnyPrefix: the longest text that is a secret fits where it is hashed.
func TestCheckOfAnyPrefix(t *testing.T) {
	keys := New(0, nil)
	for _, prefix := range []string{"a_", "clv_", "fifteen_letters_"} {
		secret, err := model.DrawSecret(rand.Reader, prefix)
		if err != nil {
			t.Fatal(err)
		}
		put(t, keys, model.Digested{Key: model.Key{ID: prefix, Name: prefix}, Digest: secret.Digest()})
		if found, ok := keys.Check(secret.Reveal(), noon); !ok || found.KeyID != prefix {
			t.Errorf("%s: %+v, %v", prefix, found, ok)
		}
	}
}

func TestAnIdUnderAnotherSecret(t *testing.T) {
	keys := New(0, nil)
	first, old := issue(t, "a")
	put(t, keys, first)
	second, secret := issue(t, "a")
	second.Key.ID = first.Key.ID
	put(t, keys, second)
	if _, live := keys.Check(old, noon); live {
		t.Error("the secret from before is live")
	}
	if _, live := keys.Check(secret, noon); !live || keys.Len() != 1 {
		t.Errorf("live %v, %d keys", live, keys.Len())
	}
	second.Key.Imported = true
	put(t, keys, second)
	if _, live := keys.Check(secret, noon); live || keys.Len() != 0 {
		t.Errorf("imported: live %v, %d keys", live, keys.Len())
	}
}

func TestASecretUnderAnotherId(t *testing.T) {
	keys := New(0, nil)
	key, secret := issue(t, "a")
	put(t, keys, key)
	old := key.Key.ID
	key.Key.ID = uuid.NewString()
	put(t, keys, key)
	if found, _ := keys.Check(secret, noon); found.KeyID != key.Key.ID {
		t.Errorf("found %s", found.KeyID)
	}
	if _, ok := keys.Get(old); ok || keys.Len() != 1 {
		t.Errorf("the old id is there: %v, %d keys", ok, keys.Len())
	}
}

func TestAUseIsDueOnceAMinute(t *testing.T) {
	keys := New(0, nil)
	key, secret := issue(t, "a")
	key.Key.LastUse = model.LastUse{Reported: true, At: noon.Add(-30 * time.Second)}
	put(t, keys, key)
	for _, step := range []struct {
		after time.Duration
		due   bool
	}{{0, false}, {30 * time.Second, false}, {31 * time.Second, true}, {32 * time.Second, false}, {91 * time.Second, false}, {92 * time.Second, true}} {
		if found, _ := keys.Check(secret, noon.Add(step.after)); found.Due != step.due {
			t.Errorf("after %v: due %v", step.after, found.Due)
		}
	}
	put(t, keys, key) // the store does not know of the uses since
	if found, _ := keys.Check(secret, noon.Add(100*time.Second)); found.Due {
		t.Error("what was noted is forgotten")
	}
	fresh := New(0, nil)
	put(t, fresh, key)
	fresh.Inherit(keys)
	if found, _ := fresh.Check(secret, noon.Add(100*time.Second)); found.Due {
		t.Error("what was noted is not inherited")
	}
	key.Key.LastUse.At = noon.Add(time.Hour) // noted by another server
	put(t, keys, key)
	if found, _ := keys.Check(secret, noon.Add(time.Hour+59*time.Second)); found.Due {
		t.Error("what another server has noted does not count")
	}
}

func TestNothingIsKeptOfTextsTooLong(t *testing.T) {
	keys := New(0, nil)
	key, secret := issue(t, strings.Repeat("n", 1<<16))
	if err := keys.Put(key); !errors.Is(err, ErrFull) {
		t.Errorf("error %v", err)
	}
	if _, live := keys.Check(secret, noon); live || keys.Len() != 0 {
		t.Errorf("live %v", live)
	}
	key.Key.Name = strings.Repeat("n", 1<<15) // longer than a chunk
	put(t, keys, key)
	put(t, keys, model.Digested{Key: model.Key{ID: "x", Name: "y"}})
	if found, live := keys.Check(secret, noon); !live || found.Name != key.Key.Name {
		t.Errorf("live %v, a name of %d bytes", live, len(found.Name))
	}
}

func TestCheckAllocatesNothing(t *testing.T) {
	keys := New(0, nil)
	key, secret := issue(t, "a")
	put(t, keys, key)
	_, stranger := issue(t, "")
	for _, text := range []string{secret, stranger, secret[:len(secret)-1] + "_", "no secret"} {
		if n := testing.AllocsPerRun(100, func() { keys.Check(text, noon) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

// TestWhatIsDeletedTakesNoRoom deletes nearly all of many keys, and many keys again and again.
func TestWhatIsDeletedTakesNoRoom(t *testing.T) {
	const many = 60_000
	keys := New(0, nil)
	ids := make([]string, many)
	before := heap()
	for i := range ids {
		key, _ := issue(t, "a")
		put(t, keys, key)
		ids[i] = key.Key.ID
	}
	full := heap() - before
	stays, secret := issue(t, "stays")
	stays.Key.Role = model.RoleManage
	put(t, keys, stays)
	for _, id := range ids {
		keys.Remove(id)
	}
	if left := int64(heap() - before); left > int64(full)/4 { // texts and slots below what is worth a packing stay
		t.Errorf("%d bytes are left of %d", left, full)
	}
	for range many {
		key, _ := issue(t, "a")
		put(t, keys, key)
		keys.Remove(key.Key.ID)
	}
	if left := int64(heap() - before); left > int64(full)/4 {
		t.Errorf("after coming and going: %d bytes are left of %d", left, full)
	}
	if found, ok := keys.Check(secret, noon); !ok || found.Name != "stays" || keys.Len() != 1 || found.Role != model.RoleManage {
		t.Errorf("found %+v, %v, %d keys", found, ok, keys.Len())
	}
}

// TestManyAtOnce changes and checks keys at the same time: keys that stay are always found with their own texts.
func TestManyAtOnce(t *testing.T) {
	keys := New(0, nil)
	stay := map[string]string{} // id by secret
	for range 200 {
		key, secret := issue(t, "")
		key.Key.Name = key.Key.ID
		put(t, keys, key)
		stay[secret] = key.Key.ID
	}
	done := make(chan struct{})
	var checkers, changers sync.WaitGroup
	for range 2 {
		checkers.Go(func() {
			for now := noon; ; now = now.Add(time.Second) {
				select {
				case <-done:
					return
				default:
				}
				for secret, id := range stay {
					if found, ok := keys.Check(secret, now); !ok || found.KeyID != id || found.Name != id {
						t.Errorf("found %+v, %v; want %s", found, ok, id)
						return
					}
				}
			}
		})
		changers.Go(func() {
			for range 10 {
				var ids []string
				for range 100 {
					key, secret := issue(t, "comes and goes")
					put(t, keys, key)
					if _, ok := keys.Check(secret, noon); !ok {
						t.Error("a key that was put is not there")
					}
					ids = append(ids, key.Key.ID)
				}
				packAll(keys)
				for _, id := range ids {
					keys.Remove(id)
					if _, ok := keys.Get(id); ok {
						t.Error("a key that was removed is there")
					}
				}
			}
		})
	}
	changers.Wait()
	close(done)
	checkers.Wait()
	if keys.Len() != len(stay) {
		t.Errorf("%d keys, want %d", keys.Len(), len(stay))
	}
}

// FuzzCheck: whatever is presented, Keys says what a map of texts says.
func FuzzCheck(f *testing.F) {
	keys := New(0, nil)
	ids := map[string]string{}
	for range 100 {
		key, secret := issue(f, "a")
		put(f, keys, key)
		ids[secret] = key.Key.ID
		f.Add([]byte(secret), uint8(0))
		f.Add([]byte(secret), uint8(45))
	}
	f.Fuzz(func(t *testing.T, text []byte, at uint8) {
		for _, text := range [][]byte{text, flip(text, int(at))} {
			found, ok := keys.Check(string(text), noon)
			if id, is := ids[string(text)]; ok != is || found.KeyID != id {
				t.Errorf("found %+v, %v; want %s, %v", found, ok, id, is)
			}
		}
	})
}

// flip changes a bit of a text.
func flip(text []byte, at int) []byte {
	text = bytes.Clone(text)
	if at < len(text) {
		text[at] ^= 1
	}
	return text
}
