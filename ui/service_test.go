package ui

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"clavier/model"
)

// drawnToken is a token as a service makes it.
func drawnToken(tb testing.TB) string {
	tb.Helper()
	s := newFakes(&clock{now: noon})
	return s.secret(s.add(tb, "token", 0).ID)
}

// addService fills the dialog in.
func (s *screen) addService(name, address, token string) {
	s.tb.Helper()
	s.press("p", "n")
	s.typed(name)
	s.press("enter")
	s.typed(address)
	s.press("tab")
	s.paste(token)
}

// TestAddAService: three fields, then the profile is there and is opened.
func TestAddAService(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service)
	token := drawnToken(t)
	s.press("p")
	s.shows("Profiles", "> team · keys.example.com")
	s.press("n")
	s.shows("Add a key service", "Name:", "Address:", "Token:", "what you call the profile, such as team")
	s.press("enter")
	s.says("type a name first")
	s.typed("team")
	s.shows("another profile has this name")
	s.press("ctrl+u")
	s.typed(" ops ")
	s.press("enter")
	s.shows("where the service is, such as https://keys.example.org")
	s.press("enter")
	s.says("type the address first, such as https://keys.example.org")
	s.typed(" https://keys.example.net ")
	s.press("enter", "enter")
	s.says("paste or type the token first")
	s.shows("it is sealed, and no screen shows it")
	s.paste(token + "\n")
	s.shows("Token:   " + strings.Repeat("•", 40))
	s.press("shift+tab", "shift+tab", "tab", "tab")
	s.hold("add")
	s.press("enter", "enter", "x")
	s.spin()
	s.says("/ adding ops · esc cancels")
	s.shows("adding …")
	s.hold("switch")
	s.release("add")
	s.shows("team · keys.example.com", "> ops · keys.example.net", "opening ops …")
	s.release("switch")
	s.shows("clavier  ops · keys.example.net", "3 keys")
	if len(w.added) != 1 || w.added[0].Name != "ops" || w.added[0].URL != "https://keys.example.net" || w.added[0].Token.Reveal() != token {
		t.Errorf("%d services were added, or wrongly", len(w.added))
	}
	s.press("p", "k", "enter")
	s.shows("clavier  team · keys.example.com")
}

// TestAddAServiceFails: the error stands with what was typed; esc cancels, and leaves.
func TestAddAServiceFails(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service)
	s.addService("ops", "https://keys.example.net", drawnToken(t))
	s.fakes.fail("add", errors.New("keys.example.net\x1b[2J does not take the token"))
	s.press("enter")
	s.shows("keys.example.net⟨U+001B⟩[2J does not take the token", "Name:    ops", "Address: https://keys.example.net", "Token:   ••••")
	s.press("backspace")
	s.hides("does not take the token")
	s.fakes.fail("add", nil)
	s.hold("add")
	s.press("enter", "esc")
	s.await("cancelled; no profile was added")
	s.shows("Name:    ops", "Token:   ••••")
	s.release("add")
	s.fakes.fail("switch", errors.New("it cannot be opened"))
	s.press("enter")
	s.shows("it cannot be opened", "> ops · keys.example.net", "clavier  team · keys.example.com")
	s.hides("Add a key service")
	s.press("n", "esc", "esc")
	if s.app.top() != nil || len(s.app.opts.Profiles) != 2 || len(w.added) != 1 {
		t.Errorf("%d profiles, %d added:\n%s", len(s.app.opts.Profiles), len(w.added), s.text())
	}
}

// TestAddAServiceWhereThatCannotBe: the binding says so, with the command.
func TestAddAServiceWhereThatCannotBe(t *testing.T) {
	s := start(t, three(t), profiles)
	s.press("p", "n")
	s.says("clavier profile add NAME --url ADDRESS adds a key service")
	s = start(t, three(t), func(s *setup) { s.options.AddService = (&away{}).add })
	s.press("p")
	s.says("this is the only profile; clavier profile add NAME makes another")
}

// TestAddTheFirstOther: with one profile that nobody listed.
func TestAddTheFirstOther(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service, func(s *setup) { s.options.Profiles = nil })
	s.press("p")
	s.shows("> team · keys.example.com")
	s.press("enter")
	s.shows("3 keys")
}

// TestT19TokenIsNotShown while it is typed, sealed, refused or left.
func TestT19TokenIsNotShown(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service)
	token := drawnToken(t)
	s.fakes.secrets["token"] = model.NewSecret(token)
	s.fakes.fail("add", errors.New("it was refused"))
	look := func(did string) {
		if s.pieceOfSecret() != "" {
			t.Fatalf("after %s the token is on the screen:\n%s", did, s.text())
		}
	}
	s.press("p", "n")
	s.typed("ops")
	s.press("tab", "x", "tab")
	for _, r := range token {
		s.press(string(r))
		look("typing")
	}
	for _, key := range []string{"left", "home", "end", "tab", "shift+tab", "enter", "ctrl+z", "ctrl+l", "shift+tab", "esc", "n", "tab", "tab", "esc", "esc", "?"} {
		s.press(key)
		s.after(1)
		look(key)
	}
	for _, field := range []bool{true, false} {
		s = start(t, three(t), w.service)
		s.fakes.secrets["token"] = model.NewSecret(token)
		s.addService("ops", "x", token)
		if !field {
			s.hold("add")
			s.press("enter")
			s.spin()
		}
		look("it")
		if !strings.Contains(s.text(), "••••") {
			t.Error("no field holds it: the test looks at nothing")
		}
	}
}

