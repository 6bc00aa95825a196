package ui

import (
	"context"
	"errors"
	"slices"
	"testing"

	"clavier/model"
)

// tokened is a provider that is asked with a token.
type tokened struct {
	turning
	own     string // the id of the key that is the token
	follows []model.Rotation
}

func (p *tokened) Rotate(ctx context.Context, oldID string, draft model.Draft) (model.Issued, error) {
	issued, err := p.turning.Rotate(ctx, oldID, draft)
	if err == nil && oldID == p.own {
		issued.IsToken, p.own = true, issued.Key.ID
	}
	return issued, err
}

func (p *tokened) FollowToken(ctx context.Context, rotation model.Rotation) (bool, error) {
	if err := p.r.f.enter(ctx, "follow"); err != nil {
		return false, err
	}
	p.follows = append(p.follows, rotation)
	follows := p.own == rotation.OldID
	if follows {
		p.own = rotation.NewID
	}
	return follows, nil
}

// TestGuideTakesTheToken: the guide says that the profile takes the successor of its token, and mends a rotation in which it did not.
func TestGuideTakesTheToken(t *testing.T) {
	p := &tokened{}
	s := start(t, turns, three(t), func(s *setup) {
		s.options.Profile.Name = "team"
		p.turning, _ = s.options.Service.(turning)
		s.options.Service = p
	})
	const says = "The profile team presents its successor from now on."
	p.own = s.idOf("production")
	old := p.own
	s.toGuide()
	s.press("enter")
	s.shows("production 2026-11 was made. Both keys work. " + says)
	if len(p.follows) != 0 {
		t.Errorf("it was looked again: %v", p.follows)
	}
	p.own = old // as if the program had ended before the token was kept
	s.press("esc", "R", "enter")
	s.shows(says)
	if p.own == old || !slices.ContainsFunc(p.follows, func(r model.Rotation) bool { return r.OldID == old }) {
		t.Error("the old key is the token still")
	}
	s.press("esc", "esc", "R", "enter")
	s.hides(says)
	s.press("esc", "esc")
	s.fakes.fail("follow", errors.New("its secret cannot be had"))
	s.press("R", "enter")
	s.shows("its secret cannot be had")
}

// TestTokenIsOfTheProfileThatIsOpen, and not of the one that the program began with, nor of one that is opened while it is looked whose
// the token is.
func TestTokenIsOfTheProfileThatIsOpen(t *testing.T) {
	p := &tokened{}
	s := start(t, turns, three(t), func(s *setup) {
		p.turning, _ = s.options.Service.(turning)
		s.options.Profile.Name = "team"
		s.options.Profiles = []Profile{{Name: "team", Place: "keys.example.org"}, {Name: "other", Place: "keys.example.net"}}
		s.options.Service = p
		s.options.Switch = func(string) (Service, Outside, error) { return p, Outside{}, nil }
	})
	const says = "The profile other presents its successor from now on."
	s.press("p", "j", "enter")
	p.own = s.idOf("production")
	old := p.own
	s.toGuide()
	s.press("enter")
	s.shows("production 2026-11 was made. Both keys work. " + says)
	p.own = old // as if the program had ended before the token was kept
	s.hold("follow").deaf = true
	s.press("esc", "R", "enter", "esc", "esc", "p", "k", "enter")
	s.shows("clavier  team")
	s.release("follow")
	s.says(says)
}
