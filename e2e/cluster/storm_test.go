//go:build linux || darwin

package cluster

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"clavier/e2e/service"
	"clavier/wire"
)

// outcome is what a client knows of a key.
type outcome struct {
	key    service.Key
	record wire.Record
	// made is true once a create was acknowledged, deleted once a deletion was. Doubtful is true while an answer is missing.
	made, deleted, doubtful bool
}

// storm makes and deletes keys from several clients until it is told to stop, and keeps what was acknowledged.
type storm struct {
	t        *testing.T
	services []*service.Service
	stop     chan struct{}
	wg       sync.WaitGroup
	mu       sync.Mutex
	known    []*outcome
	acked    int
}

const stormClients = 8

// rage starts a storm.
func rage(t *testing.T, round int, services ...*service.Service) *storm {
	t.Helper()
	s := &storm{t: t, services: services, stop: make(chan struct{})}
	for client := range stormClients {
		s.wg.Go(func() { s.client(round, client) })
	}
	return s
}

func (s *storm) client(round, client int) {
	random := rand.New(rand.NewPCG(uint64(round), uint64(client)))
	var own []*outcome
	for i := 0; ; i++ {
		select {
		case <-s.stop:
			return
		default:
		}
		at := s.services[random.IntN(len(s.services))]
		if live := liveOf(own); len(live) > 2 && random.IntN(2) == 0 {
			s.remove(at, live[random.IntN(len(live))])
			continue
		}
		o := &outcome{}
		o.key, o.record = service.Draw(s.t, fmt.Sprintf("round %d client %d key %d", round, client, i))
		own = append(own, o)
		s.mu.Lock()
		s.known = append(s.known, o)
		s.mu.Unlock()
		s.put(at, o)
	}
}

func liveOf(all []*outcome) (live []*outcome) {
	for _, o := range all {
		if o.made && !o.deleted && !o.doubtful {
			live = append(live, o)
		}
	}
	return live
}

func (s *storm) put(at *service.Service, o *outcome) {
	status, body := at.Ask(http.MethodPut, wire.PathKeys+"/"+o.key.ID, o.record)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case status == http.StatusCreated || status == http.StatusOK:
		o.made = true
		s.acked++
	case status == 0 || status >= http.StatusInternalServerError:
		o.doubtful = true
	default:
		s.t.Errorf("a create is answered %d %s", status, body)
	}
}

func (s *storm) remove(at *service.Service, o *outcome) {
	status, body := at.Ask(http.MethodDelete, wire.PathKeys+"/"+o.key.ID, nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case status == http.StatusNoContent || status == http.StatusAccepted:
		o.deleted = true
		s.acked++
	case status == 0 || status >= http.StatusInternalServerError:
		o.doubtful = true
	default:
		s.t.Errorf("a deletion is answered %d %s", status, body)
	}
}

// until waits for so many acknowledged changes.
func (s *storm) until(acked int) {
	s.t.Helper()
	s.services[0].Wait(fmt.Sprintf("%d acknowledged changes", acked), func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.acked >= acked
	})
}

// end stops the storm and returns what is known.
func (s *storm) end() []*outcome {
	close(s.stop)
	s.wg.Wait()
	return s.known
}

// wantWhole fails unless the invariants of trust row T6 hold at a service: every acknowledged key verifies and its sealed secret
// can be had, no deleted key verifies, and no key is live but unlisted.
func wantWhole(t *testing.T, at *service.Service, known []*outcome) {
	t.Helper()
	listed := list(t, at)
	for _, o := range known {
		what := fmt.Sprintf("%s (made %v, deleted %v, doubtful %v)", o.record.Name, o.made, o.deleted, o.doubtful)
		status := at.Verify(o.key.Secret)
		_, isListed := listed[o.key.ID]
		switch {
		case o.deleted:
			if status != http.StatusUnauthorized || isListed {
				t.Errorf("%s: deleted, and answered %d, listed %v", what, status, isListed)
			}
		case o.made && !o.doubtful:
			if status != http.StatusOK || !isListed {
				t.Errorf("%s: acknowledged, and answered %d, listed %v", what, status, isListed)
			}
		}
		if (status == http.StatusOK) != isListed {
			t.Errorf("%s: answered %d, listed %v", what, status, isListed)
		}
		if isListed {
			wantSealed(t, at, o)
		}
	}
}

func wantSealed(t *testing.T, at *service.Service, o *outcome) {
	t.Helper()
	status, body := at.Ask(http.MethodGet, wire.PathKeys+"/"+o.key.ID+wire.SealedSuffix, nil)
	var sealed wire.Sealed
	if err := json.Unmarshal(body, &sealed); status != http.StatusOK || err != nil || string(sealed.Sealed) != string(o.record.Sealed) ||
		sealed.SHA256 != o.record.SHA256 {
		t.Errorf("%s: its sealed secret is answered %d, or is another one: %v", o.record.Name, status, err)
	}
}

// list returns all keys of a service by id.
func list(t *testing.T, at *service.Service) map[string]wire.Key {
	t.Helper()
	all := map[string]wire.Key{}
	for cursor := ""; ; {
		status, body := at.Ask(http.MethodGet, wire.PathKeys+"?limit=500&cursor="+cursor, nil)
		var page wire.Keys
		if err := json.Unmarshal(body, &page); status != http.StatusOK || err != nil {
			t.Fatalf("list: %d %s: %v", status, body, err)
		}
		for _, key := range page.Keys {
			if _, twice := all[key.ID]; twice {
				t.Errorf("%s is listed twice", key.ID)
			}
			all[key.ID] = key
		}
		if page.Next == "" {
			return all
		}
		cursor = page.Next
	}
}

// wantRefusedWithin waits until a service refuses a secret, which must be within a second.
func wantRefusedWithin(t *testing.T, at *service.Service, key service.Key, since time.Time) {
	t.Helper()
	at.Wait("the deleted key is refused", func() bool { return at.Verify(key.Secret) == http.StatusUnauthorized })
	if took := time.Since(since); took > time.Second {
		t.Errorf("a deleted key was refused after %v, want a second at most", took)
	} else {
		t.Logf("refused after %v", took.Round(time.Millisecond))
	}
}
