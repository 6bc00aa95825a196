package ui

import (
	"errors"
	"strings"
	"testing"

	"clavier/model"
)

// TestUseCopiesAFormat: what is in the clipboard is the line of the format, and no screen shows it.
func TestUseCopiesAFormat(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o))
	secret := s.fakes.secret(s.fakes.keys[0].ID)
	s.press("enter", "x")
	s.shows("Use production in a program", "Variable: API_KEY", "> shell", "for sh and bash", "docker", ".env file")
	s.press("down", "enter")
	s.shows("docker cannot hold API_KEY")
	if s.fakes.held() != "" {
		t.Error("something was copied")
	}
	s.press("up", "enter")
	s.says("copied production as shell · native (xclip) · clears in 45 s")
	if want := "export API_KEY='" + secret + "'"; s.fakes.held() != want {
		t.Error("the clipboard does not hold the line")
	}
	s.leaks(secret)
}

// TestUseNamesOfVariables: what cannot be one is refused as it is typed.
func TestUseNamesOfVariables(t *testing.T) {
	for name, want := range map[string]string{
		"": "type the name of a variable first", "A": "", "_a9": "", "9A": "a variable has letters, digits and _, and begins with no digit",
		"A-B": "a variable has letters, digits and _, and begins with no digit", "É": "a variable has letters, digits and _, and begins with no digit",
		"A B": "a variable has letters, digits and _, and begins with no digit",
	} {
		if got := wrongVariable(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
	var o outside
	s := start(t, three(t), abroad(&o), profiles)
	s.press("enter", "x")
	s.typed("-x")
	s.shows("a variable has letters, digits and _, and begins with no digit")
	s.press("enter")
	s.says("a variable has letters, digits and _, and begins with no digit")
	for profile, want := range map[string]string{"local": "API_KEY", "mindee": "MINDEE_API_KEY", "my-team 2": "MY_TEAM_2_API_KEY", "9": "API_KEY", "é": "API_KEY"} {
		s.app.profile.Name = profile
		if got := s.app.variable(); got != want {
			t.Errorf("profile %s proposes %s", profile, got)
		}
	}
}

// TestUseWritesAFile: the key's secret under the variable, and nothing of it on the screen.
func TestUseWritesAFile(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o))
	secret := s.fakes.secret(s.fakes.keys[0].ID)
	s.press("enter", "x", "down", "down", "down", "enter")
	s.shows("Write production into a .env file", "File:     .env", "Variable: API_KEY")
	s.press("tab")
	s.typed("_2")
	s.press("enter")
	s.says("wrote API_KEY_2 into ~/.env")
	if o.lines[".env:API_KEY_2"] != secret {
		t.Error("the file does not hold the secret")
	}
	s.leaks(secret)
	s.shows("Name       production") // back in the details
}

// TestUseFileThatGitKnows: one that is tracked needs the word, one that is not ignored is offered to be.
func TestUseFileThatGitKnows(t *testing.T) {
	var o outside
	s := start(t, three(t), abroad(&o))
	o.tracked = true
	o.written = func(line EnvLine) EnvWritten { return EnvWritten{Path: "~/" + line.Path, Exposed: true, Shared: true} }
	toFile := func() { s.press("enter", "x", "down", "down", "enter") }
	toFile()
	s.press("enter")
	s.shows("git tracks this file: the secret goes into the next commit", "Type the word tracked")
	s.press("enter")
	s.says("type the word tracked first")
	if len(o.lines) != 0 {
		t.Fatal("it was written")
	}
	s.press("esc", "enter")
	s.typed("tracked")
	s.press("enter")
	s.says("wrote API_KEY into ~/.env, which others can read: chmod go-r keeps them out")
	s.shows("Let git ignore ~/.env?", "the next git add may publish the secret")
	s.fakes.fail("ignore", errors.New("the .gitignore is a link"))
	s.press("i")
	s.shows("the .gitignore is a link")
	s.fakes.fail("ignore", nil)
	s.press("i")
	s.says("git ignores .env now")
	if len(o.ignored) != 1 || o.ignored[0] != ".env" {
		t.Errorf("ignored are %q", o.ignored)
	}
	s.press("esc")
	s.fakes.fail("envFile", errors.New("line 3: text follows the closing quote"))
	toFile()
	s.press("enter")
	s.shows("line 3: text follows the closing quote", "File:     .env")
}

