package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"clavier/model"
)

// running runs a verifier until the test, or the function that is returned, ends it.
func running(t *testing.T, store Store, o verifierOptions) (v *verifier, stop func()) {
	t.Helper()
	if o.Log == nil {
		o.Log = quiet
	}
	v = newVerifier(store, o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- v.run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
	t.Cleanup(stop)
	synctest.Wait()
	return v, stop
}

// remove deletes a key as another server of the same store does.
func remove(t *testing.T, store Store, id string) {
	t.Helper()
	if err := store.Delete(t.Context(), id, somebody, time.Now()); err != nil {
		t.Fatal(err)
	}
}

// expect fails unless a secret is answered with a status.
func expect(t *testing.T, when string, v *verifier, secret string, want int) {
	t.Helper()
	if got := status(v, secret); got != want {
		t.Errorf("%s: answered %d, want %d", when, got, want)
	}
}

// TestT26ChangesElsewhereCountWithinASecond: what another server does to a key is known here soon.
func TestT26ChangesElsewhereCountWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		deleted, gone := storeKey(t, store, "deleted")
		ended, over := storeKey(t, store, "ended")
		_, stays := storeKey(t, store, "stays")
		_, expires := storeKey(t, store, "expires", ending(time.Now().Add(time.Minute)))
		v, _ := running(t, store, verifierOptions{})
		for _, secret := range []string{gone, over, stays, expires} {
			expect(t, "before", v, secret, http.StatusOK)
		}
		remove(t, store, deleted.ID)
		if _, err := store.End(t.Context(), ended.ID, time.Now().Add(-time.Hour), somebody, time.Now()); err != nil {
			t.Fatal(err)
		}
		_, made := storeKey(t, store, "made")
		time.Sleep(150 * time.Millisecond)
		synctest.Wait()
		expect(t, "deleted", v, gone, http.StatusUnauthorized)
		expect(t, "ended", v, over, http.StatusUnauthorized)
		expect(t, "made", v, made, http.StatusOK)
		expect(t, "stays", v, stays, http.StatusOK)
		expect(t, "expires", v, expires, http.StatusOK)
		time.Sleep(time.Minute)
		expect(t, "expired", v, expires, http.StatusUnauthorized)
	})
}

// TestT26WhoIsToldAsksAtOnce: a store that tells of changes is asked when it does, and also when it says nothing for it was cut off.
func TestT26WhoIsToldAsksAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newTellingStore()
		one, first := storeKey(t, store, "one")
		two, second := storeKey(t, store, "two")
		three, third := storeKey(t, store, "three")
		v, _ := running(t, store, verifierOptions{})
		changed := <-store.calls

		time.Sleep(20 * time.Millisecond)
		remove(t, store, one.ID)
		changed()
		changed()
		synctest.Wait()
		expect(t, "told", v, first, http.StatusUnauthorized)

		store.lost <- errors.New("the connection was cut")
		remove(t, store, two.ID)
		time.Sleep(300 * time.Millisecond)
		synctest.Wait()
		expect(t, "cut off", v, second, http.StatusUnauthorized)

		changed = <-store.calls // it is listened to again
		time.Sleep(20 * time.Millisecond)
		remove(t, store, three.ID)
		changed()
		synctest.Wait()
		expect(t, "told again", v, third, http.StatusUnauthorized)
	})
}

// TestDeafOnce: that the store tells nothing is said once, until it has told of changes for a while.
func TestDeafOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, logged := newTellingStore(), &logBuffer{}
		running(t, store, verifierOptions{Log: slog.New(slog.NewTextHandler(logged, nil))})
		for outage := range 3 {
			changed := <-store.calls
			changed()
			time.Sleep(time.Minute)
			for range 5 { // tries that come to nothing, quickly or after long; or that are cut off as soon as they hear
				store.lost <- errors.New("the connection was cut")
				<-store.calls
				time.Sleep(time.Minute)
				store.lost <- errors.New("the connection was cut")
				changed = <-store.calls
				changed()
			}
			if said := strings.Count(logged.String(), "it is asked"); said != outage+1 {
				t.Fatalf("in outage %d it is said %d times: %s", outage, said, logged)
			}
			store.lost <- errors.New("the connection was cut")
		}
	})
}

