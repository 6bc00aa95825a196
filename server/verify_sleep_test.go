package server

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"clavier/model"
)

// TestAsleep: what was asked before the machine went to sleep is as old as a clock on the wall says, not as the monotonic one.
func TestAsleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVerifier(newFakeStore(), verifierOptions{Log: quiet, UnsureAfter: 30 * time.Second})
		if err := v.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := v.ready(); err != nil {
			t.Fatalf("a verifier that has just asked says %v", err)
		}
		time.Sleep(29 * time.Second) // of the clock that the test turns
		if err := v.ready(); err != nil {
			t.Errorf("after 29 s it says %v", err)
		}
		for clock, at := range map[string]sureMoment{
			"wall":      {time.Now(), time.Now().Round(0).Add(-time.Minute)}, // a minute of sleep
			"monotonic": {time.Now().Add(-time.Minute), time.Now().Round(0)}, // a clock that was put back
		} {
			v.sureAt.Store(&at)
			if err := v.ready(); !errors.Is(err, model.ErrUnsure) {
				t.Errorf("a minute later by the %s clock it says %v", clock, err)
			}
		}
		if err := v.catchUp(t.Context()); err != nil || v.ready() != nil {
			t.Errorf("after it has asked again it says %v, %v", err, v.ready())
		}
	})
}
