package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"golang.org/x/crypto/ssh"

	"clavier/model"
)

// maxIdentitySize bounds what is read as an identity file: an RSA key of 16384 bits in PEM takes 13 KiB.
const maxIdentitySize = 64 << 10

// The kinds of identity file.
const (
	kindAge = "age"
	kindSSH = "ssh"
)

// identity is an identity file as it was read.
type identity struct {
	path      string
	info      fs.FileInfo
	kind      string
	protected bool
	sealed    []byte         // what the passphrase opens, if protected; for age without armor
	own       []recipient    // the public half; empty if the .pub file that should show it is missing
	opened    []age.Identity // empty while locked
	plain     []byte         // of an opened age identity: the content of its file without protection
}

// Format writes "[identity]" whatever the verb and flags.
func (id *identity) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[identity]") }

func (id *identity) locked() bool { return len(id.opened) == 0 }

// wipe forgets what can be forgotten of the secret half.
func (id *identity) wipe() {
	clear(id.plain)
	id.plain, id.opened = nil, nil
}

// loadIdentity reads the identity file at path. It returns model.ErrModes if others can read or change it, and
// ErrPublicHalf or another error, each a sentence, if it or its .pub file is no such thing.
func loadIdentity(path string) (*identity, error) {
	content, info, err := readFile(path, checkPrivateFile)
	if err != nil {
		return nil, err
	}
	id := &identity{path: path, info: info}
	trimmed := bytes.TrimSpace(content)
	switch {
	case bytes.HasPrefix(content, []byte("age-encryption.org/")), bytes.HasPrefix(trimmed, []byte(armor.Header)):
		err = id.readProtectedAge(content)
	case bytes.HasPrefix(trimmed, []byte("-----BEGIN")):
		err = id.readSSH(content)
	default:
		id.kind = kindAge
		err = id.openAge(content)
	}
	if err != nil {
		return nil, err
	}
	return id, nil
}

// readFile returns the content of a regular file that passes check.
func readFile(path string, check func(string, fs.FileInfo) error) ([]byte, fs.FileInfo, error) {
	// Opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the identity: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a regular file", shown(path))
	}
	if err := check(path, info); err != nil {
		return nil, nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the identity: %w", err)
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil {
		return nil, nil, fmt.Errorf("read the identity: %w", err)
	}
	if err := check(path, info); err != nil {
		return nil, nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, maxIdentitySize+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read the identity: %w", err)
	}
	if len(content) > maxIdentitySize {
		return nil, nil, fmt.Errorf("%s is too large for an identity", shown(path))
	}
	return content, info, nil
}

// openAge takes the content of an age identity file without protection, and the recipients from it.
func (id *identity) openAge(content []byte) error {
	// The errors of ParseIdentities may hold characters of the key.
	opened, err := age.ParseIdentities(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("%s is no identity: it is empty, damaged, or neither an age identity file nor an SSH key", shown(id.path))
	}
	var own []recipient
	for _, o := range opened {
		switch o := o.(type) {
		case *age.X25519Identity:
			own = append(own, recipient{o.Recipient().String(), o.Recipient(), false})
		case *age.HybridIdentity:
			own = append(own, recipient{o.Recipient().String(), o.Recipient(), true})
		default:
			return fmt.Errorf("%s holds an identity of a kind that clavier does not know", shown(id.path))
		}
	}
	id.opened, id.own, id.plain = opened, own, bytes.Clone(content)
	return nil
}

// readProtectedAge takes an identity file that was encrypted with a passphrase, as age -p does, and its public half
// from the .pub file.
func (id *identity) readProtectedAge(content []byte) error {
	id.kind, id.protected = kindAge, true
	if !bytes.HasPrefix(content, []byte("age-encryption.org/")) {
		plain, err := io.ReadAll(armor.NewReader(bytes.NewReader(content)))
		if err != nil {
			return fmt.Errorf("the protected identity %s is damaged", shown(id.path))
		}
		content = plain
	}
	_, stanza, _ := bytes.Cut(content, []byte("\n"))
	if !bytes.HasPrefix(stanza, []byte("-> scrypt ")) {
		return fmt.Errorf("the identity %s is encrypted, but not with a passphrase: clavier cannot open it", shown(id.path))
	}
	id.sealed = content
	pub := id.path + ".pub"
	text, _, err := readFile(pub, checkPublicFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		r, err := parseRecipient(line)
		if err != nil || !strings.HasPrefix(r.text, "age1") {
			return sentence(ErrPublicHalf, "%s holds something that is no age recipient: remove it, "+
				"then run clavier identity recipient and give the passphrase to write it anew", shown(pub))
		}
		id.own = append(id.own, r)
	}
	if len(id.own) == 0 {
		return sentence(ErrPublicHalf, "%s holds no recipient: remove it, "+
			"then run clavier identity recipient and give the passphrase to write it anew", shown(pub))
	}
	return nil
}

