package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"

	"clavier/model"
)

// Unlock opens a protected identity until the file changes or the program ends; it does nothing if it is not locked.
// It writes the .pub file of an age identity anew if that is missing. It overwrites passphrase. It returns
// model.ErrPassphrase if it is wrong, ErrPublicHalf if the .pub file belongs to another identity, and the error of ctx
// if that ends first; trying takes about a second and cannot be stopped.
func (v *Vault) Unlock(ctx context.Context, passphrase []byte) error {
	done := make(chan error, 1)
	mine := bytes.Clone(passphrase)
	clear(passphrase)
	go func() {
		defer clear(mine)
		done <- v.unlock(mine)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (v *Vault) unlock(passphrase []byte) error {
	v.unlocking.Lock()
	defer v.unlocking.Unlock()
	v.mu.Lock()
	id, err := v.current()
	v.mu.Unlock()
	if err != nil {
		return err
	}
	if !id.locked() {
		return nil
	}
	opened, err := id.open(passphrase)
	if err != nil {
		return err
	}
	if len(id.own) == 0 {
		if err := writePublic(v.pubPath(), opened.own); err != nil {
			return err
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.id = opened
	return nil
}

// Protect puts the age identity file behind a passphrase, or behind another one, in the format of age -p; it makes
// the identity if there is none. A crash at any instant leaves the old file or the new. It overwrites passphrase. The
// vault stays unlocked. It returns ErrNotAge for an SSH key and model.ErrLocked if the identity is protected and was
// not unlocked first. The blocks that the plain file had on the disk are the filesystem's to reuse; they cannot be
// wiped from here.
func (v *Vault) Protect(passphrase []byte) error {
	defer clear(passphrase)
	if err := CheckPassphrase(passphrase); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	id, err := v.need()
	if err != nil {
		return err
	}
	if id.kind == kindSSH {
		return sentence(ErrNotAge, "the identity %s is an SSH key: set its passphrase with ssh-keygen -p -f %s",
			shown(id.path), shellQuote(id.path))
	}
	if id.locked() {
		return model.ErrLocked
	}
	content, err := v.protected(id, passphrase)
	if err != nil {
		return err
	}
	if err := errors.Join(removeLeftovers(id.path), removeLeftovers(v.pubPath())); err != nil {
		return fmt.Errorf("protect the identity: %w", err)
	}
	// The public half first: without it, the protected file could not be sealed to.
	if err := writePublic(v.pubPath(), id.own); err != nil {
		return err
	}
	if err := replaceFile(id.path, content); err != nil {
		return err
	}
	fresh, err := loadIdentity(id.path)
	if err != nil {
		return err
	}
	fresh.opened, fresh.plain = id.opened, id.plain
	v.id = fresh
	return nil
}

// protected returns the identity file behind the passphrase, after it has opened it again to see that it can be.
func (v *Vault) protected(id *identity, passphrase []byte) ([]byte, error) {
	to, err := age.NewScryptRecipient(string(passphrase))
	if err != nil {
		return nil, fmt.Errorf("protect the identity: %w", err)
	}
	if v.opts.WorkFactor != 0 {
		to.SetWorkFactor(v.opts.WorkFactor)
	}
	sealed, err := encrypt(id.plain, []recipient{{to: to}})
	if err != nil {
		return nil, fmt.Errorf("protect the identity: %w", err)
	}
	trial := identity{path: id.path, kind: kindAge, sealed: sealed, own: id.own}
	if err := trial.unlockAge(passphrase); err != nil {
		return nil, fmt.Errorf("protect the identity: %w", err)
	}
	trial.wipe()
	var out bytes.Buffer
	w := armor.NewWriter(&out)
	if _, err := w.Write(sealed); err != nil {
		return nil, fmt.Errorf("protect the identity: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("protect the identity: %w", err)
	}
	return out.Bytes(), nil
}

// CheckPassphrase returns an error that says why a passphrase cannot be set: it is empty, or cannot be typed.
func CheckPassphrase(passphrase []byte) error {
	switch {
	case len(passphrase) == 0:
		return errors.New("a passphrase needs at least one character")
	case !utf8.Valid(passphrase):
		return errors.New("a passphrase must be valid UTF-8")
	case bytes.ContainsFunc(passphrase, unicode.IsControl):
		return errors.New("a passphrase has no control characters, which cannot be typed everywhere")
	}
	return nil
}

// writePublic writes a .pub file: one recipient a line, as the age tool takes it with -R.
func writePublic(path string, own []recipient) error {
	var b strings.Builder
	for _, r := range own {
		b.WriteString(r.text + "\n")
	}
	return replaceFile(path, []byte(b.String()))
}

// shellQuote returns path as one word of a POSIX shell.
func shellQuote(path string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,@%", r)
	}
	if path != "" && strings.TrimFunc(path, plain) == "" {
		return path
	}
	return "'" + strings.ReplaceAll(shown(path), "'", `'\''`) + "'"
}
