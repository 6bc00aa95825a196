package config

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

func xdgOfMac() bool { return runtime.GOOS == "darwin" }

// TestFileRefusals holds every refusal of the settings file to its exact place and sentence.
func TestFileRefusals(t *testing.T) {
	checkRecipient := func(s string) error {
		if strings.HasPrefix(s, "age1") {
			return nil
		}
		return errors.New("not one")
	}
	for _, test := range []struct{ name, content, want string }{
		{"near name", "# mine\n\nclipbord = \"auto\"\n", `3:1: unknown setting "clipbord"; did you mean "clipboard"?`},
		{"far name", "colour = 1", `1:1: unknown setting "colour"; there is profile, clipboard, clipboard_clear, reveal, renderer, identity, recipients, protect, stale, profiles`},
		{"case of a name", `Clipboard = "auto"`, `1:1: unknown setting "Clipboard"; did you mean "clipboard"?`},
		{"hostile name", "\"a\\u202Eb\" = 1", `1:1: unknown setting "a\u202eb"; there is profile, clipboard, clipboard_clear, reveal, renderer, identity, recipients, protect, stale, profiles`},
		{"byte order mark and CRLF", "\ufeffreveal = \"1s\"\r\nrevael = 1\r\n", `2:1: unknown setting "revael"; did you mean "reveal"?`},

		{"number for string", "reveal = 5", `1:10: "reveal" is a string such as "30s", not a number`},
		{"boolean for string", "clipboard = true", `1:13: "clipboard" is a string such as "auto", not a boolean`},
		{"float for string", "reveal = 1.5", `1:10: "reveal" is a string such as "30s", not a number`},
		{"date for string", "reveal = 2026-01-01", `1:10: "reveal" is a string such as "30s", not a date or time`},
		{"list for string", "identity = [\"/a\"]", `1:1: "identity" is a string such as "~/.ssh/id_ed25519", not a list`},
		{"string for list", `recipients = "age1"`, `1:14: "recipients" is a list of strings such as ["age1..."], not a string`},
		{"number in list, column in characters", "recipients = [\"age1é\", 3]", `1:24: "recipients" is a list of strings such as ["age1..."], not a number`},
		{"table for setting", "[reveal]", `1:2: "reveal" is a setting, not a table`},
		{"inline table for setting", "reveal = {a = 1}", `1:1: "reveal" is a setting, not a table`},
		{"dotted setting", "reveal.a = 1", `1:1: "reveal" is a setting, not a table`},
		{"list of tables", "[[profiles]]", `1:3: the one list of tables is [[profiles.NAME.apis]]`},

		{"bad choice", `clipboard = "osc"`, `1:13: "clipboard" is one of auto, native, osc52, tmux, none, not "osc"; did you mean "osc52"?`},
		{"bad renderer", `renderer = "gpu"`, `1:12: "renderer" is one of cells, stock, not "gpu"`},
		{"too short", `reveal = "999ms"`, `1:10: "reveal" is a duration from 1s to 30s such as "10s", not "999ms"`},
		{"too long", `reveal = "31s"`, `1:10: "reveal" is a duration from 1s to 30s such as "10s", not "31s"`},
		{"no duration", `clipboard_clear = "soon"`, `1:19: "clipboard_clear" is "0" (off) or a duration from 1s to 1h such as "45s", not "soon"`},
		{"no unit", `clipboard_clear = "45"`, `1:19: "clipboard_clear" is "0" (off) or a duration from 1s to 1h such as "45s", not "45"`},
		{"negative", `clipboard_clear = "-1s"`, `1:19: "clipboard_clear" is "0" (off) or a duration from 1s to 1h such as "45s", not "-1s"`},
		{"relative path", `identity = "id.txt"`, `1:12: "identity" is a path that starts with / or ~/, not "id.txt"`},
		{"path of another user", `identity = "~root/id"`, `1:12: "identity" is a path that starts with / or ~/, not "~root/id"`},
		{"bad recipient", "recipients = [\n  \"age1a\",\n  \"x\"]", `3:3: bad recipient: not one`},
		{"list of numbers", "protect = [1]", `1:12: "protect" is a list of strings such as ["*prod*"], not a number`},
		{"string for patterns", "[profiles.a]\nprotect = \"x\"", `2:11: "protect" is a list of strings such as ["*prod*"], not a string`},
		{"blank pattern", "protect = [\"a\", \"\"]", `1:17: a pattern is blank; one that fits every name is *`},
		{"bad pattern", "[profiles.a]\nprotect = [\"*\",\n\"[a\"]", `3:1: the pattern "[a" is not complete; a plain [ or \ is written \[ or \\`},
		{"number for span", "[stale]\nolder = 90", `2:9: "stale.older" is a string such as "90d", not a number`},
		{"no span", "stale.unused = \"soon\"", `1:16: "stale.unused" is a span from 1h to 100y such as "90d" (units h, d, w, mo, y), not "soon"`},
		{"span of nothing", "stale = { never = \"0d\" }", `1:19: "stale.never" is a span from 1h to 100y such as "90d" (units h, d, w, mo, y), not "0d"`},
		{"span of 101 years", "[stale]\nnever = \"101y\"", `2:9: "stale.never" is a span from 1h to 100y such as "90d" (units h, d, w, mo, y), not "101y"`},
		{"unknown in a table", "[stale]\noldr = \"1d\"", `2:1: unknown setting "oldr"; did you mean "older"?`},
		{"unlike anything in a table", "stale.age = \"1d\"", `1:7: unknown setting "age"; there is older, unused, never`},
		{"outer setting in a table", "[stale]\nreveal = \"1s\"", `2:1: unknown setting "reveal"; there is older, unused, never`},
		{"table in a table", "[stale.older]", `1:8: [stale] has settings only, no table "older"`},
		{"inline table in a table", "[stale]\nolder = {}", `2:1: [stale] has settings only, no table "older"`},
		{"dotted deeper", "stale.older.days = \"90d\"", `1:7: [stale] has settings only, no table "older"`},
		{"value for a table", "stale = \"90d\"", `1:1: "stale" is a table: write [stale]`},
		{"name with a dot", "\"stale.older\" = \"90d\"", `1:1: unknown setting "stale.older"; there is profile, clipboard, clipboard_clear, reveal, renderer, identity, recipients, protect, stale, profiles`},
		{"table of a profile", "[profiles.a.stale]", `1:13: a profile has settings only, no table "stale"`},
		{"table that is nearly one", "[stal]", `1:2: unknown table "stal"; did you mean "stale"?`},
		{"set twice in a table", "stale.older = \"1d\"\nstale = { older = \"1d\" }", `2:11: "stale.older" is set twice, first in line 1`},
		{"blank recipient", `recipients = [" "]`, `1:15: a recipient is blank; it starts with age1, ssh-ed25519 or ssh-rsa`},

		{"profile that is not there", "reveal = \"1s\"\nprofile = \"wrk\"\n[profiles.work]", `2:11: there is no profile "wrk"; did you mean "work"?`},
		{"bad profile name", `profile = "a b"`, `1:11: the name of a profile has 1 to 32 letters, digits, - or _; "a b" is none`},
		{"bad table name", "[profiles.\"../x\"]", `1:11: the name of a profile has 1 to 32 letters, digits, - or _; "../x" is none`},
		{"long table name", "[profiles." + strings.Repeat("a", 33) + "]", `1:11: the name of a profile has 1 to 32 letters, digits, - or _; "` + strings.Repeat("a", 33) + `" is none`},
		{"same name but for case", "[profiles.a]\n[profiles.A]", `2:11: profile "A" differs from "a" in case only, and some systems would give both one file`},
		{"default but for case", "[profiles.LOCAL]", `1:11: profile "LOCAL" differs from "local" in case only, and some systems would give both one file`},
		{"without s", "[profile.work]", `1:2: the table of a profile is named [profiles.NAME], with an s`},
		{"unknown in profile", "[profiles.a]\nprefx = \"x_\"", `2:1: unknown setting "prefx"; did you mean "prefix"?`},
		{"outer setting in profile", "[profiles.a]\nclipboard = \"auto\"", `2:1: unknown setting "clipboard"; there is provider, preset, console, url, token, ca, prefix, store, identity, recipients, protect, apis`},
		{"unknown in inline profile", "profiles = { a = { prefix = \"x_\", stoer = \"/x\" } }", `1:35: unknown setting "stoer"; did you mean "store"?`},
		{"bad prefix", "[profiles.a]\nprefix = \"x\"", `2:10: a prefix has 2 to 16 characters: a letter, then letters, digits or _, and _ at the end, such as clv_`},
		{"bad provider", "[profiles.a]\nprovider = \"cloud\"", `2:12: "provider" is one of local, manual, service, not "cloud"`},
		{"table in profile", "[profiles.a.b]", `1:13: a profile has settings only, no table "b"`},
		{"value for profile", "profiles.a = 1", `1:10: "profiles.a" is a table: write [profiles.NAME]`},
		{"value for profiles", "profiles = 1", `1:1: "profiles" is a table: write [profiles.NAME]`},
		{"unknown table", "[profils.a]", `1:2: unknown table "profils"; did you mean "profiles"?`},

		{"set twice", "reveal = \"1s\"\nreveal = \"1s\"", `2:1: "reveal" is set twice, first in line 1`},
		{"table twice", "[profiles.a]\n[profiles.a]", `2:2: table a already exists`},
		{"no value", "reveal =\n", `1:9: unexpected character U+000A at start of value`},
		{"no quotes", "reveal = soon\n", `1:10: unexpected character U+0073 's' at start of value`},
		{"unclosed string", "reveal = \"1s", `1:12: unterminated basic string`},
		{"escape in a comment", "# \x1b[2J", `1:3: control characters are not allowed in comments`},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := newHome(t)
			writeFile(t, file, test.content)
			_, err := Load(Source{Environ: []string{}, CheckRecipient: checkRecipient})
			if err == nil {
				t.Fatal("accepted")
			}
			if got := strings.TrimPrefix(err.Error(), file+":"); got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestOutsideRefusals(t *testing.T) {
	for _, test := range []struct {
		name string
		src  Source
		want string
	}{
		{"near variable", Source{Environ: []string{"CLAVIER_CLIPBORD=x"}}, `CLAVIER_CLIPBORD: this environment variable is no setting; did you mean CLAVIER_CLIPBOARD?`},
		{"lower case", Source{Environ: []string{"CLAVIER_clipboard=auto"}}, `CLAVIER_clipboard: this environment variable is no setting; did you mean CLAVIER_CLIPBOARD?`},
		{"far variable", Source{Environ: []string{"CLAVIER_TOKEN_X=secret-value"}}, `CLAVIER_TOKEN_X: this environment variable is no setting; unset it, or use one of CLAVIER_CONFIG, ` +
			`CLAVIER_PROFILE, CLAVIER_CLIPBOARD, CLAVIER_CLIPBOARD_CLEAR, CLAVIER_REVEAL, CLAVIER_RENDERER, CLAVIER_STALE_OLDER, ` +
			`CLAVIER_STALE_UNUSED, CLAVIER_STALE_NEVER, CLAVIER_IDENTITY, CLAVIER_RECIPIENTS, CLAVIER_PROTECT`},
		{"bad variable", Source{Environ: []string{"CLAVIER_REVEAL=1h"}}, `CLAVIER_REVEAL: "reveal" is a duration from 1s to 30s such as "10s", not "1h"`},
		{"bad span", Source{Environ: []string{"CLAVIER_STALE_OLDER=90"}}, `CLAVIER_STALE_OLDER: "stale.older" is a span from 1h to 100y such as "90d" (units h, d, w, mo, y), not "90"`},
		{"bad pattern", Source{Environ: []string{"CLAVIER_PROTECT=a,[b"}}, `CLAVIER_PROTECT: the pattern "[b" is not complete; a plain [ or \ is written \[ or \\`},
		{"near variable of a table", Source{Environ: []string{"CLAVIER_STALE_OLDR=1d"}}, `CLAVIER_STALE_OLDR: this environment variable is no setting; did you mean CLAVIER_STALE_OLDER?`},
		{"dot in a variable", Source{Environ: []string{"CLAVIER_STALE.OLDER=1d"}}, `CLAVIER_STALE.OLDER: this environment variable is no setting; did you mean CLAVIER_STALE_OLDER?`},
		{"profile by variable", Source{Environ: []string{"CLAVIER_PROFILE=locl"}}, `CLAVIER_PROFILE: there is no profile "locl"; did you mean "local"?`},
		{"profile by flag", Source{Environ: []string{}, Flags: map[string]string{"profile": "prod"}}, `--profile: there is no profile "prod"; there is local`},
		{"empty flag", Source{Environ: []string{}, Flags: map[string]string{"profile": ""}}, `--profile: the name of a profile has 1 to 32 letters, digits, - or _; "" is none`},
		{"hostile flag", Source{Environ: []string{}, Flags: map[string]string{"clipboard": "\x1b[2J\n"}}, `--clipboard: "clipboard" is one of auto, native, osc52, tmux, none, not "\x1b[2J\n"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			newHome(t)
			_, err := Load(test.src)
			if err == nil || err.Error() != test.want {
				t.Errorf("\ngot  %v\nwant %s", err, test.want)
			}
		})
	}
}

// TestForeignVariables names what others set or tests need, which is no setting and no mistake.
func TestForeignVariables(t *testing.T) {
	newHome(t)
	load(t, Source{Environ: []string{"CLAVIER_REQUIRE_ALL=1", "CLAVIER_TEST_CHILD=1", "CLAVIER_SERVE_LISTEN=:1", "CLAVIER_SERVICE_HOST=10.0.0.1",
		"CLAVIER_PORT=tcp://10.0.0.1:80", "CLAVIER_PORT_80_TCP=tcp://10.0.0.1:80", "CLAVIER_REVEAL=", "PATH=/bin", "=C:=x", "ODD"}})
}

// FuzzFile: no file makes the loader panic, and every refusal has a place.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{"", "reveal = \"1s\"", "[profiles.a]\nprefix = \"x_\"", "profiles = {a = {}}", "recipients = [\n\"a\" # b\n]",
		"[[a]]", "a.b.c = [{}]", "\ufeff", "x = \"\\uD800\"", "x = '''", "[profiles]\n[profiles.a]\n[profiles]", "\"\" = 1", "profiles.\"\" = {}",
		"[stale]\nolder = \"1d\"", "stale = {never = {}}", "protect = [[]]", "[[profiles.a.apis]]\nname = \"b\"\nurl = \"https://c\"\nalive = [\n1, # x\n]", "[[profiles.a.apis]]\na.b = {}", "profiles.a.apis = [{}]", "\"stale.older\" = 1", "stale.older.x = 1", "protect = [\"[\"]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		err := newFileReader("config.toml", content).read()
		if err == nil {
			return
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("error %v is no *Error", err)
		}
		if e.Line < 1 || e.Column < 1 || e.Line > 1+strings.Count(string(content), "\n") || e.Text == "" {
			t.Fatalf("error %v has no place", err)
		}
		if strings.ContainsAny(err.Error(), "\n\r\x1b") {
			t.Fatalf("error %q cannot be shown", err)
		}
	})
}
