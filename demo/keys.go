// Package demo makes realistic keys: as many as one likes, years of them, with the disorder that years bring. They fill the
// throwaway store of clavier demo, the README's picture and the benchmarks.
package demo

import (
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"clavier/model"
)

// Most is how many keys clavier demo makes at most, and DefaultSeed what it makes them from: always the same ones, but
// for their ids and secrets.
const (
	Most        = 1_000_000
	DefaultSeed = 1
)

// Options say which keys. The same options make the same keys, as long as Random is nil.
type Options struct {
	// Keys is how many: 0 to Most.
	Keys int
	// Seed decides names, owners, ages, uses and ends.
	Seed uint64
	// Now is the moment that all times are relative to: the oldest key is seven years older, the newest minutes.
	Now time.Time
	// Random is where secrets and ids are drawn from. If nil that is Seed too, so that whoever knows it knows the secrets:
	// right for tests and benchmarks alone.
	Random io.Reader
}

// drawn is a key with its secret.
type drawn struct {
	key    model.Key
	secret model.Secret
	err    error // drawing failed; it is the last
}

const (
	day  = 24 * time.Hour
	year = 365 * day
	// oldest is the age of the oldest key.
	oldest = 7 * year
	// slope bends the ages: the median key is a quarter as old as the oldest, the newest of 200 an hour.
	slope = 1.9
)

// all draws the keys, the oldest first, in the order in which a store would have got them. It holds none.
func (o Options) all() iter.Seq[drawn] {
	return func(yield func(drawn) bool) {
		random := rand.New(rand.NewPCG(o.Seed, 1)) //nolint:gosec // nothing that it decides is secret
		material := o.Random
		if material == nil {
			var seed [32]byte
			binary.LittleEndian.PutUint64(seed[:], o.Seed)
			material = rand.NewChaCha8(seed)
		}
		g := generator{random: random, now: o.Now.UTC(), taken: map[string]int{}}
		for i := range o.Keys {
			// One key in each of n equal parts of the curve, so that the order needs no sorting.
			u := (float64(o.Keys-1-i) + random.Float64()) / float64(o.Keys)
			d := drawn{key: g.key(time.Duration(math.Pow(u, slope) * float64(oldest)))}
			if d.secret, d.err = model.DrawSecret(material, model.DefaultPrefix); d.err == nil {
				d.key.Hint = d.secret.Hint()
				d.key.ID, d.err = drawID(material, d.key.CreatedAt)
			}
			if !yield(d) || d.err != nil {
				return
			}
		}
	}
}

// Names yields the names of the keys alone, the oldest first.
func (o Options) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for d := range o.all() {
			if d.err != nil || !yield(d.key.Name) {
				return
			}
		}
	}
}

// All yields the keys without their secrets, the oldest first. It ends early if Random does.
func (o Options) All() iter.Seq[model.Key] {
	return func(yield func(model.Key) bool) {
		for d := range o.all() {
			if d.err != nil || !yield(d.key) {
				return
			}
		}
	}
}

