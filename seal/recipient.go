package seal

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"golang.org/x/crypto/ssh"
)

// recipient is somebody to seal to.
type recipient struct {
	text string // as the age tool takes it with -r; without an SSH comment
	to   age.Recipient
	pq   bool // post-quantum; age seals a file to such recipients only or to none
}

// CheckRecipient returns an error that says why text is no recipient to seal to: an age recipient (age1...) or an SSH
// public key (ssh-ed25519 or ssh-rsa of at least 2048 bits).
func CheckRecipient(text string) error {
	_, err := parseRecipient(text)
	return err
}

func parseRecipients(texts []string) ([]recipient, error) {
	var out []recipient
	for i, text := range texts {
		r, err := parseRecipient(text)
		if err != nil {
			return nil, fmt.Errorf("recipient %d: %w", i+1, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// parseRecipient never repeats a text that may be a secret key.
func parseRecipient(text string) (recipient, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return recipient{}, errors.New("it is empty; a recipient starts with age1, ssh-ed25519 or ssh-rsa")
	case strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-"), strings.Contains(text, "PRIVATE KEY"):
		return recipient{}, errors.New("it is a secret key, which belongs into no settings; give its public recipient (age1... or ssh-...)")
	case strings.HasPrefix(text, "age1pq1"):
		r, err := age.ParseHybridRecipient(text)
		if err != nil {
			return recipient{}, fmt.Errorf("%s is no age recipient: a character was changed or lost", quoted(text))
		}
		return recipient{r.String(), r, true}, nil
	case strings.HasPrefix(text, "age1"):
		r, err := age.ParseX25519Recipient(text)
		if err != nil {
			return recipient{}, fmt.Errorf("%s is no age recipient: a character was changed or lost", quoted(text))
		}
		return recipient{r.String(), r, false}, nil
	case strings.HasPrefix(text, "ssh-"), strings.HasPrefix(text, "ecdsa-"), strings.HasPrefix(text, "sk-"):
		pub, err := parseSSHPublic([]byte(text))
		if err != nil {
			return recipient{}, fmt.Errorf("%s is no SSH public key: a character was changed or lost", quoted(text))
		}
		return sshRecipient(pub)
	default:
		return recipient{}, fmt.Errorf("%s is no recipient; a recipient starts with age1, ssh-ed25519 or ssh-rsa", quoted(text))
	}
}

func sshRecipient(pub ssh.PublicKey) (recipient, error) {
	var to age.Recipient
	var err error
	switch kind := pub.Type(); kind {
	case ssh.KeyAlgoED25519:
		to, err = agessh.NewEd25519Recipient(pub)
	case ssh.KeyAlgoRSA:
		to, err = agessh.NewRSARecipient(pub)
	default:
		return recipient{}, fmt.Errorf("an SSH key of type %s cannot be sealed to; age takes ssh-ed25519 and ssh-rsa", shown(kind))
	}
	if err != nil {
		return recipient{}, fmt.Errorf("the %s key cannot be sealed to: %w", pub.Type(), err)
	}
	return recipient{strings.TrimSpace(string(ssh.MarshalAuthorizedKey(pub))), to, false}, nil
}

// uniteRecipients joins the owner's recipients and further ones, each once, or says why age would not seal to all.
func uniteRecipients(own, further []recipient) ([]recipient, error) {
	seen := map[string]bool{}
	var all []recipient
	for _, r := range slices.Concat(own, further) {
		if !seen[r.text] {
			seen[r.text] = true
			all = append(all, r)
		}
	}
	for i, r := range all {
		if r.pq != all[0].pq {
			return nil, fmt.Errorf("recipient %s cannot stand beside %s: age seals to post-quantum recipients (age1pq1...) only or to none",
				quoted(all[i].text), quoted(all[0].text))
		}
	}
	return all, nil
}

// parseSSHPublic reads a public key as it stands in a .pub file.
func parseSSHPublic(text []byte) (ssh.PublicKey, error) {
	pub, _, _, _, err := ssh.ParseAuthorizedKey(text) //nolint:dogsled // the comment and options do not matter
	return pub, err
}
