package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// makeIdentity writes a new age identity to path unless there is one. Whoever comes first wins: the complete and
// durable file gets its name by a hard link, which never replaces another, so programs that start together end with
// one identity, and none ever reads half of it. The winner writes the .pub file too: it is what tells a lost identity
// from one that was never made.
func makeIdentity(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of the identity: %w", err)
	}
	if err := checkPrivateDir(dir); err != nil {
		return err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make an identity: %w", err)
	}
	content := fmt.Appendf(nil, "# Whoever has this file can read the secrets of your keys. Keep a copy in a safe place.\n"+
		"# public key: %s\n%s\n", id.Recipient(), id)
	defer clear(content)
	temp, err := writeTemp(path, content)
	if err != nil {
		return err
	}
	linkErr := os.Link(temp, path)
	if linkErr != nil && !errors.Is(linkErr, fs.ErrExist) && renameNew(temp, path) == nil {
		linkErr = nil // Android forbids hard links, and some filesystems have none.
	}
	_ = os.Remove(temp)
	if linkErr == nil {
		err = writePublic(path+".pub", []recipient{{text: id.Recipient().String()}})
	} else if _, statErr := os.Stat(path); statErr != nil {
		return fmt.Errorf("make an identity: %w", linkErr)
	}
	return errors.Join(err, syncDir(dir), syncDir(filepath.Dir(dir)))
}

// replaceFile gives path new content, mode 0600, so that a crash at any instant leaves the old or the new file whole.
// A symbolic link stays one; its target is replaced.
func replaceFile(path string, content []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	temp, err := writeTemp(path, content)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("replace %s: %w", shown(path), err)
	}
	return syncDir(filepath.Dir(path))
}

// writeTemp writes content, durably, to a new file beside path that is 0600 from its first instant.
func writeTemp(path string, content []byte) (temp string, err error) {
	temp = tempPrefix(path) + rand.Text()
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", shown(path), err)
	}
	// A umask may have taken rights from the owner too.
	err = f.Chmod(0o600)
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = os.Remove(temp)
		return "", fmt.Errorf("write %s: %w", shown(path), err)
	}
	return temp, nil
}

// tempPrefix is how the temporary files for path start; they lie in the same directory, so that a rename is atomic.
func tempPrefix(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".tmp-")
}

// removeLeftovers removes the temporary files that a crash left beside path. One of them may be a second name of the
// very file that is about to be replaced.
func removeLeftovers(path string) error {
	for _, left := range leftovers(path) {
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
