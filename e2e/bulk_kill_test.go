//go:build linux || darwin

package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"clavier/e2e/crowd"
	"clavier/e2e/term"
	"clavier/model"
	"clavier/store"
)

// easy are the keys that need no confirmation by themselves to be deleted with others.
func easy(keys []crowd.Key) []crowd.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(key crowd.Key) bool {
		const recent = 7 * 24 * time.Hour
		used := key.LastUse
		return !used.Never() && time.Since(used.At) <= recent || model.DefaultProtect.Match(key.Name)
	})
}

// confirmEasy marks all keys, leaves out those that need a confirmation by themselves, and types the sentence for the others:
// one enter deletes them.
func (p *place) confirmEasy(x term.Terminal, keys []crowd.Key) {
	p.tb.Helper()
	n := len(easy(keys))
	if n == 0 || n == len(keys) {
		p.tb.Fatalf("%d of %d keys are deleted without more", n, len(keys))
	}
	x.WaitUntil("all keys", func(s term.Screen) bool { return total(s, grouped(len(keys))) && !s.Contains("┌ ") })
	x.Type("a")
	x.WaitFor(fmt.Sprintf("marked all %d that are shown", len(keys)))
	x.Type("d")
	x.WaitFor(fmt.Sprintf("ctrl+o leave out %d unconfirmed", len(keys)-n))
	x.Key(term.Ctrl('o'))
	sentence := fmt.Sprintf("delete %d keys", n)
	x.WaitFor("Type this to delete them: " + sentence)
	x.Send(sentence)
	x.WaitFor("[ enter deletes ")
}

var progress = regexp.MustCompile(`│ (\d+) of \d+( · \d+ failed)? +│`)

// done is how many keys the progress on the screen counts; -1 without progress.
func done(s term.Screen) int {
	for _, line := range s.Lines {
		if found := progress.FindStringSubmatch(line); found != nil {
			n, _ := strconv.Atoi(found[1])
			return n
		}
	}
	return -1
}

// window is how many bytes in a row count as a remain.
const window = 8

// remains finds what is left of keys in files.
type remains struct{ of map[[window]byte]string }

// traces are all windows of the digests and sealed secrets of the store that stand in one of them only, with the id of
// their key.
func (p *place) traces() remains {
	p.tb.Helper()
	ctx := context.Background()
	records, err := store.Open(ctx, p.Database())
	p.must(err)
	defer func() { p.must(records.Close()) }()
	keys, err := records.List(ctx)
	p.must(err)
	r := remains{map[[window]byte]string{}}
	for _, key := range keys {
		sealed, err := records.Sealed(ctx, key.ID)
		p.must(err)
		for _, secret := range [][]byte{sealed.Digest[:], sealed.Ciphertext} {
			for i := 0; i+window <= len(secret); i++ {
				w := [window]byte(secret[i:])
				if id, taken := r.of[w]; taken && id != key.ID {
					r.of[w] = "" // what all have in common
				} else {
					r.of[w] = key.ID
				}
			}
		}
	}
	return r
}

// in counts the windows of each key in the files of a directory.
func (r remains) in(p *place, dir string) map[string]int {
	p.tb.Helper()
	entries, err := os.ReadDir(dir)
	p.must(err)
	found := map[string]int{}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		p.must(err)
		for i := 0; i+window <= len(content); i++ {
			if id := r.of[[window]byte(content[i:])]; id != "" {
				found[id]++
			}
		}
	}
	return found
}

// kills is how often the test below kills; CLAVIER_E2E_KILLS asks for another number.
func kills(tb testing.TB) int {
	if text := os.Getenv("CLAVIER_E2E_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			tb.Fatalf("CLAVIER_E2E_KILLS=%s is no number", text)
		}
		return n
	}
	if testing.Short() {
		return 3
	}
	return 10
}