// readSSH takes an SSH private key, protected or not.
func (id *identity) readSSH(content []byte) error {
	id.kind = kindSSH
	key, err := ssh.ParseRawPrivateKey(content)
	if missing := (*ssh.PassphraseMissingError)(nil); errors.As(err, &missing) {
		id.protected, id.sealed = true, content
		pub := missing.PublicKey
		if pub == nil { // The older PEM format does not show it.
			if pub, err = readSSHPub(id.path); err != nil {
				return err
			}
		}
		r, err := sshRecipient(pub)
		if err != nil {
			return fmt.Errorf("%s: %w", shown(id.path), err)
		}
		id.own = []recipient{r}
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s cannot be read as an SSH key; clavier takes Ed25519 and RSA keys of OpenSSH", shown(id.path))
	}
	opened, r, err := openSSH(key)
	if err != nil {
		return fmt.Errorf("%s: %w", shown(id.path), err)
	}
	id.opened, id.own = []age.Identity{opened}, []recipient{r}
	return nil
}

func readSSHPub(path string) (ssh.PublicKey, error) {
	text, _, err := readFile(path+".pub", checkPublicFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the SSH key %s is in a format that hides its public half, and %s.pub is missing: "+
			"write it with ssh-keygen -y -f %s > %s.pub", shown(path), shown(path), shellQuote(path), shellQuote(path))
	}
	if err != nil {
		return nil, err
	}
	pub, err := parseSSHPublic(text)
	if err != nil {
		return nil, sentence(ErrPublicHalf, "%s.pub is no SSH public key: write it anew with ssh-keygen -y -f %s > %s.pub",
			shown(path), shellQuote(path), shellQuote(path))
	}
	return pub, nil
}

// openSSH makes an age identity of a private key as x/crypto/ssh returns it.
func openSSH(key any) (age.Identity, recipient, error) {
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return nil, recipient{}, errors.New("the SSH key is of a kind that cannot be an identity; age takes Ed25519 and RSA")
	}
	r, err := sshRecipient(signer.PublicKey())
	if err != nil {
		return nil, recipient{}, err
	}
	var opened age.Identity
	switch key := key.(type) {
	case *ed25519.PrivateKey:
		opened, err = agessh.NewEd25519Identity(*key)
	case ed25519.PrivateKey:
		opened, err = agessh.NewEd25519Identity(key)
	case *rsa.PrivateKey:
		opened, err = agessh.NewRSAIdentity(key)
	default:
		err = errors.New("the SSH key is of a kind that cannot be an identity; age takes Ed25519 and RSA")
	}
	return opened, r, err
}

// open returns what the passphrase opens: a copy of id that is not locked. It returns model.ErrPassphrase if the
// passphrase is wrong and ErrPublicHalf if the public half, of which everybody who seals made use, is of another
// identity.
func (id *identity) open(passphrase []byte) (*identity, error) {
	opened := *id
	var err error
	if id.kind == kindSSH {
		err = opened.unlockSSH(passphrase)
	} else {
		err = opened.unlockAge(passphrase)
	}
	if err != nil {
		return nil, err
	}
	return &opened, nil
}

func (id *identity) unlockAge(passphrase []byte) error {
	scrypt, err := age.NewScryptIdentity(string(passphrase))
	if err != nil {
		return model.ErrPassphrase // an empty one
	}
	r, err := age.Decrypt(bytes.NewReader(id.sealed), scrypt)
	if wrong := (*age.NoIdentityMatchError)(nil); errors.As(err, &wrong) {
		return model.ErrPassphrase
	}
	var plain []byte
	if err == nil {
		plain, err = io.ReadAll(io.LimitReader(r, maxIdentitySize))
	}
	if err != nil {
		return fmt.Errorf("the protected identity %s is damaged", shown(id.path))
	}
	defer clear(plain)
	public := id.own
	if err := id.openAge(plain); err != nil {
		return err
	}
	if len(public) > 0 && !sameRecipients(public, id.own) {
		return sentence(ErrPublicHalf, "%s.pub does not belong to %s, so keys made since it was changed cannot be opened with it: "+
			"remove %s.pub, then run clavier identity recipient", shown(id.path), shown(id.path), shown(id.path))
	}
	return nil
}

func (id *identity) unlockSSH(passphrase []byte) error {
	key, err := ssh.ParseRawPrivateKeyWithPassphrase(id.sealed, passphrase)
	if errors.Is(err, x509.IncorrectPasswordError) {
		return model.ErrPassphrase
	}
	if err != nil {
		return fmt.Errorf("the SSH key %s cannot be opened: it is damaged or in a format that clavier does not know", shown(id.path))
	}
	opened, r, err := openSSH(key)
	if err != nil {
		return fmt.Errorf("%s: %w", shown(id.path), err)
	}
	if !sameRecipients(id.own, []recipient{r}) {
		return sentence(ErrPublicHalf, "the public half of the SSH key %s does not belong to it, so keys made with it cannot be opened: "+
			"write %s.pub anew with ssh-keygen -y", shown(id.path), shown(id.path))
	}
	id.opened = []age.Identity{opened}
	return nil
}

// sameRecipients reports whether both hold the same recipients, in any order.
func sameRecipients(a, b []recipient) bool {
	texts := map[string]int{}
	for _, r := range a {
		texts[r.text] |= 1
	}
	for _, r := range b {
		texts[r.text] |= 2
	}
	for _, in := range texts {
		if in != 3 {
			return false
		}
	}
	return true
}
