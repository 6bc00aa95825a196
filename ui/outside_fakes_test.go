package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"clavier/model"
)

// importing is a full provider that also keeps secrets which were made elsewhere, and how APIs answered.
type importing struct {
	full
	o *outside
}

// elsewhere is a provider whose keys are all made elsewhere.
type elsewhere struct {
	all importing
}

// outside is what keys of a profile open, and what became of it. Its lock is that of the fakes.
type outside struct {
	f        *fakes
	imports  []model.Import
	kept     []model.Answer           // of each key and API the last one
	batches  [][]model.Answer         // as they were kept
	answers  map[string]model.Answer  // by key's name and API, else by API
	tried    []string                 // the names of keys and APIs, as they came
	busy     int                      // requests under way
	busiest  int                      // the most of them at once
	sent     map[string]bool          // secrets that an API got
	settings []string                 // what was picked ("+name") and dropped ("-name")
	opened   []string                 // addresses
	asked    []string                 // secrets that were looked up
	found    []Found                  // what a lookup finds
	lines    map[string]string        // by path and variable
	ignored  []string                 // paths
	tracked  bool                     // git tracks every file
	written  func(EnvLine) EnvWritten // what is said of a file; nil: nothing special
}

// abroad gives the screen an outside with these APIs.
func abroad(o *outside, apis ...string) func(*setup) {
	return func(s *setup) {
		f := s.fakes
		*o = outside{
			f: f, answers: map[string]model.Answer{}, sent: map[string]bool{}, lines: map[string]string{},
		}
		for _, name := range apis {
			s.options.APIs = append(s.options.APIs, sampleAPI(name))
		}
		for _, name := range []string{"search/models", "invoices/v4", "invoice_splitter/v1", "passport/v1"} {
			s.options.Catalogue = append(s.options.Catalogue, sampleAPI(name))
		}
		s.options.PickAPI = func(ctx context.Context, api model.API) error { return o.set(ctx, "pick", "+"+api.Name) }
		s.options.DropAPI = func(ctx context.Context, api model.API) error { return o.set(ctx, "drop", "-"+api.Name) }
		s.options.Try = o.try
		s.options.Console = "https://console.example.org/settings?tab=api-keys"
		s.options.Open = func(url string) error {
			if err := f.enter(f.background(), "open"); err != nil {
				return err
			}
			o.opened = append(o.opened, url)
			return nil
		}
		s.options.Lookup = o.lookup
		s.options.Formats = []Format{
			{Name: "shell", About: "for sh and bash", Write: func(variable string, secret model.Secret) (string, error) {
				return "export " + variable + "='" + secret.Reveal() + "'\n", nil
			}},
			{Name: "docker", About: "for docker", Write: func(variable string, _ model.Secret) (string, error) {
				return "", fmt.Errorf("docker cannot hold %s", variable)
			}},
		}
		s.options.EnvFile, s.options.IgnoreFile = o.envFile, o.ignore
		s.options.Service = importing{full{bare{f}}, o}
	}
}

// onlyImports makes the provider one whose keys are all made elsewhere. It comes after abroad.
func onlyImports(s *setup) { s.options.Service = elsewhere{s.options.Service.(importing)} }

func sampleAPI(name string) model.API {
	return model.API{
		Name: name, Method: "GET", URL: "https://api.example.org/" + name, Header: "Authorization", Scheme: "Token",
		Alive: []int{200}, Dead: []int{401}, About: "about " + name,
	}
}

func (o *outside) set(ctx context.Context, method, what string) error {
	if err := o.f.enter(ctx, method); err != nil {
		return err
	}
	o.f.mu.Lock()
	defer o.f.mu.Unlock()
	o.settings = append(o.settings, what)
	return nil
}

// try answers as the test has set it; alive if it has set nothing. It calls "try", and "try NAME" for the API.
func (o *outside) try(ctx context.Context, api model.API, secret model.Secret) model.Answer {
	f := o.f
	name := "?"
	f.mu.Lock()
	for _, key := range f.keys {
		if f.secrets[key.ID].Reveal() == secret.Reveal() {
			name = key.Name
		}
	}
	o.tried = append(o.tried, name+" "+api.Name)
	o.sent[secret.Reveal()] = true
	o.busy++
	o.busiest = max(o.busiest, o.busy)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		o.busy--
		f.mu.Unlock()
	}()
	err := f.enter(ctx, "try")
	if err == nil {
		err = f.enter(ctx, "try "+api.Name)
	}
	if err != nil {
		return model.Answer{Verdict: model.VerdictUnknown, Why: err.Error()}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, by := range []string{name + " " + api.Name, api.Name} {
		if answer, ok := o.answers[by]; ok {
			return answer
		}
	}
	return model.Answer{Verdict: model.VerdictAlive, Status: 200, Took: 143 * time.Millisecond}
}