// TestT26AStoreThatIsDown: memory is trusted for a while and no longer; when the store is back, so are the keys.
func TestT26AStoreThatIsDown(t *testing.T) {
	for _, how := range []string{"fails", "hangs"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newFakeStore()
				key, secret := storeKey(t, store, "one")
				v, _ := running(t, store, verifierOptions{UnsureAfter: 20 * time.Second})
				expect(t, "before", v, secret, http.StatusOK)
				hold := make(chan struct{})
				store.mu.Lock()
				if how == "fails" {
					store.failure = errDown
				} else {
					store.hold = hold
				}
				store.mu.Unlock()
				time.Sleep(19 * time.Second)
				expect(t, "for a while", v, secret, http.StatusOK)
				if err := v.ready(); err != nil {
					t.Errorf("not ready: %v", err)
				}
				time.Sleep(2 * time.Second)
				expect(t, "for too long", v, secret, http.StatusServiceUnavailable)
				if _, err := v.identify(bearer(secret).Header); !errors.Is(err, model.ErrUnsure) || !errors.Is(v.ready(), model.ErrUnsure) {
					t.Errorf("identified with %v, ready %v", err, v.ready())
				}
				expect(t, "nothing presented", v, "", http.StatusUnauthorized)

				store.mu.Lock()
				store.failure, store.hold = nil, nil
				close(hold)
				store.mu.Unlock()
				time.Sleep(time.Second)
				expect(t, "again", v, secret, http.StatusOK)
				remove(t, store, key.ID)
				time.Sleep(time.Second)
				expect(t, "deleted", v, secret, http.StatusUnauthorized)
			})
		})
	}
}

// TestAStoreThatIsDownAtTheStart: nobody is answered 200, and the keys are there when the store is.
func TestAStoreThatIsDownAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		_, secret := storeKey(t, store, "one")
		store.fail(errDown)
		v, _ := running(t, store, verifierOptions{})
		for range 60 {
			expect(t, "down", v, secret, http.StatusServiceUnavailable)
			time.Sleep(time.Second)
		}
		if asked := store.count("Version"); asked > 200 {
			t.Errorf("the store was asked %d times in a minute", asked)
		}
		store.fail(nil)
		time.Sleep(time.Second)
		expect(t, "up", v, secret, http.StatusOK)
	})
}

// TestAClockThatJumps: waiting is measured by a clock that does not jump, the end of a key by the one that people read.
func TestAClockThatJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
		_, secret := storeKey(t, store, "one")
		_, ends := storeKey(t, store, "two", ending(now.Add(time.Hour)))
		v, _ := running(t, store, verifierOptions{Now: func() time.Time { return now }})
		expect(t, "before", v, ends, http.StatusOK)
		store.fail(errDown)
		now = now.Add(24 * time.Hour)
		expect(t, "a day later", v, secret, http.StatusOK)
		expect(t, "a day later", v, ends, http.StatusUnauthorized)
		now = now.Add(-48 * time.Hour)
		expect(t, "a day earlier", v, secret, http.StatusOK)
		expect(t, "a day earlier", v, ends, http.StatusOK)
		time.Sleep(31 * time.Second)
		expect(t, "unsure", v, secret, http.StatusServiceUnavailable)
	})
}

