package e2e

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"clavier/e2e/program"
	"clavier/e2e/term"
)

// watcher reads the arguments and the environment of every process over and over until it is stopped.
type watcher struct {
	stop chan struct{}
	done sync.WaitGroup

	mu   sync.Mutex
	seen map[string]bool
}

func watchProcesses(tb testing.TB) *watcher {
	w := &watcher{stop: make(chan struct{}), seen: map[string]bool{}}
	w.done.Go(func() {
		for {
			select {
			case <-w.stop:
				return
			default:
				w.look()
			}
		}
	})
	tb.Cleanup(w.end)
	return w
}

func (w *watcher) look() {
	for _, file := range []string{"cmdline", "environ"} {
		paths, _ := filepath.Glob("/proc/[0-9]*/" + file)
		for _, path := range paths {
			content, err := os.ReadFile(path) // a process that has ended meanwhile has none
			if err != nil || len(content) == 0 {
				continue
			}
			w.mu.Lock()
			w.seen[string(content)] = true
			w.mu.Unlock()
		}
	}
}

func (w *watcher) end() {
	select {
	case <-w.stop:
	default:
		close(w.stop)
	}
	w.done.Wait()
}

// saw tells whether text has stood in the arguments or the environment of a process.
func (w *watcher) saw(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for content := range w.seen {
		if strings.Contains(content, text) {
			return true
		}
	}
	return false
}

// TestT20NoSecretInProcesses: while keys are made, shown, copied and verified, on the screen and by command, no process
// of the machine has a secret among its arguments or in its environment.
func TestT20NoSecretInProcesses(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{TmuxConf: []string{"set -s set-clipboard external"}})
	p.tmux = true
	w := watchProcesses(t)
	secrets := p.create("staging", "production")
	x := p.open()
	waitSelected(x, "production")
	x.Type("nthird")
	x.WaitFor("enter creates it")
	x.Key(term.Enter)
	secrets = append(secrets, secretShape.FindString(x.WaitFor("third was created").String()))
	leave(p.tb, x, "was created")
	for range 3 {
		_, before := lastClip(x)
		x.Type("c")
		eventually(p.tb, "the copy", func() bool { _, now := lastClip(x); return now > before })
	}
	x.Key(term.Enter)
	x.WaitFor("┌ third")
	x.Type("v")
	x.WaitFor("Hidden again in ")
	for _, command := range []string{"create", "show", "copy", "verify"} {
		// A command lives for a moment only, which the watcher may miss many times on a busy machine.
		within(p.tb, 6*term.Patience(), command+" to be seen", func() bool {
			switch command {
			case "create":
				secrets = append(secrets, p.create("key-"+p.suffix())...)
			case "verify":
				p.Run(p.tb, secrets[0]+"\n", nil, "verify")
			case "copy":
				if code := p.open("copy", "staging").WaitExit(); code != 0 {
					p.tb.Fatalf("copy: code %d", code)
				}
			default:
				p.run(command, "staging")
			}
			return w.saw("clavier\x00" + command)
		})
	}
	x.Signal(os.Interrupt)
	x.WaitExit()
	w.end()
	if !w.saw("XDG_CONFIG_HOME=" + filepath.Join(p.Dir, "config")) {
		p.tb.Errorf("no environment was seen")
	}
	for _, secret := range secrets {
		body := secret[len("clv_"):]
		for _, form := range []string{body[:8], body[12:20], base64.StdEncoding.EncodeToString([]byte(secret))[:20]} {
			if w.saw(form) {
				p.tb.Errorf("part of a secret was among the arguments or in the environment of a process")
			}
		}
	}
}

// suffix is a number that no key of the home has in its name.
func (p *place) suffix() string { return strings.Repeat("i", len(p.keys())) }

// TestT20NoSecretIsHandedOver: of all the programs that are started for a create, a show, a copy and its clearing, none
// is given a secret as an argument or in its environment. The kernel's own record is read, so that none is too short.
func TestT20NoSecretIsHandedOver(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{})
	p.WriteSettings(p.tb, "clipboard_clear = \"1s\"\n")
	secret := p.create("production")[0]
	record := filepath.Join(p.Dir, "execs")
	opts := p.opts
	opts.Env, opts.Dir = p.Env(opts.Env...), p.Dir
	x := term.StartTmux(p.tb, opts, term.NeedTool(p.tb, "strace"), "-f", "-qq", "-v", "-s", "65536", "-e", "trace=execve", "-o", record,
		program.Path(p.tb))
	waitSelected(x, "production")
	x.Type("c")
	waitClip(p.tb, x, "the copy", func(text string) bool { return text == secret })
	waitClip(p.tb, x, "the clearing", func(text string) bool { return text == " " })
	x.Type("nstaging")
	x.WaitFor("enter creates it")
	x.Key(term.Enter)
	made := secretShape.FindString(x.WaitFor("staging was created").String())
	x.Type("c")
	waitClip(p.tb, x, "the second copy", func(text string) bool { return text == made })
	leave(p.tb, x, "was created")
	x.Type("q")
	if code := x.WaitExit(); code != 0 {
		p.tb.Errorf("code %d", code)
	}
	content, err := os.ReadFile(record)
	p.must(err)
	for _, seen := range []string{`"load-buffer", "-w"`, `"delete-buffer"`, "XDG_CONFIG_HOME=" + p.Dir} {
		if !strings.Contains(string(content), seen) {
			p.tb.Fatalf("the record does not hold %s", seen)
		}
	}
	for _, s := range []string{secret, made} {
		if leaks(content, s) != 0 || strings.Contains(string(content), base64.StdEncoding.EncodeToString([]byte(s))) {
			p.tb.Errorf("a secret was handed to a program")
		}
	}
}