// TestUseAsksForThePassphrase first.
func TestUseAsksForThePassphrase(t *testing.T) {
	var o outside
	secret := passphrase()
	s := start(t, three(t), abroad(&o), with(func(f *fakes) { f.locked = secret }))
	s.press("enter", "x", "enter")
	s.shows("Unlock the identity")
	s.typed(secret)
	s.press("enter")
	s.says("copied production as shell · native (xclip) · clears in 45 s")
	s.press("esc")
	s = start(t, three(t))
	s.press("enter", "x")
	s.says("keys cannot be handed to programs here")
}

// outsideSurfaces are what there is to see of APIs, tries, imports and lookups.
func outsideSurfaces(tb testing.TB, at func(func(*screen), ...func(*setup)) func(...func(*setup)) *screen) map[string]func(...func(*setup)) *screen {
	here := func(apis ...string) func(*setup) { return func(s *setup) { abroad(&outside{}, apis...)(s) } }
	apis := here("orders", "invoices/v4")
	failing := func(s *setup) {
		o := &outside{}
		abroad(o, "orders", "invoices/v4", "flaky")(s)
		o.answers["orders"] = answered(model.VerdictDead, 401, 88, "")
		o.answers["flaky"] = answered(model.VerdictUnknown, 503, 1, strings.Repeat("it answered 503, and that says nothing; ", 5))
	}
	press := func(keys ...string) func(*screen) { return func(s *screen) { s.press(keys...) } }
	secret := foreign()
	found := func(s *setup) {
		o := &outside{}
		abroad(o)(s)
		o.found = []Found{{Profile: "local", Key: s.fakes.keys[0]}, {Profile: "team", Key: s.fakes.keys[1]}}
	}
	tracked := func(s *setup) {
		o := &outside{}
		abroad(o)(s)
		o.tracked, o.written = true, func(EnvLine) EnvWritten { return EnvWritten{Path: "~/.env", Exposed: true} }
	}
	return map[string]func(...func(*setup)) *screen{
		"no apis":       at(press("2")),
		"apis to pick":  at(press("2"), here()),
		"apis":          at(press("2"), apis),
		"apis answered": at(press("t", "esc", "2"), failing),
		"api":           at(press("t", "esc", "2", "enter"), failing),
		"drop api":      at(press("2", "d"), apis),
		"dropping api":  at(func(s *screen) { s.hold("drop"); s.press("2", "d", "y"); s.spin() }, apis),
		"catalogue":     at(press("2", "a", " ", "i"), apis),
		"catalogue one": at(press("2", "a", "x"), apis),
		"picking":       at(func(s *screen) { s.hold("pick"); s.press("2", "a", "enter"); s.spin() }, apis),
		"trying":        at(func(s *screen) { s.hold("try"); s.press("t"); s.spin() }, apis),
		"tried":         at(press("t", "j"), failing),
		"tried many":    at(press("a", "t", "j"), apis),
		"importing":     at(func(s *screen) { s.press("i"); s.paste(secret); s.press("tab", "m") }, apis),
		"import weak":   at(press("i", "x", "tab", " "), apis),
		"import wrong":  at(press("i", "x", "tab", "m", "tab", "y", "enter"), apis),
		"import busy": at(func(s *screen) {
			s.hold("import")
			s.press("i")
			s.paste(secret)
			s.press("tab", "m", "enter")
			s.spin()
		}, apis),
		"no keys made": func(more ...func(*setup)) *screen {
			return start(tb, append([]func(*setup){here(), onlyImports}, more...)...)
		},
		"lookup":       at(func(s *screen) { s.press("L"); s.paste(secret) }, apis),
		"lookup none":  at(func(s *screen) { s.press("L"); s.paste(secret); s.press("enter") }, apis),
		"lookup found": at(func(s *screen) { s.press("L"); s.paste(secret); s.press("enter") }, found),
		"looking":      at(func(s *screen) { s.hold("lookup"); s.press("L"); s.paste(secret); s.press("enter"); s.spin() }, apis),
		"address":      at(func(s *screen) { s.app.opts.Open = nil; s.press("o") }, apis),
		"use":          at(press("enter", "x", "down"), apis),
		"use wrong":    at(press("enter", "x", "-"), apis),
		"use busy":     at(func(s *screen) { s.hold("reveal"); s.press("enter", "x", "enter"); s.spin() }, apis),
		"env file":     at(press("enter", "x", "down", "down", "enter"), apis),
		"env tracked":  at(press("enter", "x", "down", "down", "enter", "enter", "t"), tracked),
		"env exposed": at(func(s *screen) {
			s.press("enter", "x", "down", "down", "enter", "enter")
			s.typed("tracked")
			s.press("enter")
		}, tracked),
		"imported key":  at(func(s *screen) { s.press("i"); s.paste(secret); s.press("tab", "m", "enter", "enter") }, apis),
		"delete import": at(func(s *screen) { s.press("i"); s.paste(secret); s.press("tab", "m", "enter", "d") }, apis),
		"words": at(press("j"), func(s *setup) {
			for i := range s.fakes.keys[:4] {
				key := &s.fakes.keys[i]
				key.Dead, key.Rotating, key.Imported = i == 0, i == 1, i == 2
				if i == 2 {
					key.CreatedAt = noon.AddDate(-3000, 0, 0)
				}
			}
		}),
	}
}