// TestAllIsReadAgain: when too much has changed to tell, keys are read again, and until they are none is taken without asking the
// store. What changes meanwhile counts, and what was noted of uses is not forgotten.
func TestAllIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		store.told, store.page = 10, 5
		early, gone := storeKey(t, store, "deleted before")
		ended, over := storeKey(t, store, "ended before")
		used, stays := storeKey(t, store, "stays")
		v, _ := running(t, store, verifierOptions{Poll: time.Second, FlushEvery: time.Hour})
		for _, secret := range []string{gone, over, stays} {
			expect(t, "at first", v, secret, http.StatusOK)
		}
		first := time.Now()

		var made, late model.Key
		var madeSecret, lateSecret, during string
		for i := range 20 {
			late, lateSecret = made, madeSecret
			made, madeSecret = storeKey(t, store, fmt.Sprint("more ", i))
		}
		remove(t, store, early.ID)
		if _, err := store.End(t.Context(), ended.ID, time.Now(), somebody, time.Now()); err != nil {
			t.Fatal(err)
		}
		next := make(chan struct{})
		store.mu.Lock()
		store.between = func(page int) {
			<-next
			if page == 3 { // the newest keys were given in the first
				remove(t, store, late.ID)
				_, during = storeKey(t, store, "made while they are read")
			}
		}
		store.mu.Unlock()
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait() // in front of the first page
		found := store.count("Find")
		expect(t, "meanwhile, deleted", v, gone, http.StatusUnauthorized)
		expect(t, "meanwhile, ended", v, over, http.StatusUnauthorized)
		expect(t, "meanwhile, there", v, stays, http.StatusOK)
		expect(t, "meanwhile, not known", v, madeSecret, http.StatusServiceUnavailable)
		expect(t, "meanwhile, wrong", v, madeSecret[:len(madeSecret)-1]+"_", http.StatusUnauthorized)
		if n := store.count("Find") - found; n != 3 {
			t.Errorf("the store was asked %d times", n)
		}
		store.fail(errDown)
		expect(t, "meanwhile, the store is down", v, stays, http.StatusServiceUnavailable)
		store.fail(nil)

		close(next)
		synctest.Wait()
		found = store.count("Find")
		expect(t, "deleted before", v, gone, http.StatusUnauthorized)
		expect(t, "ended before", v, over, http.StatusUnauthorized)
		expect(t, "deleted while they were read", v, lateSecret, http.StatusUnauthorized)
		expect(t, "made while they were read", v, during, http.StatusOK)
		expect(t, "stays", v, stays, http.StatusOK)
		expect(t, "made", v, madeSecret, http.StatusOK)
		if n := store.count("Find") - found; n != 0 || v.size() != 22 {
			t.Errorf("the store was asked %d times; %d keys, want 22", n, v.size())
		}
		for _, use := range v.uses.take(100) {
			if use.KeyID == used.ID && !use.At.Equal(first) {
				t.Errorf("a use is due again after %v", use.At.Sub(first))
			}
		}
	})
}

// TestAllIsNotReadAgainForNothing: changes that can be told are, however many there are in the end.
func TestAllIsNotReadAgainForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		store.told = 10
		v, _ := running(t, store, verifierOptions{FlushEvery: time.Hour})
		for i := range 50 {
			_, secret := storeKey(t, store, fmt.Sprint("key ", i))
			time.Sleep(150 * time.Millisecond)
			expect(t, "made", v, secret, http.StatusOK)
		}
		if n := store.count("Digests"); n != 1 {
			t.Errorf("all keys were read %d times", n)
		}
		asked := store.count("DigestChanges")
		time.Sleep(10 * time.Second)
		if n := store.count("DigestChanges") - asked; n != 0 {
			t.Errorf("changes were asked for %d times, and there were none", n)
		}
	})
}

// TestReadingAllFails: a store that goes down while all keys are read leaves no key that is taken, and the reading is repeated.
func TestReadingAllFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		store.told, store.page = 1, 2
		_, secret := storeKey(t, store, "one")
		v, _ := running(t, store, verifierOptions{})
		store.mu.Lock()
		store.between = func(page int) {
			if page == 2 {
				store.fail(errDown)
			}
		}
		store.mu.Unlock()
		for i := range 5 {
			storeKey(t, store, fmt.Sprint("more ", i))
		}
		time.Sleep(time.Second)
		expect(t, "down", v, secret, http.StatusServiceUnavailable)
		store.mu.Lock()
		store.between, store.failure = nil, nil
		store.mu.Unlock()
		time.Sleep(time.Second)
		expect(t, "up", v, secret, http.StatusOK)
		if v.size() != 6 {
			t.Errorf("%d keys, want 6", v.size())
		}
	})
}

