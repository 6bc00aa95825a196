//go:build linux || darwin

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"clavier/e2e/term"
	"clavier/model"
	"clavier/store"
)

// rotation is the unfinished rotation of the store, if there is one, and whether the old key has an end.
func (p *place) rotation() (r model.Rotation, ends, found bool) {
	p.tb.Helper()
	records, err := store.Open(context.Background(), p.Database())
	p.must(err)
	defer func() { p.must(records.Close()) }()
	all, err := records.Rotations(context.Background())
	p.must(err)
	keys, err := records.List(context.Background())
	p.must(err)
	if len(all) > 1 || len(keys) > 2 {
		p.tb.Fatalf("%d rotations and %d keys are there", len(all), len(keys))
	}
	if len(all) == 0 {
		return r, false, false
	}
	for _, key := range keys {
		ends = ends || key.ID == all[0].OldID && !key.ExpiresAt.IsZero()
	}
	return all[0], ends, true
}

// oneWorks fails the test unless the old secret or that of the only other key verifies, and every key that is listed can be
// revealed.
func (p *place) oneWorks(old string) {
	p.tb.Helper()
	works := p.live(old)
	for _, name := range p.keys() {
		secret := p.secretOf(name)
		if secret != old && !p.live(secret) {
			p.tb.Errorf("the successor %s does not work", name)
		}
		works = works || secret != old
	}
	if !works {
		p.tb.Fatal("neither of the keys works")
	}
}

// advance does what the rotation waits for, and returns what the screen says when it is done.
func (p *place) advance(x term.Terminal, r model.Rotation, begun, ends bool) (done string) {
	p.tb.Helper()
	if !begun {
		x.Type("r")
		x.WaitFor("[ enter makes the new key ]")
		x.Send("\r")
		return "was made. Both keys work."
	}
	x.Type("R")
	x.WaitFor("┌ Unfinished rotations")
	x.Key(term.Enter)
	x.WaitFor("┌ Rotate production")
	switch {
	case r.HandedOverAt.IsZero():
		x.Type("x./give")
		x.WaitFor("./give")
		x.Send("\r")
		return "The command ended well"
	case r.WatchedAt.IsZero() && !ends:
		x.Type("e24h")
		x.WaitFor("[ enter lets it end on")
		x.Send("\r")
		return "The old key: ends "
	case r.WatchedAt.IsZero():
		x.WaitFor("> 4 watch      now")
		x.Send("o")
		return "> 5 delete     now"
	}
	x.Type("dproduction")
	x.WaitFor("[ enter deletes it for good ]")
	x.Send("\r")
	return "deleted production for good"
}

// TestRotationKilledAtEveryStep: the program is killed after every step, and at random moments within each. Whatever was
// happening, at least one of the keys works, there is one successor at most, and the next start says on screen which step
// comes next.
func TestRotationKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	const longest = 30 * time.Millisecond
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	everywhere(t, term.Options{Cols: 100}, func(p *place) {
		random := rand.New(rand.NewPCG(seed, 1))
		rounds := 3
		if p.tmux { // starts slowly, and the store is the same
			rounds = 1
		}
		p.script("give", "cat > given")
		kills, early := 0, 0
		for range rounds {
			old := p.create("production")[0]
			for patience := 0; ; patience++ {
				if patience == 40 {
					p.tb.Fatal("the rotation does not come to its end")
				}
				r, ends, begun := p.rotation()
				x := p.open()
				x.WaitFor("> ")
				if begun {
					step := r.Next()
					if step == model.StepCheck { // this profile has no APIs
						step = model.StepWatch
					}
					x.WaitFor(fmt.Sprintf("production waits at step %d of 5, %s · R goes on", step, step))
				}
				done := p.advance(x, r, begun, ends)
				if random.IntN(2) == 0 {
					x.WaitFor(done)
				} else {
					early++
					<-time.After(time.Duration(random.Int64N(int64(longest))))
				}
				x.Signal(syscall.SIGKILL)
				if code := x.WaitExit(); code != 128+9 {
					p.tb.Fatalf("code %d", code)
				}
				kills++
				p.oneWorks(old)
				names := p.keys()
				if len(names) == 1 && names[0] != "production" {
					break
				}
			}
			for _, name := range p.keys() {
				p.run("delete", name, "--confirm", name)
			}
		}
		p.tb.Logf("%d kills, %d of them within a step", kills, early)
	})
}

// TestRotateCommandKilled: clavier rotate is killed at random moments and run again until it is done. There is one successor,
// both keys work meanwhile, and the end is the one that was given first.
func TestRotateCommandKilled(t *testing.T) {
	t.Parallel()
	const kills, longest = 12, 80 * time.Millisecond
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	p := atTerminal(t, term.Options{})
	old := p.create("production")[0]
	give := p.script("give", "cat > given; cat given")
	args := []string{"rotate", "production", "--grace", "24h", "--exec", give}
	began := time.Now()
	for range kills {
		cmd := exec.Command(p.Bin, args...)
		cmd.Dir, cmd.Env = p.Dir, p.Env()
		p.must(cmd.Start())
		<-time.After(time.Duration(random.Int64N(int64(longest))))
		p.must(cmd.Process.Signal(syscall.SIGKILL))
		_ = cmd.Wait()
		p.oneWorks(old)
		if !p.live(old) {
			p.tb.Fatal("the old key does not work any more")
		}
	}
	r := p.Run(p.tb, "", nil, args...)
	if r.Code != 0 || !strings.Contains(r.Out, "[redacted]") || secretShape.MatchString(r.Out+r.Err) {
		p.tb.Fatalf("code %d: %s%s", r.Code, r.Out, r.Err)
	}
	if !strings.Contains(r.Err, "remains: clavier delete production once nothing uses it") {
		p.tb.Errorf("it does not say what remains: %s", r.Err)
	}
	row, ends, found := p.rotation()
	if !found || !ends || row.Next() != model.StepDelete {
		p.tb.Errorf("the rotation stands at %v, ended %v", row.Next(), ends)
	}
	var list []struct {
		Name      string     `json:"name"`
		ExpiresAt *time.Time `json:"expires_at"`
	}
	p.must(json.Unmarshal([]byte(p.run("list", "--json")), &list))
	for _, key := range list {
		if key.Name == "production" && (key.ExpiresAt == nil || key.ExpiresAt.Before(began.Add(24*time.Hour-2*time.Second)) ||
			key.ExpiresAt.After(time.Now().Add(24*time.Hour))) {
			p.tb.Errorf("it ends at %v", key.ExpiresAt)
		}
		if key.Name != "production" {
			if given, err := os.ReadFile(filepath.Join(p.Dir, "given")); err != nil || string(given) != p.secretOf(key.Name) {
				p.tb.Errorf("what was given is not the successor (%v)", err)
			}
		}
	}
}
