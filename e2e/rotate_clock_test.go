//go:build linux || darwin

package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"clavier/client"
	"clavier/model"
	"clavier/seal"
	"clavier/store"
)

// TestRotationWhileTheClockJumps: the clock goes back and forth by up to a year between all steps. At every moment one of
// the keys works, the next step does not depend on the time, a key that was revoked stays so, and one whose end has passed
// is given no other.
func TestRotationWhileTheClockJumps(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	ctx := context.Background()
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for round := range 20 {
		dir := t.TempDir()
		records, err := store.Open(ctx, filepath.Join(dir, "data", "local.db"))
		must(t, err)
		vault, err := seal.Open(seal.Options{IdentityPath: filepath.Join(dir, "config", "identity.txt"), Own: true})
		must(t, err)
		now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		service := &client.Issuer{Keeper: client.Keeper{Records: records, Vault: vault, Now: func() time.Time { return now }}}
		jump := func() {
			now = now.Add(time.Duration(random.Int64N(int64(2*365*24*time.Hour))) - 365*24*time.Hour).Truncate(time.Millisecond)
		}
		works := func(issued model.Issued) bool {
			_, err := service.Verify(ctx, issued.Secret)
			if err != nil && !errors.Is(err, model.ErrRefused) {
				t.Fatal(err)
			}
			return err == nil
		}
		next := func() model.Step {
			all, err := service.Rotations(ctx)
			must(t, err)
			if len(all) != 1 {
				t.Fatalf("%d rotations", len(all))
			}
			return all[0].Next()
		}

		old, err := service.Create(ctx, model.Draft{Name: "old"})
		must(t, err)
		jump()
		fresh, err := service.Rotate(ctx, old.Key.ID, model.Draft{Name: "new"})
		must(t, err)
		grace := time.Duration(random.Int64N(int64(model.MaxGrace)))
		if round%2 == 0 {
			grace = 0
		}
		var end time.Time
		for _, step := range []model.Step{model.StepHandOver, model.StepCheck, model.StepWatch} {
			if got := next(); got != step {
				t.Fatalf("next is %v, not %v", got, step)
			}
			jump()
			must(t, service.StepDone(ctx, old.Key.ID, step))
			if step == model.StepHandOver {
				end = now.Add(grace)
				ended, err := service.End(ctx, old.Key.ID, end)
				must(t, err)
				end = ended.ExpiresAt
			}
			for range 5 {
				jump()
				if !works(fresh) {
					t.Fatalf("round %d: the successor does not work at %v", round, now)
				}
				wantOld := grace > 0 && now.Before(end)
				if step >= model.StepHandOver && works(old) != wantOld {
					t.Fatalf("round %d: at %v the old key, which ends at %v after a grace of %v, works: %v", round, now, end, grace, !wantOld)
				}
				_, err := service.End(ctx, old.Key.ID, end)
				if alive := wantOld; errors.Is(err, model.ErrExpired) == alive {
					t.Fatalf("round %d: at %v, ending it at %v again: %v", round, now, end, err)
				}
			}
		}
		if got := next(); got != model.StepDelete {
			t.Fatalf("next is %v", got)
		}
		must(t, service.Delete(ctx, old.Key.ID))
		if all, err := service.Rotations(ctx); err != nil || len(all) != 0 || !works(fresh) || works(old) {
			t.Fatalf("after the last step: %v, %v", all, err)
		}
		must(t, records.Close())
	}
}
