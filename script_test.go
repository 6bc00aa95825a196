package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"

	"clavier/client"
	"clavier/model"
	"clavier/seal"
	"clavier/store"
)

// raceDetector tells whether this is built with it. It makes the work of a real passphrase take half a minute.
var raceDetector bool

// programs are what scripts and tests can run: clavier is main itself.
var programs = map[string]func(){"clavier": main}

// TestMain makes this test binary the programs too.
func TestMain(m *testing.M) {
	testscript.Main(m, programs)
}

// TestScripts runs the scripts of the commands, each with directories of its own and an environment that holds nothing
// of the machine's terminal.
func TestScripts(t *testing.T) {
	testscript.RunT(discreet{t}, testscript.Params{
		Dir:                 filepath.Join("cli", "testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpScript,
		Condition: func(name string) (bool, error) {
			if name != "race" {
				return false, fmt.Errorf("unknown condition %s", name)
			}
			return raceDetector, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"says":     says,
			"secretin": secretIn,
			"draw":     draw,
			"plant":    plant,
			"finish":   finish,
			"lock":     lock,
			"mode":     mode,
			"nothing":  nothing,
			"serveapi": serveAPI,
			"answered": answered,
			"isjson":   isJSON,
		},
	})
}

func setUpScript(env *testscript.Env) error {
	for name, value := range map[string]string{
		"HOME":            filepath.Join(env.WorkDir, "home"),
		"XDG_CONFIG_HOME": filepath.Join(env.WorkDir, "config"),
		"XDG_DATA_HOME":   filepath.Join(env.WorkDir, "data"),
		"DB":              filepath.Join(env.WorkDir, "data", "clavier", "local.db"),
		"IDENTITY":        filepath.Join(env.WorkDir, "config", "clavier", "identity.txt"),
		"TZ":              "UTC",
		"LANG":            "C.UTF-8",
		"TERM":            "xterm-256color",
		"GORACE":          "atexit_sleep_ms=0",
	} {
		env.Setenv(name, value)
	}
	return nil
}

// discreet keeps the secrets that a script has made out of the log.
type discreet struct{ *testing.T }

var secretShape = regexp.MustCompile(`[A-Za-z][0-9A-Za-z_]*_[0-9A-Za-z]{38}`)

func redact(args []any) string {
	return secretShape.ReplaceAllString(fmt.Sprint(args...), "[redacted]")
}

func (d discreet) Log(args ...any)   { d.Helper(); d.T.Log(redact(args)) }
func (d discreet) Fatal(args ...any) { d.Helper(); d.T.Fatal(redact(args)) }
func (d discreet) Verbose() bool     { return testing.Verbose() }
func (d discreet) Run(name string, run func(testscript.T)) {
	d.T.Run(name, func(t *testing.T) { run(discreet{t}) })
}

// exits N program args...: runs the program, which has to exit with this code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N program [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit := (*exec.ExitError)(nil)
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// says TEXT: standard error is exactly this line. \n in the text begins another.
func says(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: says TEXT")
	}
	want := strings.ReplaceAll(args[0], `\n`, "\n") + "\n"
	if got := ts.ReadFile("stderr"); got != want {
		ts.Fatalf("standard error is\n%s\nwant\n%s", got, want)
	}
}

// secretin FILE: the file is a secret and a line end, and nothing else.
func secretIn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: secretin FILE")
	}
	text, ended := strings.CutSuffix(ts.ReadFile(args[0]), "\n")
	if err := model.CheckSecret(text); err != nil || !ended {
		ts.Fatalf("%s is not one line with a secret: %v", args[0], err)
	}
}

// draw FILE: writes a secret that belongs to no key, and a line end.
func draw(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: draw FILE")
	}
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(secret.Reveal()+"\n"), 0o600))
}

// plant NAME [VARIABLE]: puts a key into the store as another program might, and its id into the variable. The name is
// what stands inside a Go string literal.
func plant(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: plant NAME [VARIABLE]")
	}
	name, err := strconv.Unquote(`"` + args[0] + `"`)
	ts.Check(err)
	records, err := store.Open(context.Background(), ts.Getenv("DB"))
	ts.Check(err)
	defer func() { ts.Check(records.Close()) }()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	ts.Check(err)
	sealed, err := vaultOf(ts).Seal(secret)
	ts.Check(err)
	id := uuid.Must(uuid.NewV7()).String()
	key := model.Key{ID: id, Name: name, Hint: secret.Hint(), CreatedAt: time.Now().UTC().Truncate(time.Millisecond),
		LastUse: model.LastUse{Reported: true}}
	ts.Check(records.Put(context.Background(), model.Record{Key: key, Sealed: sealed}, model.Actor{By: "another program"}))
	if len(args) == 2 {
		ts.Setenv(args[1], id)
	}
}

// finish ID: ends a key now, as another program might.
func finish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: finish ID")
	}
	records, err := store.Open(context.Background(), ts.Getenv("DB"))
	ts.Check(err)
	defer func() { ts.Check(records.Close()) }()
	issuer := client.Issuer{Keeper: client.Keeper{Records: records, Vault: vaultOf(ts), Actor: model.Actor{By: "another program"}}}
	_, err = issuer.End(context.Background(), args[0], time.Now())
	ts.Check(err)
}

func vaultOf(ts *testscript.TestScript) *seal.Vault {
	// The least work that a passphrase can take: the tests are not about how long it takes to guess.
	vault, err := seal.Open(seal.Options{IdentityPath: ts.Getenv("IDENTITY"), Own: true, WorkFactor: 1})
	ts.Check(err)
	return vault
}

// lock PASSPHRASE: puts a passphrase on the identity.
func lock(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: lock PASSPHRASE")
	}
	ts.Check(vaultOf(ts).Protect([]byte(args[0])))
}

// mode WANT FILE: the file has this mode.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode WANT FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// nothing: the program has made no file anywhere.
func nothing(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: nothing")
	}
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"} {
		if _, err := os.Lstat(ts.Getenv(name)); err == nil {
			ts.Fatalf("%s was made", name)
		}
	}
}
