package model

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestAge(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		ago  time.Duration
		want string
	}{
		{0, "0s"}, {time.Millisecond, "0s"}, {time.Second, "1s"}, {59*time.Second + 999*time.Millisecond, "59s"},
		{time.Minute, "1m"}, {90 * time.Second, "1m"}, {time.Hour - 1, "59m"}, {time.Hour, "1h"}, {day - 1, "23h"},
		{day, "1d"}, {2*day - 1, "1d"}, {100 * day, "100d"}, {365 * day, "365d"}, {730*day - 1, "729d"},
		{730 * day, "2y"}, {1095*day - 1, "2y"}, {1095 * day, "3y"}, {3650 * day, "10y"},
		{-time.Second, "0s"}, {-1000 * day, "0s"},
	} {
		if got := Age(noon.Add(-c.ago), noon); got != c.want {
			t.Errorf("an age of %v is %q, not %q", c.ago, got, c.want)
		}
	}
	zone := time.FixedZone("", -5*3600)
	if got := Age(noon.Add(-time.Hour).In(zone), noon); got != "1h" {
		t.Errorf("an age across zones is %q", got)
	}
	if got := Age(time.Time{}, noon); got != "292y" {
		t.Errorf("the age of the zero time is %q, where a Duration ends", got)
	}
}

func TestLastUseWords(t *testing.T) {
	for _, c := range []struct {
		use   LastUse
		want  string
		never bool
	}{
		{LastUse{}, "not reported", false},
		{LastUse{At: noon}, "not reported", false},
		{LastUse{Reported: true}, "never", true},
		{LastUse{Reported: true, At: noon.Add(-3 * 24 * time.Hour)}, "3d ago", false},
		{LastUse{Reported: true, At: noon.Add(time.Hour)}, "0s ago", false},
	} {
		if got := c.use.Used(noon); got != c.want || c.use.Never() != c.never {
			t.Errorf("%+v: %q, never %v", c.use, got, c.use.Never())
		}
	}
}

func TestStatusAt(t *testing.T) {
	for _, c := range []struct {
		about string
		key   Key
		want  Status
	}{
		{"no end", Key{}, StatusActive},
		{"an end to come", Key{ExpiresAt: noon.Add(1)}, StatusActive},
		{"the very end", Key{ExpiresAt: noon}, StatusExpired},
		{"an end that has passed", Key{ExpiresAt: noon.Add(-time.Hour)}, StatusExpired},
		{"the same moment in another zone", Key{ExpiresAt: noon.In(time.FixedZone("", 3600))}, StatusExpired},
		{"switched off", Key{Disabled: true}, StatusDisabled},
		{"switched off and past its end", Key{Disabled: true, ExpiresAt: noon.Add(-time.Hour)}, StatusDisabled},
	} {
		if got := c.key.StatusAt(noon); got != c.want {
			t.Errorf("%s: %s, not %s", c.about, got, c.want)
		}
	}
}
