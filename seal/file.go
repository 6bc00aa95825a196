package seal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"clavier/model"
)

// SealFile seals a secret as Seal does and gives the file at path that content, mode 0600. It makes the directory, mode 0700, if
// there is none. When it returns, the file is durable; a crash at any instant leaves the old file or the new.
func (v *Vault) SealFile(path string, secret model.Secret) error {
	sealed, err := v.Seal(secret)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	if err := makePrivateDir(dir); err != nil {
		return err
	}
	return replaceFile(path, sealed.Ciphertext)
}

// makePrivateDir makes a directory and the missing ones above it, all durable and mode 0700.
func makePrivateDir(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("%s is not a directory", shown(dir))
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("make the directory %s: %w", shown(dir), err)
	}
	if err := makePrivateDir(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the directory %s: %w", shown(dir), err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a directory needs x, and a umask may have taken it
		return fmt.Errorf("make the directory %s: %w", shown(dir), err)
	}
	return syncDir(filepath.Dir(dir))
}

// OpenFile returns the secret that SealFile has sealed into the file at path. It returns what Unseal returns; model.ErrModes, with
// the command that mends it, if others can read or change the file; fs.ErrNotExist if there is none. No digest is known that
// the secret could be compared with: that nobody else could write the file is what vouches for it.
func (v *Vault) OpenFile(path string) (model.Secret, error) {
	content, err := readSealed(path)
	if err != nil {
		return model.Secret{}, err
	}
	opened, err := v.identities()
	if err != nil {
		return model.Secret{}, err
	}
	secret, err := v.decrypt(content, opened)
	if err != nil {
		return model.Secret{}, fmt.Errorf("%s: %w", shown(path), err)
	}
	return secret, nil
}

// CheckFile returns the error that OpenFile would return before it decrypts: the file is there, is private, and has a size that it
// can have.
func CheckFile(path string) error {
	_, err := readSealed(path)
	return err
}

// CheckPrivate returns model.ErrModes, with the command that mends it, if others have rights on the file or directory at path or it
// is not ours; fs.ErrNotExist if there is none.
func CheckPrivate(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("look at %s: %w", shown(path), err)
	case info.IsDir():
		return checkPrivateDir(path)
	}
	return checkPrivateFile(path, info)
}

func readSealed(path string) ([]byte, error) {
	// Opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", shown(path), err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", shown(path))
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		if err := checkPrivateFile(path, info); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", shown(path), err)
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil {
		return nil, fmt.Errorf("read %s: %w", shown(path), err)
	}
	if err := checkPrivateFile(path, info); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, maxSealedSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", shown(path), err)
	}
	if len(content) > maxSealedSize {
		return nil, sentence(model.ErrUnseal, "%s is damaged: it is too large", shown(path))
	}
	return content, nil
}