func (o *outside) lookup(ctx context.Context, secret model.Secret) ([]Found, error) {
	err := o.f.enter(ctx, "lookup")
	o.f.mu.Lock()
	defer o.f.mu.Unlock()
	o.asked = append(o.asked, secret.Reveal())
	return o.found, err
}

func (o *outside) envFile(ctx context.Context, line EnvLine, secret model.Secret) (EnvWritten, error) {
	if err := o.f.enter(ctx, "envFile"); err != nil {
		return EnvWritten{}, err
	}
	o.f.mu.Lock()
	defer o.f.mu.Unlock()
	if o.tracked && !line.Tracked {
		return EnvWritten{}, &TrackedFileError{Path: line.Path}
	}
	o.lines[line.Path+":"+line.Variable] = secret.Reveal()
	if o.written != nil {
		return o.written(line), nil
	}
	return EnvWritten{Path: "~/" + line.Path}, nil
}

func (o *outside) ignore(ctx context.Context, path string) error {
	if err := o.f.enter(ctx, "ignore"); err != nil {
		return err
	}
	o.f.mu.Lock()
	defer o.f.mu.Unlock()
	o.ignored = append(o.ignored, path)
	return nil
}

func (s importing) Import(ctx context.Context, in model.Import) (model.Key, error) {
	f := s.f
	if err := f.enter(ctx, "import"); err != nil {
		return model.Key{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range f.keys {
		switch {
		case model.SameName(key.Name, string(in.Name)):
			return model.Key{}, fmt.Errorf("import: %w", model.ErrNameTaken)
		case f.secrets[key.ID].Reveal() == in.Secret.Reveal():
			return model.Key{}, fmt.Errorf("%w: %s", model.ErrHeld, key.Name)
		}
	}
	f.made++
	key := model.Key{
		ID: fmt.Sprintf("0192f1c4-7b2e-7c3a-9d4e-%012d", f.made), Name: string(in.Name), Hint: in.Secret.Hint(), CreatedAt: in.CreatedAt,
		Imported: true, Note: in.Note,
	}
	f.secrets[key.ID] = in.Secret
	f.insert(key)
	s.o.imports = append(s.o.imports, in)
	return key, nil
}

// KeepAnswers makes keys dead, and takes that back, as the store does.
func (s importing) KeepAnswers(ctx context.Context, answers []model.Answer) error {
	if err := s.f.enter(ctx, "keepAnswers"); err != nil {
		return err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.o.batches = append(s.o.batches, answers)
	for _, answer := range answers {
		s.o.kept = slices.DeleteFunc(s.o.kept, func(old model.Answer) bool { return old.KeyID == answer.KeyID && old.API == answer.API })
		s.o.kept = append([]model.Answer{answer}, s.o.kept...)
		for i := range s.f.keys {
			if key := &s.f.keys[i]; key.ID == answer.KeyID && answer.Verdict != model.VerdictUnknown {
				alive := slices.ContainsFunc(answers, func(a model.Answer) bool { return a.KeyID == key.ID && a.Verdict == model.VerdictAlive })
				key.Dead = !alive
				s.f.changed(key.ID)
			}
		}
	}
	return nil
}

func (s importing) Answers(ctx context.Context, limit int) ([]model.Answer, error) {
	if err := s.f.enter(ctx, "answers"); err != nil {
		return nil, err
	}
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	return slices.Clone(s.o.kept[:min(limit, len(s.o.kept))]), nil
}

func (s elsewhere) List(ctx context.Context) ([]model.Key, error) { return s.all.List(ctx) }
func (s elsewhere) Delete(ctx context.Context, id string) error   { return s.all.Delete(ctx, id) }
func (s elsewhere) Version(ctx context.Context) (int64, error)    { return s.all.Version(ctx) }
func (s elsewhere) Reveal(ctx context.Context, id string) (model.Secret, error) {
	return s.all.Reveal(ctx, id)
}

func (s elsewhere) Import(ctx context.Context, in model.Import) (model.Key, error) {
	return s.all.Import(ctx, in)
}

func (s elsewhere) KeepAnswers(ctx context.Context, answers []model.Answer) error {
	return s.all.KeepAnswers(ctx, answers)
}

func (s elsewhere) Answers(ctx context.Context, limit int) ([]model.Answer, error) {
	return s.all.Answers(ctx, limit)
}

// answered is an answer of an API, to be set in outside.answers.
func answered(verdict model.Verdict, status int, took time.Duration, why string) model.Answer {
	return model.Answer{Verdict: verdict, Status: status, Took: took, Why: why}
}

var errNoBrowser = errors.New("over SSH a browser would open on the other machine")