// drawID returns a UUIDv7 (RFC 9562, 5.7) of the moment.
func drawID(random io.Reader, at time.Time) (string, error) {
	var id uuid.UUID
	if _, err := io.ReadFull(random, id[6:]); err != nil {
		return "", fmt.Errorf("draw an id: %w", err)
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id.String(), nil
}

// generator draws what stands in a key.
type generator struct {
	random *rand.Rand
	now    time.Time
	taken  map[string]int // how many keys have a name, before it gets a number
}

// key draws everything but what the secret decides.
func (g *generator) key(age time.Duration) model.Key {
	created := g.now.Add(-age).Truncate(time.Millisecond)
	w := g.who(created, age)
	key := model.Key{Name: g.unique(w.name), Owner: w.owner, CreatedAt: created, LastUse: model.LastUse{Reported: true}}
	end := g.now // of its use
	if g.chance(0.09) {
		key.ExpiresAt = g.expiry(created)
		if key.ExpiresAt.Before(end) {
			end = key.ExpiresAt
		}
	}
	if g.chance(0.03) && age > 30*day {
		key.Disabled = true
		end = created.Add(time.Duration(g.random.Float64() * float64(end.Sub(created))))
	}
	if used, ok := g.use(w.life, end.Sub(created)); ok {
		key.LastUse.At = end.Add(-used).Truncate(time.Millisecond)
	}
	return key
}

// life is how a key is used.
type life int

const (
	busy  life = iota // all day
	usual             // now and then
	dead              // long ago, if ever
)

// use draws how long before the end of its life the key was used last; false is never.
func (g *generator) use(l life, span time.Duration) (time.Duration, bool) {
	never, shortest, longest := 0.25, time.Minute, 120*day
	switch l {
	case busy:
		never, shortest, longest = 0.05, 2*time.Second, 3*day
		if g.chance(0.2) { // replaced by another, and forgotten
			shortest, longest = 20*day, oldest
		}
	case dead:
		never, shortest, longest = 0.6, 200*day, oldest
	case usual:
	}
	if g.chance(never) || span < time.Second {
		return 0, false
	}
	shortest, longest = min(shortest, span), min(longest, span)
	// As many within each tenfold: uses crowd near now.
	at := math.Exp(math.Log(float64(shortest)) + g.random.Float64()*math.Log(float64(longest)/float64(shortest)))
	return min(time.Duration(at), span-time.Millisecond), true
}

// expiry draws the end of a key: after a customary term, which for most has passed, or in the days to come.
func (g *generator) expiry(created time.Time) time.Time {
	if g.chance(0.35) {
		return g.now.Add(time.Duration((g.random.Float64() * 60) * float64(day))).Truncate(time.Minute)
	}
	terms := []time.Duration{30 * day, 90 * day, 180 * day, year, 2 * year}
	return created.Add(terms[g.random.IntN(len(terms))]).Truncate(time.Minute)
}

// who is what a name comes with.
type who struct {
	name, owner string
	life        life
}

// who draws a name, whose it is, and how it is used.
func (g *generator) who(created time.Time, age time.Duration) who {
	old := age > 2*year
	draw := g.random.IntN(100)
	switch {
	case draw < 2:
		return who{pick(g, foreign), pick(g, people), usual}
	case draw < 6, old && draw < 16:
		name := pick(g, messy)
		if strings.Contains(name, "%d") {
			name = fmt.Sprintf(name, created.Year())
		}
		return who{name, pick(g, people), dead}
	}
	team := g.random.IntN(len(teams))
	w := who{owner: people[(team*3+g.random.IntN(4))%len(people)], life: usual}
	if g.chance(0.15) {
		w.owner = pick(g, robots)
	}
	env := g.environment()
	switch {
	case draw < 22:
		w.name = pick(g, services) + "-" + env.name
	case draw < 46:
		w.name = teams[team] + "-" + pick(g, services) + "-" + env.name
	case draw < 64:
		w.name = teams[team] + "-" + pick(g, services) + "-" + env.name + "-" + pick(g, regions)
	case draw < 76:
		w.name, w.owner = "ci-"+pick(g, services), pick(g, robots)
	case draw < 83:
		w.name, env = teams[team]+"-"+pick(g, services)+"-"+pick(g, jobs), environment{}
	case draw < 92:
		w.name = pick(g, customers) + "-" + pick(g, services) + "-" + env.name
	default:
		w.owner = pick(g, people)
		w.name, env = w.owner+"-"+pick(g, []string{"laptop", "dev", "notebook", "local"}), environment{}
	}
	if env.live {
		w.life = busy
	}
	if old && g.chance(0.5) {
		w.life = dead
	}
	return w
}

// environment draws one by weight.
func (g *generator) environment() environment {
	n := g.random.IntN(100)
	for _, e := range environments {
		if n -= e.weight; n < 0 {
			return e
		}
	}
	return environments[0]
}

// unique puts a number after a name that was given before.
func (g *generator) unique(name string) string {
	g.taken[name]++
	if n := g.taken[name]; n > 1 {
		return fmt.Sprintf("%s-%d", name, n)
	}
	return name
}

func (g *generator) chance(p float64) bool { return g.random.Float64() < p }

func pick[T any](g *generator, list []T) T { return list[g.random.IntN(len(list))] }
