package server

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"clavier/model"
)

// TestT27AUseIsWrittenOnceAMinute: a hundred thousand verifies in five minutes write each key five times, and none of them waits.
func TestT27AUseIsWrittenOnceAMinute(t *testing.T) {
	count := 100_000
	if testing.Short() {
		count /= 10
	}
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		secrets := make([]string, 10)
		for i := range secrets {
			_, secrets[i] = storeKey(t, store, fmt.Sprint("key ", i))
		}
		v, stop := running(t, store, verifierOptions{})
		time.Sleep(900 * time.Millisecond) // moments are not whole seconds
		begin, step := time.Now(), 5*time.Minute/time.Duration(count)
		for i := range count {
			if status(v, secrets[i%len(secrets)]) != http.StatusOK {
				t.Fatal("refused")
			}
			time.Sleep(step)
		}
		took := time.Since(begin)
		stop()
		last := map[string]time.Time{}
		for _, use := range store.usesTaken() {
			if before, ok := last[use.KeyID]; ok && (use.At.Sub(before) < time.Minute || use.At.Sub(before) > time.Minute+2*time.Second) {
				t.Errorf("%s was noted %v after it was", use.KeyID, use.At.Sub(before))
			}
			last[use.KeyID] = use.At
		}
		if n := len(store.usesTaken()); n != 5*len(secrets) || store.count("NoteUses") > 5*len(secrets) {
			t.Errorf("%d uses of %d keys were written in %v, with %d calls", n, len(secrets), took, store.count("NoteUses"))
		}
	})
}

// TestT27AtOnceIsOneUse: many at the same moment are one use.
func TestT27AtOnceIsOneUse(t *testing.T) {
	store := newFakeStore()
	_, secret := storeKey(t, store, "one")
	v := loaded(t, store, verifierOptions{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				status(v, secret)
			}
		})
	}
	all.Wait()
	if uses := v.uses.take(10); len(uses) != 1 {
		t.Errorf("%d uses are to be written", len(uses))
	}
}

// TestT27TheStopWritesWhatIsLeft: also more than are written at once.
func TestT27TheStopWritesWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		key, secret := storeKey(t, store, "one")
		v, stop := running(t, store, verifierOptions{})
		expect(t, "used", v, secret, http.StatusOK)
		for i := range usesAtOnce {
			v.uses.note(fmt.Sprint("gone ", i), time.Now())
		}
		stop()
		if len(store.usesTaken()) != 1 || store.usesTaken()[0].KeyID != key.ID || store.count("NoteUses") != 2 {
			t.Errorf("%d uses are written with %d calls", len(store.usesTaken()), store.count("NoteUses"))
		}
	})
}

// TestUsesWaitForTheStore: what the store does not take is written when it does, with its own moment.
func TestUsesWaitForTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		key, secret := storeKey(t, store, "one")
		v, _ := running(t, store, verifierOptions{})
		store.fail(errDown)
		used := time.Now()
		expect(t, "used", v, secret, http.StatusOK)
		time.Sleep(20 * time.Second)
		if n := store.count("NoteUses"); n < 2 || n > 10 || len(store.usesTaken()) != 0 {
			t.Errorf("%d attempts", n)
		}
		store.fail(nil)
		time.Sleep(usesAgain)
		if len(store.usesTaken()) != 1 || store.usesTaken()[0] != (model.Use{KeyID: key.ID, At: used}) {
			t.Errorf("noted %v, want %v", store.usesTaken(), used)
		}
	})
}

// TestUsesAreWrittenInParts: with very many keys the parts follow each other sooner, and other servers can follow them.
func TestUsesAreWrittenInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		v, _ := running(t, store, verifierOptions{})
		for i := range 3 * usesAtOnce {
			v.uses.note(fmt.Sprint(i), time.Now())
		}
		time.Sleep(1600 * time.Millisecond)
		if n, _ := v.uses.waiting(); n != 0 || store.count("NoteUses") != 3 {
			t.Errorf("%d are left after %d calls", n, store.count("NoteUses"))
		}
	})
}

func TestUsesAreBounded(t *testing.T) {
	var u uses
	at := time.Now()
	for i := range mostUses + 10 {
		u.note(fmt.Sprint(i), at)
	}
	u.note("0", at.Add(time.Minute)) // one that is there may move on
	u.note("0", at)                  // and not back
	if count, lost := u.waiting(); count != mostUses || lost != 10 {
		t.Errorf("%d wait, %d are lost", count, lost)
	}
	for _, use := range u.take(2 * mostUses) {
		if use.KeyID == "0" && !use.At.Equal(at.Add(time.Minute)) {
			t.Errorf("the use of 0 is %v after", use.At.Sub(at))
		}
	}
}
