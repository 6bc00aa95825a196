package verify

import (
	"errors"
	"testing"
	"time"

	"clavier/model"
)

// TestAsleep: answers grow old by the clock on the wall while the machine sleeps, and by the monotonic one whatever that is set to.
func TestAsleep(t *testing.T) {
	now := time.Now()
	for about, test := range map[string]struct {
		at   moment
		kept bool
	}{
		"a moment ago":        {momentOf(now), true},
		"before a sleep":      {moment{now, now.Round(0).Add(-MaxTTL)}, false},
		"a clock put forward": {moment{now, now.Round(0).Add(-time.Hour)}, false},
		"long ago, put back":  {moment{now.Add(-MaxTTL), now.Round(0)}, false},
		"just now, put back":  {moment{now, now.Round(0).Add(time.Hour)}, true},
		"in what is to come":  {moment{now.Add(time.Hour), now.Round(0).Add(time.Hour)}, false},
	} {
		v, s, _ := asking(t, func(o *Options) { o.TTL, o.NegativeTTL, o.Now = MaxTTL, MaxTTL, func() time.Time { return now } })
		secret, header := s.let(t, "production")
		v.good.Add(secret.Digest(), goodAnswer{Identity{KeyID: keyID}, test.at})
		if _, err := v.Check(t.Context(), header); err != nil || (s.count() == 0) != test.kept {
			t.Errorf("a good key of %s: asked %d times: %v", about, s.count(), err)
		}
		refused := drawn(t)
		before := s.count()
		v.bad.Add(refused.Digest(), test.at)
		if _, err := v.Check(t.Context(), bearer(refused)); !errors.Is(err, model.ErrRefused) || (s.count() == before) != test.kept {
			t.Errorf("a refusal of %s: asked %d times: %v", about, s.count()-before, err)
		}
		if kept, _ := v.good.Get(secret.Digest()); !test.kept && kept.asked != (moment{now, now.Round(0)}) {
			t.Errorf("%s: the answer is not of both clocks: %v", about, kept.asked)
		}
	}
}
