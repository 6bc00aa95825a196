package seal

import (
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestRecipientRefusals(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	good := id.Recipient().String()
	damaged := good[:len(good)-1] + "b"
	if strings.HasSuffix(good, "b") {
		damaged = good[:len(good)-1] + "c"
	}
	for _, test := range []struct{ name, text, want string }{
		{"blank", " ", "it is empty; a recipient starts with age1, ssh-ed25519 or ssh-rsa"},
		{"word", "me@example.org", `"me@example.org" is no recipient; a recipient starts with age1, ssh-ed25519 or ssh-rsa`},
		{"hostile", "\x1b[2J\u202e", `"\x1b[2J\u202e" is no recipient; a recipient starts with age1, ssh-ed25519 or ssh-rsa`},
		{"changed", damaged, `is no age recipient: a character was changed or lost`},
		{"cut", good[:20], `"` + good[:20] + `" is no age recipient: a character was changed or lost`},
		{"plugin", "age1yubikey1qqq", `is no age recipient`},
		{"post-quantum, cut", "age1pq1qqq", `is no age recipient`},
		{"ssh, cut", "ssh-ed25519 AAAAC3Nz", `is no SSH public key: a character was changed or lost`},
		{"ssh of another kind", "ssh-dss AAAAB3NzaC1kc3M=", `is no SSH public key`},
		{"secret key", id.String(), "it is a secret key, which belongs into no settings; give its public recipient (age1... or ssh-...)"},
		{"secret key in lower case", strings.ToLower(id.String()), "it is a secret key"},
		{"SSH private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc", "it is a secret key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(Options{IdentityPath: "/x", Recipients: []string{good, test.text}})
			if err == nil || !strings.HasPrefix(err.Error(), "recipient 2: ") || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(strings.ToUpper(err.Error()), strings.ToUpper(id.String())[16:24]) {
				t.Error("the error shows the secret key")
			}
			if err := CheckRecipient(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := CheckRecipient("  " + good + "\n"); err != nil {
		t.Error(err)
	}
	if _, err := Open(Options{IdentityPath: "identity.txt"}); err == nil {
		t.Error("a relative path was taken")
	}
}

// TestFurtherRecipients: each of them opens what was sealed; doubles count once.
func TestFurtherRecipients(t *testing.T) {
	other := newOptions(t)
	theirs, err := open(t, other).Recipients()
	if err != nil {
		t.Fatal(err)
	}
	sshPath, public := makeSSH(t, "", "-t", "ed25519")
	opts := newOptions(t)
	opts.Recipients = []string{theirs[0], public + " some comment", public, theirs[0]}
	v := open(t, opts)
	got, err := v.Recipients()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || !slices.Equal(got[1:], []string{theirs[0], public}) {
		t.Errorf("recipients are %v", got)
	}
	secret := drawSecret(t)
	sealed := mustSeal(t, v, secret)
	wantOpens(t, v, sealed, secret)
	wantOpens(t, open(t, other), sealed, secret)
	wantOpens(t, open(t, Options{IdentityPath: sshPath}), sealed, secret)
}

// TestPostQuantum: age seals to post-quantum recipients only or to none, and a mixture is refused in a sentence.
func TestPostQuantum(t *testing.T) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	opts := newOptions(t)
	opts.Recipients = []string{id.Recipient().String()}
	_, err = open(t, opts).Seal(drawSecret(t))
	if err == nil || !strings.Contains(err.Error(), "age seals to post-quantum recipients (age1pq1...) only or to none") {
		t.Errorf("got %v", err)
	}
	path := writeIdentity(t, id.String()+"\n")
	v := open(t, Options{IdentityPath: path, Recipients: opts.Recipients})
	secret := drawSecret(t)
	wantOpens(t, v, mustSeal(t, v, secret), secret)
}

// TestSeveralIdentities: an identity file may hold several; secrets are sealed to all, and each of them opens.
func TestSeveralIdentities(t *testing.T) {
	one, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	two, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	both := writeIdentity(t, "# mine\n"+one.String()+"\n\n"+two.String()+"\n")
	secret := drawSecret(t)
	sealed := mustSeal(t, open(t, Options{IdentityPath: both}), secret)
	for _, id := range []*age.X25519Identity{one, two} {
		wantOpens(t, open(t, Options{IdentityPath: writeIdentity(t, id.String())}), sealed, secret)
	}
}
