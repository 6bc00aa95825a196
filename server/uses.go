package server

import (
	"context"
	"sync"
	"time"

	"clavier/model"
)

const (
	// mostUses is how many keys may have uses that are not written, while the store cannot take them. Further ones are lost.
	mostUses = 1 << 18
	// usesAtOnce is how many uses are written in one transaction. It stays well below the number of changes that a store tells
	// one by one, so that other servers need not read all keys again; and so do several of these within their poll.
	usesAtOnce = 4096
	// leftWithin is how long the uses that are left may take to be written at the end.
	leftWithin = 5 * time.Second
	// usesAgain is the longest time between two attempts to write.
	usesAgain = 10 * time.Second
)

// uses are the moments of last uses that are not written yet, by id. The zero value has none.
type uses struct {
	mu   sync.Mutex
	at   map[string]time.Time
	lost uint64
}

// note keeps a use until it is written.
func (u *uses) note(id string, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	before, known := u.at[id]
	switch {
	case known && at.Before(before):
	case !known && len(u.at) >= mostUses:
		u.lost++
	default:
		if u.at == nil {
			u.at = map[string]time.Time{}
		}
		u.at[id] = at
	}
}

// take takes some uses out, at most so many.
func (u *uses) take(most int) []model.Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := make([]model.Use, 0, min(most, len(u.at)))
	for id, at := range u.at {
		if len(taken) == most {
			break
		}
		taken = append(taken, model.Use{KeyID: id, At: at})
		delete(u.at, id)
	}
	if len(u.at) == 0 {
		u.at = nil // a map does not shrink
	}
	return taken
}

// waiting returns how many uses are not written, and how many were lost.
func (u *uses) waiting() (count int, lost uint64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.at), u.lost
}

// writeUses writes uses until ctx ends.
func (v *verifier) writeUses(ctx context.Context) {
	failed := time.Duration(0)
	for wait := v.o.FlushEvery; sleep(ctx, wait); {
		written, err := v.writeSome(v.life, askWithin) //nolint:contextcheck // what is being written when ctx ends is finished
		switch {
		case err != nil && failed == 0:
			v.o.Log.Warn("the last uses of keys cannot be written; they are kept for now", "error", model.Display(err.Error()))
			fallthrough
		case err != nil:
			failed = min(max(2*failed, v.o.FlushEvery), max(usesAgain, v.o.FlushEvery))
			wait = failed
		case written == usesAtOnce:
			failed, wait = 0, v.o.FlushEvery/4
		default:
			failed, wait = 0, v.o.FlushEvery
		}
	}
}

// writeSome writes uses in one transaction. What the store does not take is kept.
func (v *verifier) writeSome(ctx context.Context, within time.Duration) (int, error) {
	some := v.uses.take(usesAtOnce)
	if len(some) == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := v.store.NoteUses(ctx, some); err != nil {
		for _, use := range some {
			v.uses.note(use.KeyID, use.At)
		}
		return 0, err
	}
	return len(some), nil
}

// writeLeft writes what is left after ctx has ended.
func (v *verifier) writeLeft(ctx context.Context) {
	deadline := time.Now().Add(leftWithin)
	for {
		written, err := v.writeSome(context.WithoutCancel(ctx), time.Until(deadline))
		if err != nil {
			left, _ := v.uses.waiting()
			v.o.Log.Warn("the last uses of some keys were not written", "keys", left, "error", model.Display(err.Error()))
		}
		if err != nil || written == 0 {
			return
		}
	}
}
