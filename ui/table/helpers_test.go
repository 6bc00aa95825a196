package table

import (
	"fmt"
	"math/rand/v2"
	"time"

	"clavier/model"
)

// now is the moment of the tests.
var now = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

// newUUID returns a UUIDv7 of this moment.
func newUUID(r *rand.Rand, at time.Time) string {
	ms := uint64(at.UnixMilli())
	hi := ms<<16 | 0x7000 | r.Uint64()&0xfff
	lo := r.Uint64()>>2 | 1<<63
	return string(uuid{hi, lo}.append(nil))
}

var (
	teams    = []string{"payments", "billing", "search", "identity", "checkout", "ledger", "mobile", "data", "platform", "growth", "fraud", "orders", "shipping", "catalog", "docs", "infra"}
	envs     = []string{"prod", "staging", "dev", "test", "qa", "preview", "sandbox", "ci"}
	services = []string{"api", "worker", "gateway", "importer", "invoice-ocr", "receipts", "webhook", "cron", "exporter", "batch", "frontend", "admin", "notifier", "indexer", "reporting", "loader"}
	people   = []string{"ana", "ben", "carla", "deniz", "emil", "farah", "goran", "hana", "ivo", "jun", "katja", "luis"}
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// realKeys returns keys as they are met: names by team, environment, service and number, ages of years, uneven last use,
// newest first.
func realKeys(n int) []model.Key {
	r := rand.New(rand.NewPCG(7, 11))
	keys := make([]model.Key, n)
	at := now
	step := 6 * 365 * 24 * time.Hour / time.Duration(n+1)
	for i := range keys {
		at = at.Add(-time.Duration(r.Int64N(int64(2*step) + 1)))
		at = at.Truncate(time.Microsecond)
		k := &keys[i]
		k.ID = newUUID(r, at)
		k.Name = fmt.Sprintf("%s-%s-%s-%0*d", teams[r.IntN(len(teams))], envs[r.IntN(len(envs))], services[r.IntN(len(services))], 3+r.IntN(3), r.IntN(1000000)%100000)
		switch r.IntN(20) {
		case 0:
			k.Name = people[r.IntN(len(people))] + "-laptop-" + fmt.Sprint(r.IntN(100000))
		case 1:
			k.Name = "ci/" + k.Name
		case 2:
			k.Name = "Old " + k.Name
		}
		k.Hint = "clv_…"
		for range 4 {
			k.Hint += string(base62[r.IntN(62)])
		}
		k.Owner = people[r.IntN(len(people))] + "@" + teams[r.IntN(len(teams))]
		k.CreatedAt = at
		k.LastUse.Reported = true
		if r.IntN(4) > 0 {
			k.LastUse.At = at.Add(time.Duration(r.Float64() * r.Float64() * float64(now.Sub(at)))).Truncate(time.Second)
		}
		if r.IntN(10) == 0 {
			k.ExpiresAt = at.Add(time.Duration(1+r.IntN(3)) * 365 * 24 * time.Hour)
		}
		k.Disabled = r.IntN(50) == 0
	}
	return keys
}
