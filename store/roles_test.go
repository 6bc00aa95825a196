package store

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/model"
)

// number returns a number from the environment, so that more can be asked of a test than it does by itself.
func number(t testing.TB, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// amount returns how much a test does: the whole proof, less under the race detector, least with -short.
func amount(whole, underRace, short int) int {
	switch {
	case testing.Short():
		return short
	case raced:
		return underRace
	}
	return whole
}

// program is the test binary, started once more as a program that uses a store.
type program struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
}

// start runs a role in a process of its own, with so many callers on one Store.
func start(t testing.TB, role, path string, seed uint64, operations, callers int) *program {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "STORE_TEST_ROLE="+role, "STORE_TEST_PATH="+path,
		"STORE_TEST_SEED="+strconv.FormatUint(seed, 10), "STORE_TEST_OPERATIONS="+strconv.Itoa(operations),
		"STORE_TEST_CALLERS="+strconv.Itoa(callers))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	return &program{cmd, in, lines}
}

// report is what a program says about one operation: first that it begins, then how it ended.
type report struct {
	Op     string        `json:"op"` // put, rotate, step, end, answer, delete, touch, list, event, or error for what must never happen
	Ended  bool          `json:"ended"`
	Result string        `json:"result"` // done, taken, absent, rotating, expired, busy, unerased
	Record *model.Record `json:"record"` // of a put or a rotation that begins
	Old    string        `json:"old"`    // the old key of a rotation
	Step   model.Step    `json:"step"`
	ID     string        `json:"id"`
	Name   string        `json:"name"`
	Took   time.Duration `json:"took"`
	Text   string        `json:"text"` // of an error
}

// next returns the program's next report; false at its end.
func (p *program) next(t testing.TB) (report, bool) {
	t.Helper()
	for p.lines.Scan() {
		var r report
		if err := json.Unmarshal(p.lines.Bytes(), &r); err != nil {
			continue // a line that SIGKILL cut short
		}
		return r, true
	}
	return report{}, false
}

// player is the other side: what the started program does.
type player struct {
	ctx        context.Context
	path       string
	random     *mrand.Rand
	operations int
	callers    int // how many use the Store at once
	name       string
	seed       uint64
	store      *Store
}

// play runs a role and returns the exit code.
func play(role string) int {
	seed, _ := strconv.ParseUint(os.Getenv("STORE_TEST_SEED"), 10, 64)
	operations, _ := strconv.Atoi(os.Getenv("STORE_TEST_OPERATIONS"))
	callers, _ := strconv.Atoi(os.Getenv("STORE_TEST_CALLERS"))
	p := &player{ctx: context.Background(), path: os.Getenv("STORE_TEST_PATH"), operations: operations, callers: callers,
		random: mrand.New(mrand.NewPCG(seed, 1)), name: strconv.FormatUint(seed, 10), seed: seed}
	var err error
	switch role {
	case "churn":
		err = p.churn()
	case "share":
		err = p.share()
	case "list":
		err = p.list()
	case "live":
		err = p.live()
	case "grow":
		err = p.grow()
	default:
		err = errors.New("no such role")
	}
	if err != nil {
		p.say(report{Op: "error", Text: err.Error()})
		return 1
	}
	return 0
}

// say writes a report in one write, so that SIGKILL leaves all of it or nothing that parses.
func (p *player) say(r report) {
	b, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdout.Write(append(b, '\n'))
}

func newRecord(name string, random *mrand.Rand) model.Record {
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		panic(err)
	}
	ciphertext := make([]byte, 430+random.IntN(2))
	_, _ = rand.Read(ciphertext)
	return model.Record{
		Key: model.Key{ID: uuid.Must(uuid.NewV7()).String(), Name: name, Hint: secret.Hint(),
			CreatedAt: epoch.Add(time.Duration(random.IntN(1000)) * time.Hour)},
		Sealed: model.Sealed{Digest: secret.Digest(), Ciphertext: ciphertext},
	}
}

// result names how an operation ended; an error that a sound store never returns comes back.
func result(err error) (string, error) {
	switch {
	case err == nil:
		return "done", nil
	case errors.Is(err, model.ErrNameTaken):
		return "taken", nil
	case errors.Is(err, model.ErrNotFound):
		return "absent", nil
	case errors.Is(err, model.ErrRotating):
		return "rotating", nil
	case errors.Is(err, model.ErrExpired):
		return "expired", nil
	case errors.Is(err, model.ErrStoreBusy):
		return "busy", nil
	case errors.Is(err, model.ErrNotErased):
		return "unerased", nil
	}
	return "", err
}

