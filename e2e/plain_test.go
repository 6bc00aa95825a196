//go:build linux || darwin

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"clavier/e2e/program"
	"clavier/e2e/term"
)

// TestScreenNeedsATerminal: without one, and on a dumb one, there is one sentence and exit code 2, and nothing is made.
func TestScreenNeedsATerminal(t *testing.T) {
	t.Parallel()
	oneSentence := func(p *place, text, says string, code int) {
		p.tb.Helper()
		text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
		if code != 2 || !strings.HasPrefix(text, "clavier: ") || !strings.Contains(text, says) || strings.ContainsAny(text, "\n\x1b") {
			p.tb.Errorf("code %d: %q", code, text)
		}
		if _, err := os.Stat(p.Data()); err == nil {
			p.tb.Errorf("the store was made")
		}
	}
	t.Run("no terminal", func(t *testing.T) {
		p := atTerminal(t, term.Options{})
		r := p.Run(p.tb, "q", nil)
		oneSentence(p, r.Out+r.Err, "the screen needs a terminal on standard input and output", r.Code)
	})
	for _, redirect := range []string{"< /dev/null", "> /dev/null", "| cat", "2> /dev/null < /dev/null"} {
		t.Run(redirect, func(t *testing.T) {
			p := atTerminal(t, term.Options{Cols: 400})
			opts := p.opts
			opts.Env, opts.Dir = p.Env(opts.Env...), p.Dir
			x := term.Start(p.tb, opts, "sh", "-c", `{ "$0"; echo "code $?" >&3; } 3>code `+redirect, program.Path(p.tb))
			x.WaitExit()
			x.MustBeWhole(p.tb)
			code, err := os.ReadFile(p.Dir + "/code")
			p.must(err)
			if string(code) != "code 2\n" {
				p.tb.Errorf("%s", code)
			}
			if strings.HasPrefix(redirect, "2>") {
				return
			}
			oneSentence(p, string(x.Raw()), "the screen needs a terminal on standard input and output", 2)
		})
	}
	t.Run("dumb", func(t *testing.T) {
		p := atTerminal(t, term.Options{Cols: 400, Env: []string{"TERM=dumb"}})
		x := p.Start(p.tb, p.opts)
		code := x.WaitExit()
		x.MustBeWhole(p.tb)
		oneSentence(p, string(x.Raw()), "TERM=dumb", code)
	})
}

// TestPlainCommands: the whole job without the screen, as a script and as somebody with a screen reader does it on a dumb
// terminal.
func TestPlainCommands(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{})
	bin := program.Path(p.tb)
	const script = `set -eu
secret=$("$0" create production 2>made)
[ "$("$0" show production)" = "$secret" ]
[ "$(printf '%s\n' "$secret" | "$0" verify)" = production ]
"$0" create staging >/dev/null 2>&1
"$0" list --json >list.json
if "$0" delete production </dev/null 2>refused; then exit 3; fi
if "$0" delete production --confirm Production 2>>refused; then exit 4; fi
[ "$(printf '%s\n' "$secret" | "$0" verify)" = production ]
"$0" delete production --confirm production
if printf '%s\n' "$secret" | "$0" verify 2>unknown; then exit 5; fi
if "$0" show production 2>>unknown; then exit 6; fi
"$0" list`
	cmd := exec.Command("sh", "-c", script, bin)
	cmd.Dir, cmd.Env = p.Dir, p.Env("TERM=dumb", "TZ=UTC")
	out, err := cmd.CombinedOutput()
	if err != nil {
		p.tb.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "staging") || !strings.Contains(string(out), `deleted "production"`) {
		p.tb.Errorf("it printed\n%s", out)
	}
	content, err := os.ReadFile(p.Dir + "/list.json")
	p.must(err)
	var keys []map[string]any
	p.must(json.Unmarshal(content, &keys))
	if len(keys) != 2 || keys[0]["name"] != "staging" || keys[1]["name"] != "production" {
		p.tb.Errorf("list --json printed\n%s", content)
	}
	for _, key := range keys {
		for _, field := range []string{"id", "name", "hint", "created_at", "last_used_at", "expires_at", "status"} {
			if _, ok := key[field]; !ok {
				p.tb.Errorf("no field %s in\n%s", field, content)
			}
		}
		if key["expires_at"] != nil || key["secret"] != nil {
			p.tb.Errorf("list --json printed\n%s", content)
		}
	}
}

// TestDeleteCommandAsks: on a terminal, a dumb one too, the plain command asks for the typed name.
func TestDeleteCommandAsks(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		if !p.tmux { // which does not start on a dumb one
			p.opts.Env = append(p.opts.Env, "TERM=dumb")
		}
		p.create("Production")
		for _, wrong := range []string{"production", "", "Production "} {
			x := p.open("delete", "Production")
			s := x.WaitFor(`Type the name "Production" to delete it:`)
			if !s.Contains("cannot be undone") {
				p.tb.Errorf("the question\n%s", s.Frame())
			}
			x.Type(wrong)
			x.Key(term.Enter)
			if code := x.WaitExit(); code != 1 || !x.Screen().Contains("nothing was deleted") {
				p.tb.Errorf("%q: code %d\n%s", wrong, code, x.Screen().Frame())
			}
		}
		x := p.open("delete", "Production")
		x.WaitFor("to delete it:")
		x.Key(term.CtrlC)
		if code := x.WaitExit(); code == 0 {
			p.tb.Errorf("ctrl+c: code %d", code)
		}
		if len(p.keys()) != 1 {
			p.tb.Fatalf("the key is gone")
		}
		x = p.open("delete", "Production")
		x.WaitFor("to delete it:")
		x.Type("Production")
		x.Key(term.Enter)
		if code := x.WaitExit(); code != 0 || !x.Screen().Contains(`deleted "Production"`) {
			p.tb.Errorf("code %d\n%s", code, x.Screen().Frame())
		}
		if len(p.keys()) != 0 {
			p.tb.Errorf("the key is still there")
		}
	})
}