// TestT6KilledDuringBulkDelete: after kill -9 at any moment of the deletion of many keys, each key is wholly there, as it was,
// or wholly gone: not listed, not found, with one line of activity, and nothing of it left in the files once the store
// was opened again. What the screen had counted as deleted is gone.
func TestT6KilledDuringBulkDelete(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	if text := os.Getenv("CLAVIER_E2E_KILL_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	n := kills(t)
	t.Logf("%d kills, CLAVIER_E2E_KILL_SEED=%d", n, seed)
	const lanes = 2 // beside each other
	for lane := range lanes {
		t.Run(fmt.Sprint(lane), func(t *testing.T) {
			t.Parallel()
			p := atTerminal(t, wide)
			random := rand.New(rand.NewPCG(seed, uint64(lane)))
			var traces remains
			var left, gone []crowd.Key
			for i := lane; i < n; i += lanes {
				if len(easy(left)) < 20 {
					p.must(os.RemoveAll(p.Data()))
					left, gone = p.populate(some), nil
					traces = p.traces()
				}
				left, gone = p.killOnce(random, left, gone)
				p.mustHaveErased(traces, left, gone)
			}
		})
	}
}

// killOnce kills the program at a random moment of a deletion of all that can be deleted without more, and returns which
// keys are left then and which are gone.
func (p *place) killOnce(random *rand.Rand, left, gone []crowd.Key) (nowLeft, nowGone []crowd.Key) {
	p.tb.Helper()
	x := p.Start(p.tb, p.opts)
	p.confirmEasy(x, left)
	doomed := easy(left)
	from := random.IntN(len(doomed))
	x.Send("\r")
	x.WaitUntil(fmt.Sprintf("%d deletions", from), func(s term.Screen) bool {
		return done(s) >= from || from == 0 || s.Contains("┌ Deleted ")
	})
	<-time.After(time.Duration(random.Int64N(int64(100 * time.Millisecond)))) // the screen counts ten times a second
	x.Signal(syscall.SIGKILL)
	if code := x.WaitExit(); code != 128+9 {
		p.tb.Fatalf("code %d\n%s", code, x.Screen().Frame())
	}
	counted := done(x.Screen())
	if x.Screen().Contains("┌ Deleted ") {
		counted = len(doomed)
	}

	nowLeft, nowGone = p.account(left, doomed, counted)
	nowGone = append(nowGone, gone...)
	all := slices.Concat(nowLeft, nowGone)
	p.mustLeave(all, nowGone)
	p.mustBeWhollyThereOrGone(all, nowGone)
	for range 3 {
		i := random.IntN(len(all))
		key := all[i]
		r := p.Run(p.tb, "", nil, "show", key.Name)
		if there := i < len(nowLeft); there != (r.Code == 0) || there && strings.TrimSpace(r.Out) != key.Secret.Reveal() {
			p.tb.Errorf("%s is there: %t; show: code %d, %s", key.Name, there, r.Code, r.Err)
		}
	}
	for _, key := range nowGone[:min(2, len(nowGone))] { // of those that are left it would note a use
		if p.verifies(key) {
			p.tb.Errorf("%s is gone and verifies", key.Name)
		}
	}
	return nowLeft, nowGone
}

// account says which of the keys are left, after so many of those that were to be deleted had been counted as deleted.
func (p *place) account(keys, doomed []crowd.Key, counted int) (left, gone []crowd.Key) {
	p.tb.Helper()
	listed := map[string]bool{}
	for _, id := range p.ids() {
		listed[id] = true
	}
	for _, key := range keys {
		switch {
		case listed[key.ID]:
			left = append(left, key)
		case slices.Contains(doomed, key):
			gone = append(gone, key)
		default:
			p.tb.Errorf("%s was not to be deleted, and is gone", key.Name)
		}
	}
	p.tb.Logf("ended after %d of %d: %d are gone", counted, len(doomed), len(gone))
	if len(gone) < counted {
		p.tb.Errorf("%d keys were counted as deleted, and %d are gone", counted, len(gone))
	}
	return left, gone
}

// mustHaveErased fails the test if there is anything of the keys that are gone in the files of the store. A command that
// opens the store completes what was left; if that cannot be done at once, the next one does.
func (p *place) mustHaveErased(traces remains, left, gone []crowd.Key) {
	p.tb.Helper()
	eventually(p.tb, "the erasing of what is gone", func() bool {
		p.run("list")
		found := traces.in(p, p.Data())
		return !slices.ContainsFunc(gone, func(key crowd.Key) bool { return found[key.ID] > 0 })
	})
	found := traces.in(p, p.Data())
	for _, key := range left {
		if found[key.ID] == 0 {
			p.tb.Errorf("nothing of %s is found, which is there", key.Name)
		}
	}
	mustBePrivate(p.tb, p.Data())
	mustBePrivate(p.tb, p.Config())
}
