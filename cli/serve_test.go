package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"clavier/model"
	"clavier/seal"
	"clavier/store"
)

// newStore is an empty store of a service.
func newStore(t *testing.T) *store.Store {
	t.Helper()
	records, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "own", "keys.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = records.Close() })
	return records
}

// put stores a key with this name and role.
func put(t *testing.T, records *store.Store, name string, role model.Role) model.Key {
	t.Helper()
	a, _ := fixedApp()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	record, err := a.managementRecord(secret)
	if err != nil {
		t.Fatal(err)
	}
	record.Key.Name, record.Key.Role = name, role
	if _, err := records.PutNew(t.Context(), record, "", model.Actor{}); err != nil {
		t.Fatal(err)
	}
	return record.Key
}

// TestBootstrap: a management key is made where none is live, and only there; whoever reads the file has its secret.
func TestBootstrap(t *testing.T) {
	for _, test := range []struct {
		about string
		there func(*testing.T, *store.Store)
		want  string // the name of the new key; none if it is empty
	}{
		{"an empty store", func(*testing.T, *store.Store) {}, "management"},
		{"keys that may not manage", func(t *testing.T, s *store.Store) {
			put(t, s, "a", model.RoleUse)
			put(t, s, "b", model.RoleRead)
		}, "management"},
		{"a live manager", func(t *testing.T, s *store.Store) { put(t, s, "a", model.RoleManage) }, ""},
		{"a manager whose end has passed", func(t *testing.T, s *store.Store) {
			key := put(t, s, "a", model.RoleManage)
			if _, err := s.End(t.Context(), key.ID, noon, model.Actor{}, noon.Add(-1)); err != nil {
				t.Fatal(err)
			}
		}, "management"},
		{"a manager that ended at once", func(t *testing.T, s *store.Store) {
			key := put(t, s, "management", model.RoleManage)
			put(t, s, "management 2", model.RoleUse)
			if _, err := s.End(t.Context(), key.ID, noon, model.Actor{}, noon); err != nil {
				t.Fatal(err)
			}
		}, "management 3"},
	} {
		t.Run(test.about, func(t *testing.T) {
			records := newStore(t)
			test.there(t, records)
			before, err := records.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			a, said := fixedApp()
			file := filepath.Join(t.TempDir(), "management")
			if err := a.bootstrap(t.Context(), records, serveFlags{bootstrapFile: file}, slog.New(slog.NewTextHandler(said, nil))); err != nil {
				t.Fatal(err)
			}
			after, err := records.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(file)
			if test.want == "" {
				if len(after) != len(before) || !errors.Is(err, os.ErrNotExist) {
					t.Errorf("there are %d keys, and were %d; the file: %v", len(after), len(before), err)
				}
				return
			}
			secret := model.NewSecret(strings.TrimSuffix(string(content), "\n"))
			key, err := records.Find(t.Context(), secret.Digest())
			if err != nil || key.Name != test.want || key.Role != model.RoleManage || len(after) != len(before)+1 || key.StatusAt(noon) != model.StatusActive {
				t.Errorf("the key is %+v, %v, want %s", key, err, test.want)
			}
			if strings.Contains(said.String(), secret.Reveal()) || strings.Contains(said.String(), secret.Reveal()[4:30]) || !strings.Contains(said.String(), secret.Hint()) {
				t.Error("the log has the secret, or not its hint")
			}
			sealed, err := records.Sealed(t.Context(), key.ID)
			if err != nil {
				t.Fatal(err)
			}
			vault, err := seal.Open(sealOptions(localProfile(t)))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := vault.Seal(secret); err != nil {
				t.Fatal(err)
			}
			if _, err := vault.Unseal(sealed); !errors.Is(err, model.ErrUnseal) {
				t.Errorf("the secret can be had from the store: %v", err)
			}
		})
	}
}

// TestBootstrapRefused: where there is nowhere to put the secret, nothing is stored, and what cannot be stored is taken back.
func TestBootstrapRefused(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"": "nowhere to put a new one", there: "no live key of the store may manage keys, so that a new one is wanted; but the --bootstrap-file ", filepath.Join(dir, "none", "x"): "--bootstrap-file: ",
	} {
		records := newStore(t)
		a, out := fixedApp()
		err := a.bootstrap(t.Context(), records, serveFlags{bootstrapFile: file}, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), want) || secretIn(out.String()) {
			t.Errorf("%q: %v", file, err)
		}
		if keys, err := records.List(t.Context()); err != nil || len(keys) != 0 {
			t.Errorf("%q: %d keys, %v", file, len(keys), err)
		}
	}
	if content, _ := os.ReadFile(there); string(content) != "mine" {
		t.Error("a file was overwritten")
	}
	records := newStore(t)
	a, _ := fixedApp()
	file := filepath.Join(dir, "new")
	if err := a.bootstrap(t.Context(), full{records}, serveFlags{bootstrapFile: file}, slog.New(slog.DiscardHandler)); !errors.Is(err, model.ErrStoreWrite) {
		t.Errorf("a full disk: %v", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the secret of no key is left behind")
	}
}

