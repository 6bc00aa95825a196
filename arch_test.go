package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayKnow says which packages of ours each package may import, by folder; a pattern ending in /* stands for what lies
// below. It is section 4 of the design.
var mayKnow = map[string][]string{
	".":                 {"cli", "ui/quiet"},
	"apis":              {"model", "reach"}, // it speaks to whatever the settings name, and to nothing of ours
	"cli":               {"apis", "config", "client", "client/*", "demo", "dotenv", "export", "handover", "model", "project", "scan", "seal", "server", "store", "ui", "ui/*", "wire"},
	"cli/manpages":      {"cli"},
	"config":            {"model", "seal"},
	"client":            {"model", "seal"},
	"client/clienttest": {"client", "model"},
	"client/remote":     {"client", "model", "reach", "wire"},
	"client/verify":     {"model", "reach", "wire"}, // what an API imports that asks a key service
	"demo":              {"model", "store"},         // it fills a store with keys that it seals itself
	"dotenv":            {"model"},
	"export":            {"model"}, // keys to text and files, for commands and screen alike
	"handover":          {"model"},
	"project":           {"dotenv", "model"},
	"reach":             {"model"}, // bounded connections, for whoever speaks to other machines
	"scan":              {"model"},
	"seal":              {"model"},
	"store":             {"model"},
	"server":            {"model", "server/live", "wire"},
	"server/live":       {"model"},
	"model":             {},
	"wire":              {"model"}, // what a key service and its clients say to each other
	"ui":                {"model", "ui/*"},
	"ui/clip":           {},
	"ui/paint":          {},
	"ui/quiet":          {},
	"ui/table":          {"model"},
}

// testsMayKnow says what the tests of a package may import beside that.
var testsMayKnow = map[string][]string{
	".":             {"client", "model", "seal", "store"},
	"cli":           {"client/clienttest"},
	"client":        {"client/clienttest"},
	"client/remote": {"client/clienttest", "seal", "server", "store"},
	"client/verify": {"server", "store"},
	"store":         {"client", "client/clienttest", "seal", "server"},
	"server":        {"client", "client/clienttest", "client/remote", "client/verify", "seal", "store"},
}

// apart are folders that hold no part of the program: they drive it from outside, or measure it beside other programs.
var apart = []string{"e2e", "bench", "docs"}

// confined says where each of these modules may be imported: under which folders of ours.
var confined = map[string][]string{
	"github.com/charmbracelet/bubbletea": {"ui"},
	"github.com/charmbracelet/bubbles":   {"ui"},
	"github.com/charmbracelet/lipgloss":  {"ui"},
	"github.com/atotto/clipboard":        {"ui/clip"},
	"filippo.io/age":                     {"seal"},
	"modernc.org/sqlite":                 {"store"},
	"github.com/jackc/pgx/v5":            {"store"},
	"github.com/spf13/cobra":             {"cli"},
	"github.com/spf13/cobra/doc":         {"cli/manpages"},
	"github.com/pelletier/go-toml/v2":    {"config", "project"},
	"github.com/adrg/xdg":                {"config"},
}

// modelMayImport is what package model may import beside the standard library.
var modelMayImport = []string{"golang.org/x/text/unicode/norm"}

// imported is one import of one file.
type imported struct {
	folder, file, path string
	test               bool
}

func allImports(t *testing.T) []imported {
	t.Helper()
	var all []imported
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (strings.HasPrefix(name, ".") || name == "testdata" || slices.Contains(apart, name)):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			all = append(all, imported{
				folder: filepath.ToSlash(filepath.Dir(file)), file: filepath.ToSlash(file), path: target,
				test: strings.HasSuffix(file, "_test.go"),
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no imports were found")
	}
	return all
}

// TestArrows holds who may know whom, tests included.
func TestArrows(t *testing.T) {
	for _, i := range allImports(t) {
		allowed, known := mayKnow[i.folder]
		if !known {
			t.Errorf("%s: folder %s has no place in mayKnow", i.file, i.folder)
			continue
		}
		if i.test {
			allowed = slices.Concat(allowed, testsMayKnow[i.folder])
		}
		target, ours := strings.CutPrefix(i.path, "clavier/")
		if !ours || target == i.folder || i.test && slices.Contains(apart, strings.Split(target, "/")[0]) {
			continue
		}
		if !slices.ContainsFunc(allowed, func(pattern string) bool { return stands(target, pattern) }) {
			t.Errorf("%s: %s may not import %s", i.file, i.folder, i.path)
		}
	}
}

// stands reports whether a folder is the one of a pattern, or below it if the pattern ends in /*.
func stands(folder, pattern string) bool {
	if above, all := strings.CutSuffix(pattern, "/*"); all {
		return strings.HasPrefix(folder, above+"/")
	}
	return folder == pattern
}

// TestConfined holds each big dependency to the one folder that is about it.
func TestConfined(t *testing.T) {
	seen := map[string]bool{}
	for _, i := range allImports(t) {
		module, where := confinement(i.path)
		if module == "" || i.test {
			continue
		}
		seen[module] = true
		if !slices.ContainsFunc(where, func(folder string) bool { return i.folder == folder || strings.HasPrefix(i.folder, folder+"/") }) {
			t.Errorf("%s: %s is imported in %s alone", i.file, i.path, strings.Join(where, " and "))
		}
	}
	for module := range confined {
		if !seen[module] {
			t.Errorf("%s is imported nowhere: take it out of the table", module)
		}
	}
}

// confinement returns the longest entry of confined that covers an import path.
func confinement(target string) (module string, where []string) {
	for p := target; p != "."; p = path.Dir(p) {
		if where, ok := confined[p]; ok {
			return p, where
		}
	}
	return "", nil
}

// TestModelIsPure holds that package model has no input or output, no clock and no randomness of its own.
func TestModelIsPure(t *testing.T) {
	impure := []string{"os", "net", "crypto/rand", "math/rand", "math/rand/v2", "io/ioutil", "os/exec", "log", "syscall", "path/filepath", "database/sql"}
	for _, i := range allImports(t) {
		if i.folder != "model" || i.test {
			continue
		}
		foreign := strings.Contains(strings.Split(i.path, "/")[0], ".")
		if foreign && !slices.Contains(modelMayImport, i.path) || slices.Contains(impure, i.path) {
			t.Errorf("%s: model may not import %s", i.file, i.path)
		}
	}
}