// TestADeletedKeyStaysDeleted: its record cannot be stored again, and another key with its name has its own secret alone.
func TestADeletedKeyStaysDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		record, old := draft(t, "one", time.Now())
		if err := store.Put(t.Context(), record, somebody); err != nil {
			t.Fatal(err)
		}
		v, _ := running(t, store, verifierOptions{})
		expect(t, "before", v, old, http.StatusOK)
		remove(t, store, record.Key.ID)
		if err := store.Put(t.Context(), record, somebody); !errors.Is(err, model.ErrConflict) {
			t.Errorf("it is stored again: %v", err)
		}
		_, secret := storeKey(t, store, "one")
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		expect(t, "the old secret", v, old, http.StatusUnauthorized)
		expect(t, "the new secret", v, secret, http.StatusOK)
		if v.size() != 1 {
			t.Errorf("%d keys", v.size())
		}
	})
}

// TestCatchUpSeesWhatWasThere: whoever waits sees their own change, and many who wait share questions.
func TestCatchUpSeesWhatWasThere(t *testing.T) {
	store := newFakeStore()
	v := loaded(t, store, verifierOptions{})
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			key, secret := storeKey(t, store, fmt.Sprint("key ", i))
			if err := v.catchUp(t.Context()); err != nil {
				t.Error(err)
			}
			expect(t, "stored", v, secret, http.StatusOK)
			remove(t, store, key.ID)
			if err := v.catchUp(t.Context()); err != nil {
				t.Error(err)
			}
			expect(t, "deleted", v, secret, http.StatusUnauthorized)
		})
	}
	all.Wait()
}

func TestThoseWhoCatchUpShareQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		v := loaded(t, store, verifierOptions{})
		hold := make(chan struct{})
		store.hold = hold
		before := store.count("Version")
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if err := v.catchUp(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := v.catchUp(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("who no longer waits gets %v", err)
		}
		close(hold)
		all.Wait()
		if n := store.count("Version") - before; n > 2 {
			t.Errorf("the store was asked %d times for 100 callers", n)
		}
	})
}

func TestCatchUpAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		v, stop := running(t, store, verifierOptions{})
		stop()
		if err := v.catchUp(t.Context()); !errors.Is(err, errStopped) {
			t.Errorf("error %v", err)
		}
	})
}

// TestTheEndDoesNotWaitForAStoreThatHangs: a question that is not answered is given up.
func TestTheEndDoesNotWaitForAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		_, secret := storeKey(t, store, "one")
		v, stop := running(t, store, verifierOptions{})
		expect(t, "before", v, secret, http.StatusOK)
		store.mu.Lock()
		store.hold = make(chan struct{})
		store.mu.Unlock()
		time.Sleep(time.Second)
		began := time.Now()
		stop()
		if took := time.Since(began); took > askWithin+leftWithin {
			t.Errorf("the end took %v", took)
		}
	})
}

// TestAPanicEndsOneRound: what fails in this program while a request catches up, or beside requests, ends that round and nothing
// else.
func TestAPanicEndsOneRound(t *testing.T) {
	m := manageOver(t, newFakeStore())
	m.catchUp()
	m.store.fail("panic in DigestChanges", errors.New("now"))
	m.put(other(t, "one"), "").want(500)
	m.store.fail("panic in DigestChanges", nil)
	m.put(other(t, "two"), "").want(201)
	if n := m.server.verify.size(); n != 5 {
		t.Errorf("%d keys are known", n)
	}
}