// TestBootstrapInDoubt: the secret of a key that may have been made is not taken back, for nobody else has it.
func TestBootstrapInDoubt(t *testing.T) {
	records := newStore(t)
	a, said := fixedApp()
	file := filepath.Join(t.TempDir(), "management")
	err := a.bootstrap(t.Context(), doubtful{records}, serveFlags{bootstrapFile: file}, slog.New(slog.DiscardHandler))
	if !errors.Is(err, model.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "keep its secret") {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	secret := model.NewSecret(strings.TrimSuffix(string(content), "\n"))
	if key, err := records.Find(t.Context(), secret.Digest()); err != nil || key.Role != model.RoleManage {
		t.Errorf("the key is %+v, %v", key, err)
	}
	if err := a.bootstrap(t.Context(), records, serveFlags{bootstrapFile: file}, slog.New(slog.NewTextHandler(said, nil))); err != nil {
		t.Errorf("the next start: %v", err)
	}
}

// doubtful is a store that makes a change and does not know it.
type doubtful struct{ *store.Store }

func (d doubtful) PutNew(ctx context.Context, record model.Record, oldID string, by model.Actor) (bool, error) {
	if _, err := d.Store.PutNew(ctx, record, oldID, by); err != nil {
		return false, err
	}
	return false, model.ErrOutcomeUnknown
}

func secretIn(text string) bool {
	return slices.ContainsFunc(strings.Fields(text), func(word string) bool { return model.CheckSecret(word) == nil })
}

// TestServeFlags: flags count before variables, and what is refused names what gave it.
func TestServeFlags(t *testing.T) {
	read := func(args, environ []string) (serveFlags, error) {
		options := serveFlags{unsureAfter: "30s", listen: defaultListen, logFormat: formatText, logLevel: "info"}
		cmd := &cobra.Command{}
		options.addTo(cmd)
		if err := cmd.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		return options, options.take(cmd.Flags(), environ)
	}
	got, err := read([]string{"--listen", "[::1]:1", "--log-level=debug"}, []string{"CLAVIER_SERVE_LISTEN=x", "CLAVIER_SERVE_BEHIND_PROXY=true",
		"CLAVIER_SERVE_STORE=/k.db", "CLAVIER_SERVE_UNSURE_AFTER=1m", "CLAVIER_SERVE_METRICS=", "CLAVIER_REVEAL=x", "CLAVIER_SERVE_SERVICE_PORT=1", "PATH=/bin"})
	if err != nil || got.listen != "[::1]:1" || !got.behindProxy || got.store != "/k.db" || got.unsure.Seconds() != 60 || got.level != slog.LevelDebug || got.metrics != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, store := range []string{"", "keys.db", "/var/lib/keys.db", "postgres://ada@db.example/keys", "postgresql://db.example:5432/keys?sslmode=verify-full", "postgres:///keys?host=/run/postgresql",
		"postgres://ada@/keys?host=one.example,two.example&port=5432,5433"} {
		if _, err := read([]string{"--store", store}, nil); err != nil {
			t.Errorf("%q: %v", store, err)
		}
	}
	for _, store := range []string{"postgres://ada:word@db.example/keys", "postgres://ada:@db.example/keys", "postgresql://db.example/keys?PASSWORD=word", "postgres://db.example/keys?sslpassword=word",
		"user=ada password=word", "sqlite:///keys.db", "postgres://db.example:word/keys", "postgres://one.example:5432,two.example/keys", "https://ada:word@db.example"} {
		for _, given := range [][2][]string{{{"--store", store}, nil}, {nil, {"CLAVIER_SERVE_STORE=" + store}}} {
			if _, err := read(given[0], given[1]); Report(io.Discard, err) != exitUsage || strings.Contains(err.Error(), "word@") || strings.Contains(err.Error(), "=word") {
				t.Errorf("%q: %v", store, err)
			}
		}
	}
	if _, err := read([]string{"--store", "postgres://one.example:5432,two.example/keys"}, nil); err == nil || !strings.Contains(err.Error(), "?host=HOST1,HOST2&port=") {
		t.Errorf("several hosts: %v", err)
	}
	if shown := shownDatabase("postgres://ada@db.example:5432/keys?sslkey=/x"); shown != "postgres://db.example:5432/keys" {
		t.Errorf("a log says %s", shown)
	}
}

// full is a store whose disk is full.
type full struct{ *store.Store }

func (full) PutNew(context.Context, model.Record, string, model.Actor) (bool, error) {
	return false, model.ErrStoreWrite
}
