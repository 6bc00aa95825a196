//go:build unix

package seal

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"clavier/model"
)

// wantPrivate fails if anything in dir, or dir itself, is open to others.
func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %04o, want %04o", path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestT5ModesWithoutUmask makes and protects an identity in programs whose umask hides nothing, and reads in their
// system calls that every file and directory is private from its first instant.
func TestT5ModesWithoutUmask(t *testing.T) {
	t.Parallel()
	strace := tool(t, "strace")
	dir := filepath.Join(t.TempDir(), "config", "clavier")
	path := filepath.Join(dir, "identity.txt")
	making := regexp.MustCompile(`O_CREAT[^,]*, (0\d+)`)
	makingDir := regexp.MustCompile(`mkdir(?:at)?\(.*, (0\d+)\)`)
	loosening := regexp.MustCompile(`chmod(?:at)?2?\(.*, (0\d+)`)
	for _, does := range []string{"seal", "protect", "protect"} {
		if does == "protect" { // from a plain file each time
			makePlain(t, path)
		}
		log := filepath.Join(t.TempDir(), "calls")
		cmd := childCommand(does, path, rand.Text(), strace, "-f", "-qq", "-o", log,
			"-e", "trace=open,openat,creat,mkdir,mkdirat,chmod,fchmod,fchmodat")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", does, err, out)
		}
		calls, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		made := 0
		for line := range strings.Lines(string(calls)) {
			for pattern, want := range map[*regexp.Regexp]string{making: "0600", makingDir: "0700", loosening: "0600"} {
				if m := pattern.FindStringSubmatch(line); m != nil {
					made++
					if m[1] != want {
						t.Errorf("%s: %s", does, strings.TrimSpace(line))
					}
				}
			}
		}
		if made < 3 {
			t.Errorf("%s: saw only %d files or directories made; the log is\n%s", does, made, calls)
		}
		wantPrivate(t, filepath.Dir(dir))
	}
}

// makePlain puts a fresh unprotected identity at path.
func makePlain(t *testing.T, path string) {
	t.Helper()
	for _, old := range []string{path, path + ".pub"} {
		if err := os.Remove(old); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if err := makeIdentity(path); err != nil {
		t.Fatal(err)
	}
}

// TestT5LooseModes: looser modes are refused with the command that mends it, and that command mends it.
func TestT5LooseModes(t *testing.T) {
	opts := newOptions(t)
	secret := drawSecret(t)
	sealed := mustSeal(t, open(t, opts), secret)
	dir, pub := filepath.Dir(opts.IdentityPath), opts.IdentityPath+".pub"
	for _, test := range []struct {
		path   string
		mode   os.FileMode
		mended os.FileMode // what the command sets
		tells  string
	}{
		{opts.IdentityPath, 0o644, 0o600, "chmod 600 " + opts.IdentityPath},
		{opts.IdentityPath, 0o604, 0o600, "chmod 600 " + opts.IdentityPath},
		{opts.IdentityPath, 0o620, 0o600, "chmod 600 " + opts.IdentityPath},
		{opts.IdentityPath, 0o700, 0o600, "chmod 600 " + opts.IdentityPath},
		{dir, 0o755, 0o700, "chmod 700 " + dir},
		{dir, 0o710, 0o700, "chmod 700 " + dir},
	} {
		v := open(t, opts)
		wantOpens(t, v, sealed, secret) // a running program notices too
		if err := os.Chmod(test.path, test.mode); err != nil {
			t.Fatal(err)
		}
		for _, v := range []*Vault{v, open(t, opts)} {
			_, err := v.Unseal(sealed)
			wantErr(t, err, model.ErrModes, "run "+test.tells)
			_, err = v.Seal(secret)
			wantErr(t, err, model.ErrModes, "run "+test.tells)
		}
		if err := os.Chmod(test.path, test.mended); err != nil {
			t.Fatal(err)
		}
		wantOpens(t, v, sealed, secret)
	}

	// The .pub file may be read by all, and changed by none.
	v := open(t, opts)
	if err := v.Protect([]byte(rand.Text())); err != nil {
		t.Fatal(err)
	}
	for mode, ok := range map[os.FileMode]bool{0o644: true, 0o664: false, 0o602: false, 0o600: true} {
		if err := os.Chmod(pub, mode); err != nil {
			t.Fatal(err)
		}
		_, err := open(t, opts).Seal(secret)
		if ok && err != nil {
			t.Errorf("mode %o: %v", mode, err)
		}
		if !ok {
			wantErr(t, err, model.ErrModes, "run chmod go-w "+pub)
		}
	}
}

// TestT5Directory: clavier's own directory is not used if it was there before and is open to others.
func TestT5Directory(t *testing.T) {
	opts := newOptions(t)
	if err := os.Mkdir(filepath.Dir(opts.IdentityPath), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := open(t, opts).Seal(drawSecret(t))
	wantErr(t, err, model.ErrModes, "run chmod 700 "+filepath.Dir(opts.IdentityPath))
	if entries, _ := os.ReadDir(filepath.Dir(opts.IdentityPath)); len(entries) != 0 {
		t.Errorf("made %v", entries)
	}
}

// TestT5Owner: what belongs to somebody else is refused. Only root can make such a file.
func TestT5Owner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	for _, name := range []string{"identity.txt", "."} {
		opts := newOptions(t)
		mustSeal(t, open(t, opts), drawSecret(t))
		path := filepath.Join(filepath.Dir(opts.IdentityPath), name)
		if err := os.Chown(path, 12345, -1); err != nil {
			t.Fatal(err)
		}
		_, err := open(t, opts).Seal(drawSecret(t))
		wantErr(t, err, model.ErrModes, "belongs to user 12345", "run sudo chown 0 "+path)
	}
}

// TestOddFiles: what is no identity is refused in a sentence, at once.
func TestOddFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "odd")
	key := "AGE-SECRET-KEY-1" + strings.Repeat("Q", 58)
	for name, test := range map[string]struct {
		content string
		want    string
	}{
		"empty":          {"", "is no identity: it is empty, damaged"},
		"text":           {"hello\n", "is no identity"},
		"broken key":     {key, "is no identity"},
		"recipient":      {"age1xyz\n", "is no identity"},
		"huge":           {strings.Repeat("#", maxIdentitySize+1), "is too large"},
		"broken armor":   {"-----BEGIN AGE ENCRYPTED FILE-----\nxx\n", "is damaged"},
		"no passphrase":  {"age-encryption.org/v1\n-> X25519 abc\n", "not with a passphrase"},
		"broken PEM":     {"-----BEGIN OPENSSH PRIVATE KEY-----\nxx\n", "cannot be read as an SSH key"},
		"other PEM":      {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read as an SSH key"},
		"public SSH key": {"ssh-ed25519 AAAA me", "is no identity"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := open(t, Options{IdentityPath: path}).Seal(drawSecret(t))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "QQQ") {
				t.Error("the error shows the key")
			}
		})
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	v := open(t, Options{IdentityPath: path})
	_, err := v.Seal(drawSecret(t))
	wantErr(t, err, ErrNoIdentity, "there is no identity at "+path)
	if _, err := os.Stat(path); err == nil {
		t.Error("an identity was made outside of clavier's own directory")
	}
	wantErr(t, v.Unlock(context.Background(), []byte("x")), ErrNoIdentity)
	mkfifo(t, path)
	_, err = v.Seal(drawSecret(t))
	if err == nil || !strings.Contains(err.Error(), "is not a regular file") {
		t.Errorf("a pipe: %v", err)
	}
}