// do reports an operation before and after it is done.
func (p *player) do(begin report, operation func() error) error {
	p.say(begin)
	began := time.Now()
	err := operation()
	end := begin
	end.Record, end.Ended, end.Took = nil, true, time.Since(began)
	if err != nil {
		end.Text = err.Error()
	}
	end.Result, err = result(err)
	if err != nil {
		return fmt.Errorf("%s: %w", begin.Op, err)
	}
	p.say(end)
	return nil
}

func (p *player) put(name string) error {
	rec := newRecord(name, p.random)
	return p.do(report{Op: "put", Record: &rec, ID: rec.Key.ID, Name: name}, func() error {
		return p.store.Put(p.ctx, rec, someone)
	})
}

func (p *player) delete(id string) error {
	return p.do(report{Op: "delete", ID: id}, func() error { return p.store.Delete(p.ctx, id, someone, epoch) })
}

func (p *player) open() (err error) {
	p.store, err = Open(p.ctx, p.path)
	return err
}

// each runs a part several times at once, each time with randomness and a name of its own, on one Store, and
// returns the first error.
func (p *player) each(part func(p *player) error) error {
	callers := max(p.callers, 1)
	ended := make(chan error, callers)
	for i := range callers {
		own := *p
		own.random, own.name = mrand.New(mrand.NewPCG(p.random.Uint64(), 1)), fmt.Sprintf("%s.%d", p.name, i)
		go func() { ended <- part(&own) }()
	}
	for range callers {
		if err := <-ended; err != nil {
			return err
		}
	}
	return nil
}

// churn creates, rotates, ends and deletes keys until it is killed, keeping about a dozen.
func (p *player) churn() error {
	if err := p.open(); err != nil {
		return err
	}
	return p.each((*player).churning)
}

func (p *player) churning() error {
	for i := 0; ; i++ {
		keys, err := p.store.List(p.ctx)
		if err != nil {
			return err
		}
		switch {
		case len(keys) > 0 && p.random.IntN(2) == 0:
			err = p.rotateSome(keys, fmt.Sprintf("%s-%d", p.name, i))
		case p.random.IntN(24) >= len(keys):
			err = p.put(fmt.Sprintf("%s-%d", p.name, i))
		default:
			err = p.delete(keys[p.random.IntN(len(keys))].ID)
		}
		if err != nil {
			return err
		}
	}
}

// share uses the store together with other programs: names that all of them want, names of its own, deletions of
// whatever is listed, uses of it.
func (p *player) share() error {
	p.say(report{Op: "ready"})
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	for p.store == nil { // the others may all be at it at once, and a machine may have more to do
		if err := p.do(report{Op: "open"}, p.open); err != nil {
			return err
		}
	}
	if err := p.each((*player).sharing); err != nil {
		return err
	}
	return p.store.Close()
}

func (p *player) sharing() error {
	var keys []model.Key
	for i := range p.operations / max(p.callers, 1) {
		var err error
		switch what := p.random.IntN(10); {
		case i%50 == 0:
			err = p.put(fmt.Sprintf("wanted %d", i/50))
		case what < 3:
			err = p.put(fmt.Sprintf("own %s-%d", p.name, i))
		case what < 4 && len(keys) > 0:
			if key := keys[p.random.IntN(len(keys))]; strings.HasPrefix(key.Name, "own") {
				err = p.delete(key.ID)
			}
		case what < 6 && len(keys) > 0:
			id := keys[p.random.IntN(len(keys))].ID
			at := epoch.Add(time.Duration(p.random.IntN(10)) * time.Minute)
			err = p.do(report{Op: "touch", ID: id}, func() error { return p.store.Touch(p.ctx, id, at) })
		default:
			err = p.do(report{Op: "list"}, func() (err error) { keys, err = p.store.List(p.ctx); return err })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list opens the store, lists it and closes it.
func (p *player) list() error {
	if err := p.open(); err != nil {
		return err
	}
	if err := p.do(report{Op: "list"}, func() error { _, err := p.store.List(p.ctx); return err }); err != nil {
		return err
	}
	return p.store.Close()
}

// ignoreFileLimit makes a write beyond the limit on file sizes fail instead of ending the program, where there is such a limit.
var ignoreFileLimit = func() {}

// grow creates keys until it is refused.
func (p *player) grow() error {
	ignoreFileLimit()
	if err := p.open(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if err := p.put(fmt.Sprint("key ", i)); err != nil {
			return err
		}
	}
}