// TestLongHosts are cut in their middle, in the header and in the dialog, and never wrapped.
func TestLongHosts(t *testing.T) {
	host := "keys.a-very-long-department-with-a-very-long-name.example.com:8443"
	w := &away{}
	for _, width := range []int{20, 30, 40, 60, 80} {
		s := start(t, three(t), w.service, size(width, 14), func(s *setup) {
			s.options.Profile.Place = host
			s.options.Profiles = []Profile{s.options.Profile, {Name: "other", Place: host + host}}
		})
		if line := s.lines()[0]; !strings.HasPrefix(line, " team · ") || width >= 40 && !strings.Contains(line, "8443") {
			t.Errorf("at %d columns the header is %q", width, line)
		}
		s.press("p")
		rows := 0
		for _, line := range s.lines()[1:] {
			if strings.Contains(line, " · ") && (strings.Contains(line, "team") || strings.Contains(line, "other")) {
				rows++
				if width < 80 && !strings.Contains(line, "…") || width >= 30 && !strings.Contains(line, "8443") {
					t.Errorf("at %d columns nothing is cut: %q", width, line)
				}
			}
		}
		if rows != 2 {
			t.Errorf("at %d columns the profiles take %d rows:\n%s", width, rows, s.text())
		}
	}
}

// TestCutMiddle keeps the start and the end, and never more cells than there are.
func TestCutMiddle(t *testing.T) {
	for _, text := range append(slices.Clone(hostileTexts), "keys.example.com", "") {
		shown := model.Display(text)
		for w := range 40 {
			got := cutMiddle(shown, w)
			if width(got) > max(w, 0) && width(shown) > w {
				t.Errorf("%q in %d cells is %q", shown, w, got)
			}
			if width(shown) <= w && got != shown {
				t.Errorf("%q has room in %d cells and is %q", shown, w, got)
			}
		}
	}
	if got := cutMiddle("keys.example.com", 11); got != "keys.…e.com" {
		t.Errorf("it is %q", got)
	}
}

// serviceSurfaces are those of a key service, for the sweeps over all of them.
func serviceSurfaces(at func(prepare func(*screen), changes ...func(*setup)) func(...func(*setup)) *screen) map[string]func(...func(*setup)) *screen {
	service := func(prepare func(*screen), changes ...func(*setup)) func(...func(*setup)) *screen {
		return func(more ...func(*setup)) *screen {
			w := &away{}
			return at(prepare, append([]func(*setup){w.remembers(3 * day), w.service}, append(changes, more...)...)...)()
		}
	}
	nothing := func(*screen) {}
	lose := func(s *screen) {
		s.fakes.fails(unreachable())
		s.after(day)
		s.app.status = status{}
	}
	return map[string]func(...func(*setup)) *screen{
		"service":             service(nothing),
		"service remembered":  service(func(s *screen) { s.spin() }, shut("version")),
		"service offline":     service(nothing, down(unreachable())),
		"service lost":        service(lose),
		"service lost new":    service(func(s *screen) { s.press("n", "x"); lose(s) }),
		"service lost delete": service(func(s *screen) { s.press("d"); s.typed("key-01"); lose(s) }),
		"service lost marks":  service(func(s *screen) { s.press(" ", " "); lose(s) }),
		"service sealed":      service(func(s *screen) { s.press("x") }, down(model.ErrLocked)),
		"service no token":    service(nothing, down(model.ErrToken)),
		"service new":         service(func(s *screen) { s.press("n", "x", "tab") }),
		"service deleting":    service(func(s *screen) { s.hold("delete"); s.press("d"); s.typed("key-01"); s.press("enter"); s.spin() }),
		"service details":     service(func(s *screen) { s.press("enter") }),
		"service profiles":    service(func(s *screen) { s.press("p") }),
		"add service":         service(func(s *screen) { s.press("p", "n", "x") }),
		"add service ready":   service(func(s *screen) { s.addService("ops", "https://keys.example.net", strings.Repeat("x", 300)) }),
		"add service taken":   service(func(s *screen) { s.press("p", "n"); s.typed("team") }),
		"adding service":      service(func(s *screen) { s.addService("ops", "y", "x"); s.hold("add"); s.press("enter"); s.spin() }),
		"add service refused": service(func(s *screen) {
			s.addService("ops", "y", "x")
			s.fakes.fail("add", errors.New("no \x1b[2J"))
			s.press("enter")
		}),
	}
}

// hostileServices are the places of a key service where outside text is shown.
func hostileServices(text string) map[string]func(*screen) {
	serve := func(s *screen) {
		w := &away{f: s.fakes, role: model.RoleManage}
		s.app.service = serviced{turning{full{bare{s.fakes}}, &rotating{f: s.fakes}}, paged{full{bare{s.fakes}}, 9}, w}
		s.app.profile = Profile{Name: "team", Place: text}
		s.app.opts.Profiles, s.app.opts.AddService = []Profile{s.app.profile}, w.add
		s.app.opts.Switch = func(string) (Service, Outside, error) { return nil, Outside{}, errors.New(text) }
	}
	return map[string]func(*screen){
		"offline host": func(s *screen) {
			serve(s)
			s.fakes.fails(unreachable())
			s.press("ctrl+r", "n")
		},
		"offline long": func(s *screen) {
			serve(s)
			s.app.profile.Name = text
			s.app.width = 50
			s.fakes.fails(model.ErrToken)
			s.press("ctrl+r", "?")
		},
		"refused": func(s *screen) {
			s.fakes.lines[0].Refused, s.fakes.lines[0].Action = text, model.Action(text)
			s.press("3")
		},
		"add failed": func(s *screen) {
			serve(s)
			s.addService("ops", "y", "x")
			s.fakes.fail("add", errors.New(text))
			s.press("enter")
		},
		"profile of service": func(s *screen) { serve(s); s.press("p") },
	}
}
