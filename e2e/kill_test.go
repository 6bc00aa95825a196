//go:build linux || darwin

package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"clavier/e2e/term"
)

// TestKilledDuringCreate: after kill -9 at any moment of a create the store opens again, every key in it can be revealed
// and verifies, and a key whose secret was on the screen is among them.
func TestKilledDuringCreate(t *testing.T) {
	t.Parallel()
	const longest = 30 * time.Millisecond
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	everywhere(t, term.Options{}, func(p *place) {
		kills := 6
		if p.tmux { // starts slowly, and the store is the same
			kills = 3
		}
		p.create("first")
		random := rand.New(rand.NewPCG(seed, 0))
		acknowledged := map[string]string{}
		for i := range kills {
			name := fmt.Sprintf("key-%d", i)
			x := p.open()
			x.WaitFor("> ")
			x.Type("n" + name)
			x.WaitFor("enter creates it")
			x.Send("\r")
			if i == 0 { // one is surely acknowledged, the others die somewhere before or after
				s := x.WaitFor(name + " was created")
				acknowledged[name] = secretShape.FindString(s.String())
			} else {
				<-time.After(time.Duration(random.Int64N(int64(longest))))
			}
			x.Signal(syscall.SIGKILL)
			if code := x.WaitExit(); code != 128+9 {
				p.tb.Fatalf("code %d", code)
			}
			if s := x.Screen(); s.Contains(name + " was created") {
				acknowledged[name] = secretShape.FindString(s.String())
			}
			p.mustBeSound(acknowledged)
		}
		p.tb.Logf("%d of %d creates were acknowledged before the kill", len(acknowledged), kills)
		x := p.open()
		waitList(x, len(p.keys()))
		mustBePrivate(p.tb, p.Data())
		mustBePrivate(p.tb, p.Config())
	})
}

// keys are the names of the keys, newest first.
func (p *place) keys() []string {
	p.tb.Helper()
	var list []struct {
		Name string `json:"name"`
	}
	p.must(json.Unmarshal([]byte(p.run("list", "--json")), &list))
	names := make([]string, len(list))
	for i, key := range list {
		names[i] = key.Name
	}
	return names
}

func (p *place) mustBeSound(acknowledged map[string]string) {
	p.tb.Helper()
	names := p.keys()
	for _, name := range names {
		secret := strings.TrimSpace(p.run("show", name))
		if r := p.Run(p.tb, secret+"\n", nil, "verify"); r.Code != 0 || r.Out != name+"\n" {
			p.tb.Errorf("%s is listed and does not verify: code %d, %s", name, r.Code, r.Err)
		}
		if shown := acknowledged[name]; shown != "" && shown != secret {
			p.tb.Errorf("%s has another secret than the one that was shown", name)
		}
	}
	for name := range acknowledged {
		if !slices.Contains(names, name) {
			p.tb.Errorf("%s was acknowledged and is lost", name)
		}
	}
}
