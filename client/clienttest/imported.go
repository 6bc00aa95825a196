package clienttest

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"clavier/client"
	"clavier/model"
)

// foreign returns a secret that was made elsewhere, a moment ago, and is to be imported under a name.
func foreign(name string) model.Import {
	return model.Import{
		Name:      model.Name(name),
		Secret:    model.NewSecret("elsewhere-" + rand.Text()),
		CreatedAt: time.Now().UTC().Truncate(time.Millisecond),
	}
}

func (s *suite) importKey(importer client.Importer, in model.Import) model.Key {
	s.Helper()
	key, err := importer.Import(s.Context(), in)
	if err != nil {
		s.Fatalf("import %q: %v", in.Name, err)
	}
	return key
}

func (s *suite) testImport() {
	importer := optional[client.Importer](s)
	in := foreign(production)
	in.CreatedAt = time.Date(2024, 3, 1, 8, 0, 0, 0, time.FixedZone("there", 3600))
	in.Note = "https://app.example.org/keys"
	key := s.importKey(importer, in)
	if key.ID == "" || key.Name != production || !key.Imported || key.Note != in.Note || !key.CreatedAt.Equal(in.CreatedAt) ||
		key.CreatedAt.Location() != time.UTC || key.Hint != in.Secret.Hint() || key.LastUse.Reported {
		s.Errorf("imported as %+v", key)
	}
	s.wantListed(key)
	if text := in.Secret.Reveal(); strings.Contains(fmt.Sprintf("%v %+v %#v", in, key, key), text) {
		s.Error("a printed key shows its secret")
	}
	if revealer, ok := s.client.(client.Revealer); ok {
		if secret, err := revealer.Reveal(s.Context(), key.ID); err != nil || secret.Reveal() != in.Secret.Reveal() {
			s.Errorf("an imported secret cannot be had again: %v", err)
		}
	}
	if reader, ok := s.client.(client.ActivityReader); ok {
		lines, err := reader.Activity(s.Context(), 1)
		if err != nil || len(lines) != 1 || lines[0].Action != model.ActionImported || lines[0].KeyName != production ||
			time.Since(lines[0].At).Abs() > time.Hour {
			s.Errorf("noted as %+v, %v", lines, err)
		}
	}
}

// testImportOfUnknownAge holds that a key of which nobody knows when it was made stands behind all others.
func (s *suite) testImportOfUnknownAge() {
	importer := optional[client.Importer](s)
	in := foreign("unknown")
	in.CreatedAt = time.Time{}
	key := s.importKey(importer, in)
	if !key.CreatedAt.IsZero() {
		s.Errorf("a key of unknown age was made at %v", key.CreatedAt)
	}
	s.wantListed(key)
	in = foreign("old")
	in.CreatedAt = time.Date(1969, 7, 20, 20, 17, 40, 0, time.UTC)
	s.importKey(importer, in)
	s.create("new")
	s.wantNames("new", "old", "unknown")
	if pager, ok := s.client.(client.Pager); ok {
		s.wantPages(pager)
	}
	if reader, ok := s.client.(client.ActivityReader); ok {
		if err := s.client.Delete(s.Context(), key.ID); err != nil {
			s.Fatalf("delete: %v", err)
		}
		lines, err := reader.Activity(s.Context(), 4)
		if err != nil || len(lines) != 4 || !lines[0].KeyCreatedAt.IsZero() || !lines[3].KeyCreatedAt.IsZero() ||
			time.Since(lines[3].At).Abs() > time.Hour {
			s.Errorf("noted as %+v, %v", lines, err)
		}
	}
}

func (s *suite) testImportRefused() {
	importer := optional[client.Importer](s)
	held := s.create("held")
	before := len(s.list())
	for reason, test := range map[string]struct {
		spoil func(in *model.Import)
		want  error
	}{
		"a name that is none":   {func(in *model.Import) { in.Name = " " }, model.ErrName},
		"a name that is taken":  {func(in *model.Import) { in.Name = "held" }, model.ErrNameTaken},
		"no secret":             {func(in *model.Import) { in.Secret = model.Secret{} }, model.ErrImport},
		"two lines":             {func(in *model.Import) { in.Secret = model.NewSecret("one\ntwo") }, model.ErrImport},
		"a space at the end":    {func(in *model.Import) { in.Secret = model.NewSecret(rand.Text() + " ") }, model.ErrImport},
		"a hostile note":        {func(in *model.Import) { in.Note = "\x1b[2J" }, model.ErrImport},
		"a secret that is held": {func(in *model.Import) { in.Secret = held.Secret }, model.ErrHeld},
	} {
		in := foreign("refused")
		test.spoil(&in)
		key, err := importer.Import(s.Context(), in)
		s.want("import: "+reason, err, test.want)
		if key != (model.Key{}) {
			s.Errorf("import: %s: the refusal returned a key: %+v", reason, key)
		}
		if err != nil && !in.Secret.IsZero() && strings.Contains(err.Error(), in.Secret.Reveal()) {
			s.Errorf("import: %s: the error shows the secret", reason)
		}
		if reason == "a secret that is held" && err != nil && !strings.Contains(err.Error(), "held") {
			s.Errorf("import: the error does not name the key that has the secret: %v", err)
		}
	}
	if got := len(s.list()); got != before {
		s.Errorf("refused imports left %d keys", got-before)
	}
}

// testImportedNeverVerifies holds that who imported a secret cannot let anybody in with it, whatever it looks like.
func (s *suite) testImportedNeverVerifies() {
	verifier, importer := optional[client.Verifier](s), optional[client.Importer](s)
	in := foreign("ours by its looks")
	in.Secret = s.unknown()
	key := s.importKey(importer, in)
	got, err := verifier.Verify(s.Context(), in.Secret)
	s.want("verify an imported key", err, model.ErrRefused)
	if got != (model.Key{}) {
		s.Errorf("the refusal names a key: %+v", got)
	}
	s.wantListed(key)
}

func (s *suite) testLookup() {
	finder := optional[client.Finder](s)
	issued := []model.Issued{s.create("one"), s.create("two")}
	if importer, ok := s.client.(client.Importer); ok {
		in := foreign("three")
		issued = append(issued, model.Issued{Key: s.importKey(importer, in), Secret: in.Secret})
	}
	if ender, ok := s.client.(client.Ender); ok {
		ended, err := ender.End(s.Context(), issued[1].Key.ID, time.Now())
		if err != nil {
			s.Fatalf("end: %v", err)
		}
		issued[1].Key = ended
	}
	before := s.list()
	for _, one := range issued {
		key, err := finder.Lookup(s.Context(), one.Secret)
		if err != nil || key != one.Key {
			s.Errorf("lookup of %s: %+v, %v, want %+v", one.Key.Name, key, err, one.Key)
		}
	}
	if after := s.list(); !slices.Equal(before, after) {
		s.Errorf("a lookup is noted as a use: %+v", after)
	}
	if err := s.client.Delete(s.Context(), issued[0].Key.ID); err != nil {
		s.Fatalf("delete: %v", err)
	}
	for reason, secret := range map[string]model.Secret{
		"deleted": issued[0].Secret, "unknown": s.unknown(), "empty": {}, "part": model.NewSecret(issued[1].Secret.Reveal()[1:]),
	} {
		_, err := finder.Lookup(s.Context(), secret)
		s.want("lookup: "+reason, err, model.ErrNotFound)
	}
}
