package clienttest

import (
	"time"

	"clavier/client"
	"clavier/model"
)

// end gives a key an end that must be taken.
func (s *suite) end(ender client.Ender, id string, at time.Time) model.Key {
	s.Helper()
	key, err := ender.End(s.Context(), id, at)
	if err != nil {
		s.Fatalf("end at %v: %v", at, err)
	}
	return key
}

// wantVerify fails unless the answer for a secret is this error.
func (s *suite) wantVerify(what string, secret model.Secret, want error) {
	s.Helper()
	if verifier, ok := s.client.(client.Verifier); ok {
		_, err := verifier.Verify(s.Context(), secret)
		s.want("verify "+what, err, want)
	}
}

func (s *suite) testEnd() {
	ender := optional[client.Ender](s)
	issued := s.create(production)
	follower, follows := s.client.(client.Follower)
	f := &followed{suite: s, follower: follower, keys: map[string]model.Key{issued.Key.ID: issued.Key}}
	if follows {
		f.mark = s.wantPages(optional[client.Pager](s))
	}
	for _, in := range []time.Duration{time.Hour, 30 * 24 * time.Hour, time.Minute} {
		at := time.Now().Add(in).In(time.FixedZone("there", 3600))
		key := s.end(ender, issued.Key.ID, at)
		if d := at.Sub(key.ExpiresAt); d < 0 || d >= time.Second || key.ExpiresAt.Location() != time.UTC {
			s.Errorf("the end is %v, want %v in UTC", key.ExpiresAt, at.UTC())
		}
		if key.StatusAt(time.Now()) != model.StatusActive {
			s.Errorf("a key that ends in %v is %s", in, key.StatusAt(time.Now()))
		}
		s.wantListed(key)
		if follows {
			f.catchUp("after an end")
		}
	}
	if key := s.end(ender, issued.Key.ID, time.Time{}); key != issued.Key {
		s.Errorf("without its end the key is %+v, want %+v", key, issued.Key)
	}
	s.wantListed(issued.Key)
	s.wantVerify("a key whose end was taken away", issued.Secret, nil)
	_, err := ender.End(s.Context(), "no such id", time.Now())
	s.want("end of no key", err, model.ErrNotFound)
	if reader, ok := s.client.(client.ActivityReader); ok {
		lines, err := reader.Activity(s.Context(), 10)
		if err != nil || len(lines) != 5 || lines[0].Action != model.ActionEnded || lines[0].KeyID != issued.Key.ID {
			s.Errorf("four ends are noted as %+v, %v", lines, err)
		}
	}
}

// testEndAtOnce holds that an end that is not after now is for good.
func (s *suite) testEndAtOnce() {
	ender := optional[client.Ender](s)
	for name, at := range map[string]time.Time{
		"now": time.Now(), "a year ago": time.Now().Add(-365 * 24 * time.Hour), "long ago": time.Unix(0, 0),
	} {
		issued := s.create(name)
		s.wantVerify("before the end, "+name, issued.Secret, nil)
		if key := s.end(ender, issued.Key.ID, at); key.StatusAt(time.Unix(0, 0)) == model.StatusActive {
			s.Errorf("a key that was ended %s is active for a clock that was turned back: %+v", name, key)
		}
		s.wantVerify("after the end, "+name, issued.Secret, model.ErrRefused)
		for _, again := range []time.Time{{}, time.Now().Add(time.Hour), time.Now()} {
			_, err := ender.End(s.Context(), issued.Key.ID, again)
			s.want("another end for a key that was ended", err, model.ErrExpired)
		}
		s.wantVerify("after another end, "+name, issued.Secret, model.ErrRefused)
	}
}

// testEndAndTheClock holds that no jump of the clock revives what was ended at once, and that an end to come is one for
// every clock.
func (s *suite) testEndAndTheClock() {
	issuer, ok := s.client.(*client.Issuer)
	if !ok {
		s.Skipf("%T has a clock that the suite cannot set", s.client)
	}
	now := time.Now()
	issuer.Now = func() time.Time { return now }
	jump := func(d time.Duration) { now = now.Add(d) }
	atOnce, later, usual := s.create("at once"), s.create("later"), s.create("usual")
	s.end(issuer, atOnce.Key.ID, now)
	ends := s.end(issuer, later.Key.ID, now.Add(time.Hour)).ExpiresAt
	const years = 10 * 365 * 24 * time.Hour
	for _, by := range []time.Duration{-time.Minute, -years, years, 2 * years, -2 * years} {
		jump(by)
		want := error(nil)
		if !now.Before(ends) {
			want = model.ErrRefused
		}
		s.wantVerify("what was ended at once, after a jump", atOnce.Secret, model.ErrRefused)
		s.wantVerify("what ends later, after a jump", later.Secret, want)
		s.wantVerify("what has no end, after a jump", usual.Secret, nil)
	}
	jump(2 * time.Hour)
	s.wantVerify("what has ended", later.Secret, model.ErrRefused)
	_, err := issuer.End(s.Context(), later.Key.ID, time.Time{})
	s.want("taking away an end that has passed", err, model.ErrExpired)
	_, err = issuer.Rotate(s.Context(), later.Key.ID, model.Draft{Name: "successor"})
	s.want("rotating what has ended", err, model.ErrExpired)
}
