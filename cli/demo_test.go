package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"clavier/demo"
	"clavier/model"
	"clavier/store"
)

// temporary gives the test a directory for temporary files.
func temporary(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir) // Windows
	return dir
}

// TestThrowawayIsRemoved: after success, an error and a panic, whatever lies in it.
func TestThrowawayIsRemoved(t *testing.T) {
	broken := errors.New("broken")
	for name, end := range map[string]func() error{
		"success": func() error { return nil },
		"error":   func() error { return broken },
		"panic":   func() error { panic(broken) },
	} {
		temp, was := temporary(t), ""
		err := func() (err error) {
			defer func() {
				if cause := recover(); cause != nil {
					err, _ = cause.(error)
				}
			}()
			return inThrowaway(func(dir string, _ <-chan os.Signal) error {
				was = dir
				info, err := os.Stat(dir)
				if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 || filepath.Dir(dir) != temp {
					t.Errorf("%s: %s is %v, %v", name, dir, info.Mode(), err)
				}
				if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o400); err != nil {
					t.Error(err)
				}
				return end()
			})
		}()
		if name == "success" && err != nil || name != "success" && !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Lstat(was); was == "" || err == nil {
			t.Errorf("%s: %s is still there", name, was)
		}
	}
}

// TestNoPlaceForTheDemo says what to do where there are no temporary files.
func TestNoPlaceForTheDemo(t *testing.T) {
	missing := filepath.Join(temporary(t), "missing")
	t.Setenv("TMPDIR", missing)
	t.Setenv("TMP", missing)
	err := inThrowaway(func(string, <-chan os.Signal) error { t.Error("it was used"); return nil })
	if err == nil || !strings.HasPrefix(err.Error(), "there is no place for temporary files, name a directory in TMPDIR: ") {
		t.Errorf("it says %v", err)
	}
}

// TestFillThrowaway: what the screen of the demo gets can do everything, and is filled.
func TestFillThrowaway(t *testing.T) {
	a, errs := fixedApp()
	service, records, err := a.fillThrowaway(t.Context(), private(t), 50)
	if err != nil {
		t.Fatal(err)
	}
	defer records.Close()
	keys, err := service.List(t.Context())
	if err != nil || len(keys) != 50 || errs.Len() > 0 {
		t.Fatalf("%d keys, %v, and it says %q", len(keys), err, errs)
	}
	used := 0
	for _, key := range keys {
		secret, err := service.Reveal(t.Context(), key.ID)
		if err != nil || secret.Hint() != key.Hint || model.CheckSecret(secret.Reveal()) != nil {
			t.Errorf("%s cannot be had: %v", key.Name, err)
		}
		found, err := records.Find(t.Context(), secret.Digest())
		if err != nil || found.ID != key.ID || found.LastUse != key.LastUse {
			t.Errorf("%s cannot be found: %v", key.Name, err)
		}
		if !key.LastUse.Never() {
			used++
		}
	}
	if used == 0 {
		t.Error("no use was kept")
	}
	issued, err := service.Create(t.Context(), model.Draft{Name: "one of mine"})
	if err != nil {
		t.Fatal(err)
	}
	if key, err := service.Verify(t.Context(), issued.Secret); err != nil || key.ID != issued.Key.ID {
		t.Errorf("a new key does not verify: %v", err)
	}
	if err := service.Delete(t.Context(), issued.Key.ID); err != nil {
		t.Error(err)
	}
	if _, err := service.Verify(t.Context(), issued.Secret); !errors.Is(err, model.ErrRefused) {
		t.Errorf("a deleted key verifies: %v", err)
	}
}

// TestFillThrowawayFails: the error is one sentence, and nothing is open any more.
func TestFillThrowawayFails(t *testing.T) {
	a, _ := fixedApp()
	dir := private(t)
	if err := os.WriteFile(filepath.Join(dir, "demo.db"), bytes.Repeat([]byte("no store "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.fillThrowaway(t.Context(), dir, 50); !errors.Is(err, model.ErrStoreDamaged) {
		t.Errorf("over another file: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := a.fillThrowaway(ctx, private(t), 50); !errors.Is(err, errDemoInterrupted) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestSameKeysWithOtherSecrets: two demos have the same names, and neither the ids nor the secrets of each other.
func TestSameKeysWithOtherSecrets(t *testing.T) {
	var names [2][]string
	ids := map[string]bool{}
	for i := range names {
		a, _ := fixedApp()
		service, records, err := a.fillThrowaway(t.Context(), private(t), 50)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := service.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			names[i] = append(names[i], key.Name)
			ids[key.ID] = true
		}
		if err := records.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Join(names[0], "\n") != strings.Join(names[1], "\n") || len(ids) != 100 {
		t.Errorf("%d ids in two demos of 50 keys; the names are %v and %v", len(ids), names[0], names[1])
	}
}

// TestDemoBuild: a store for measurements is one like any other.
func TestDemoBuild(t *testing.T) {
	path := filepath.Join(private(t), "local.db")
	if err := (demo.Options{Keys: 300, Seed: 7, Now: noon}).Build(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	records, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer records.Close()
	keys, err := records.List(t.Context())
	if err != nil || len(keys) != 300 {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	want := map[string]model.Key{}
	for key := range (demo.Options{Keys: 300, Seed: 7, Now: noon}).All() {
		want[key.ID] = key
	}
	for _, key := range keys {
		if key != want[key.ID] {
			t.Errorf("%+v is stored as %+v", want[key.ID], key)
		}
	}
	lines, err := records.Activity(t.Context(), 1000)
	if err != nil || len(lines) != 300 || lines[0].Actor.By != keys[0].Owner {
		t.Errorf("%d lines of activity, %v", len(lines), err)
	}
}

// private is a directory that a store can be in.
func private(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "private")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}