// hostileOutside are the places of APIs, tries, imports and lookups where outside text is shown.
func hostileOutside(text string) map[string]func(*screen) {
	api := model.API{Name: text, Method: text, URL: text, Header: text, Scheme: text, About: text, Alive: []int{200}}
	set := func(s *screen) {
		var o outside
		setting := setup{fakes: s.fakes}
		abroad(&o)(&setting)
		o.answers[text] = model.Answer{Verdict: model.Verdict(text), Status: 503, Why: text}
		o.found = []Found{{Profile: text, Key: s.fakes.keys[1]}}
		for i := range s.fakes.keys {
			if s.fakes.keys[i].ID == text {
				o.found[0].Key = s.fakes.keys[i]
			}
		}
		setting.options.APIs, setting.options.Catalogue = []model.API{api}, []model.API{api, sampleAPI("harmless")}
		setting.options.Console = text
		setting.options.Open = func(string) error { return errors.New(text) }
		setting.options.Formats = []Format{{Name: text, About: text, Write: func(string, model.Secret) (string, error) { return "", errors.New(text) }}}
		s.app.opts.Outside, s.app.opts.Open, s.app.opts.Formats = setting.options.Outside, setting.options.Open, setting.options.Formats
		s.app.opts.Lookup, s.app.opts.EnvFile, s.app.opts.IgnoreFile = setting.options.Lookup, setting.options.EnvFile, setting.options.IgnoreFile
		s.app.service = setting.options.Service
		o.written = func(EnvLine) EnvWritten { return EnvWritten{Path: text, Exposed: true} }
	}
	places := map[string]func(*screen){}
	for name, press := range map[string][]string{
		"apis": {"2"}, "tried": {"j", "t"}, "tried many": {"a", "t"}, "answers": {"j", "t", "esc", "enter"}, "api view": {"j", "t", "esc", "2"},
		"api": {"j", "t", "esc", "2", "enter"}, "drop": {"2", "d"}, "catalogue": {"2", "a", "down"}, "console": {"o"}, "why no new": {"n"},
		"use": {"j", "enter", "x"}, "format": {"j", "enter", "x", "enter"}, "env": {"j", "enter", "x", "down", "enter"},
		"ignore": {"j", "enter", "x", "down", "enter", "enter"}, "find": {"L", "x", "enter"},
	} {
		places["outside "+name] = func(s *screen) {
			set(s)
			s.press(press...)
		}
	}
	places["outside noted"] = func(s *screen) {
		set(s)
		s.fakes.change(text, func(k *model.Key) { k.Note, k.Imported = text, true })
		s.press("ctrl+r", "j", "enter")
	}
	return places
}
