//go:build linux || darwin

package e2e

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"

	"clavier/e2e/term"
	"clavier/seal"
)

// protect gives the home an identity behind a passphrase.
var protect = map[string]func(p *place, passphrase string){
	"age": func(p *place, passphrase string) {
		// The least work that a passphrase can take: this is not about how long it takes to guess.
		vault, err := seal.Open(seal.Options{IdentityPath: p.Identity(), Own: true, WorkFactor: 1})
		p.must(err)
		p.must(vault.Protect([]byte(passphrase)))
	},
	"ssh": func(p *place, passphrase string) {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		p.must(err)
		block, err := ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(passphrase))
		p.must(err)
		shown, err := ssh.NewPublicKey(public)
		p.must(err)
		dir := filepath.Join(p.Dir, ".ssh")
		p.must(os.Mkdir(dir, 0o700))
		p.must(os.WriteFile(filepath.Join(dir, "id_ed25519"), pem.EncodeToMemory(block), 0o600))
		p.must(os.WriteFile(filepath.Join(dir, "id_ed25519.pub"), ssh.MarshalAuthorizedKey(shown), 0o600))
		p.WriteSettings(p.tb, "identity = \"~/.ssh/id_ed25519\"\n")
	},
}

// TestProtectedIdentity: creating, listing and deleting never ask for the passphrase; showing asks, refuses a wrong one,
// and after the right one does not ask again.
func TestProtectedIdentity(t *testing.T) {
	t.Parallel()
	for kind, lock := range protect {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			everywhere(t, term.Options{}, func(p *place) {
				passphrase := rand.Text()
				lock(p, passphrase)
				secrets := p.create("one", "two", "three")
				x := p.open()
				waitSelected(x, "three")
				x.Type("dthree")
				x.WaitFor("[ enter deletes it for good ]")
				x.Key(term.Enter)
				x.WaitFor("deleted three for good")
				waitSelected(x, "two")
				x.Type("nfour")
				x.WaitFor("enter creates it")
				x.Key(term.Enter)
				x.WaitFor("four was created")
				leave(p.tb, x, "was created")
				waitSelected(x, "four")
				x.Type("j")
				waitSelected(x, "two")

				x.Key(term.Enter)
				x.WaitFor("┌ two")
				x.Type("v")
				x.WaitFor("┌ Unlock the identity")
				x.Type("wrong" + passphrase)
				x.Key(term.Enter)
				s := x.WaitFor("wrong passphrase")
				if s.Contains(passphrase) {
					p.tb.Errorf("the passphrase is on the screen")
				}
				x.Type(passphrase)
				x.WaitFor("••••")
				x.Key(term.Enter)
				s = x.WaitFor("Hidden again in ")
				mustShow(p.tb, s, secrets[1])
				x.Key(term.Esc)
				waitList(x, 3)
				x.Type("jc")
				s = x.WaitFor("copied one · ")
				if s.Contains("Unlock the identity") {
					p.tb.Errorf("it asks again\n%s", s.Frame())
				}
				waitClip(p.tb, x, "the secret at the far end", func(text string) bool { return text == secrets[0] })
				if bytes.Contains(x.Raw(), []byte(passphrase)) {
					p.tb.Errorf("the passphrase was sent to the terminal")
				}
			})
		})
	}
}

// TestProtectCommand: identity protect asks twice on the terminal, shows nothing of the passphrase, and afterwards show
// asks for it.
func TestProtectCommand(t *testing.T) {
	t.Parallel()
	p := atTerminal(t, term.Options{Cols: 120})
	p.create("production")
	passphrase := rand.Text()
	x := p.Start(p.tb, p.opts, "identity", "protect")
	answer(x, "New passphrase:", passphrase)
	answer(x, "The same again:", passphrase)
	// Deriving a key from the passphrase takes seconds on purpose.
	within(p.tb, 6*term.Patience(), "the end of the work", func() bool { return x.Screen().Contains(" is protected; ") })
	if code := x.WaitExit(); code != 0 {
		p.tb.Errorf("code %d", code)
	}
	x.MustBeWhole(p.tb)
	mustBePrivate(p.tb, p.Config())
	y := p.Start(p.tb, p.opts, "show", "production")
	y.WaitFor("Passphrase of the identity:")
	y.Key(term.CtrlC)
	if code := y.WaitExit(); code != 1 || !y.Screen().Contains("clavier: interrupted; nothing was done") {
		p.tb.Errorf("ctrl+c at the question: code %d\n%s", code, y.Screen().Frame())
	}
	y.MustBeWhole(p.tb)
	for _, raw := range [][]byte{x.Raw(), y.Raw()} {
		if bytes.Contains(raw, []byte(passphrase)) {
			p.tb.Errorf("the passphrase was sent to the terminal")
		}
	}
}

// answer types an answer to the question in the line of the cursor.
func answer(x term.Terminal, question, text string) {
	x.WaitUntil("the question "+question, func(s term.Screen) bool { return s.Line(s.CursorY) == question })
	x.Type(text)
	x.Key(term.Enter)
}

// TestShowAsksForThePassphrase: the plain command asks on the terminal, again after a wrong answer.
func TestShowAsksForThePassphrase(t *testing.T) {
	t.Parallel()
	everywhere(t, term.Options{}, func(p *place) {
		passphrase := rand.Text()
		protect["age"](p, passphrase)
		secrets := p.create("production")
		x := p.open("show", "production")
		answer(x, "Passphrase of the identity:", "wrong"+passphrase)
		x.WaitFor("try again")
		answer(x, "Passphrase of the identity:", passphrase)
		if code := x.WaitExit(); code != 0 {
			p.tb.Errorf("code %d", code)
		}
		s := x.Screen()
		mustShow(p.tb, s, secrets[0])
		if s.Contains(passphrase) {
			p.tb.Errorf("the passphrase is on the screen")
		}
	})
}
