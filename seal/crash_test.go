//go:build unix

package seal

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"clavier/model"
)

// calls are the system calls by which files change.
const calls = "openat,mkdirat,fchmod,fchmodat,write,fsync,linkat,renameat,renameat2,unlinkat,close"

// fault is something that befalls one system call of a program.
type fault struct {
	call string // its name
	nth  int    // which of the calls of this name by the program's main thread, from 1
	kill bool   // the program dies before the call; otherwise the call fails
}

// inject returns the fault as strace takes it: no space for what makes or grows a file, a broken disk for the rest.
func (f fault) inject() string {
	what := "signal=SIGKILL"
	if !f.kill {
		what = "error=ENOSPC"
		if f.call == "fsync" || f.call == "close" || f.call == "unlinkat" {
			what = "error=EIO"
		}
	}
	return fmt.Sprintf("inject=%s:%s:when=%d", f.call, what, f.nth)
}

// traced runs the child under strace, with the fault if there is one, and returns the trace of its calls.
func traced(t *testing.T, does, path, passphrase string, f *fault) (trace, output string, err error) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "calls")
	words := []string{tool(t, "strace"), "-f", "-qq", "-o", log, "-e", "trace=" + calls}
	if f != nil {
		words = append(words, "-e", f.inject())
	}
	cmd := childCommand(does, path, passphrase, words...)
	var both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &both, &both
	err = cmd.Run()
	content, readErr := os.ReadFile(log)
	if readErr != nil {
		t.Fatalf("strace: %v\n%s", readErr, both.String())
	}
	return string(content), both.String(), err
}

// sweep records which calls a child makes from the first that names its directory, and then runs it once for each of
// them and each kind of fault. prepare makes the state that a run starts from; check looks at what a run left.
func sweep(t *testing.T, does string, prepare func() (path, passphrase string), check func(f fault, err error, output string)) {
	t.Helper()
	path, passphrase := prepare()
	trace, output, err := traced(t, does, path, passphrase, nil)
	if err != nil {
		t.Fatalf("without a fault: %v\n%s", err, output)
	}
	var faults []fault
	counts := map[string]int{}
	main, _, _ := strings.Cut(trace, " ")
	relevant := false
	for line := range strings.Lines(trace) {
		thread, rest, _ := strings.Cut(line, " ")
		call, _, isCall := strings.Cut(strings.TrimSpace(rest), "(")
		if thread != main || !isCall {
			continue
		}
		counts[call]++
		if relevant = relevant || strings.Contains(line, filepath.Dir(path)); relevant {
			faults = append(faults, fault{call, counts[call], true}, fault{call, counts[call], false})
		}
	}
	if len(faults) < 30 {
		t.Fatalf("only %d faults are possible in\n%s", len(faults), trace)
	}
	for _, f := range faults {
		path, passphrase := prepare()
		trace, output, err := traced(t, does, path, passphrase, &f)
		if !strings.Contains(trace, "(INJECTED)") && !strings.Contains(trace, "killed by SIGKILL") {
			t.Errorf("%+v did not happen", f)
		}
		check(f, err, output)
	}
	t.Logf("%d faults", len(faults))
}

// TestCrashWhileMaking: whatever call of a first start the program dies or fails at, the next start has an identity that
// seals and unseals, and none of what was acknowledged is lost.
func TestCrashWhileMaking(t *testing.T) {
	t.Parallel()
	var path string
	sweep(t, "seal", func() (string, string) {
		path = filepath.Join(t.TempDir(), "config", "clavier", "identity.txt")
		return path, ""
	}, func(f fault, childErr error, output string) {
		v := open(t, Options{IdentityPath: path, Own: true, WorkFactor: testWork})
		secret := drawSecret(t)
		sealed, err := v.Seal(secret)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		wantOpens(t, v, sealed, secret)
		recipients, err := v.Recipients()
		if err != nil {
			t.Fatal(err)
		}
		if childErr == nil && strings.TrimSpace(output) != recipients[0] {
			t.Fatalf("%+v: sealed to %q, then found %q", f, output, recipients[0])
		}
		wantPrivate(t, filepath.Dir(path))
	})
}

// TestCrashWhileProtecting: whatever call of Protect the program dies or fails at, the identity is the old one or the new
// one, seals without a passphrase and unseals what was sealed before; and protecting again leaves nothing plain behind.
func TestCrashWhileProtecting(t *testing.T) {
	t.Parallel()
	var opts Options
	var sealed model.Sealed
	secret, pass := drawSecret(t), rand.Text()
	sweep(t, "protect", func() (string, string) {
		opts = newOptions(t)
		sealed = mustSeal(t, open(t, opts), secret)
		return opts.IdentityPath, pass
	}, func(f fault, childErr error, output string) {
		v := open(t, opts)
		mustSeal(t, v, secret)
		locked := v.Locked()
		if childErr == nil && !locked {
			t.Fatalf("%+v: reported as done, and is not protected", f)
		}
		if locked {
			if err := v.Unlock(context.Background(), []byte(pass)); err != nil {
				t.Fatalf("%+v: %v", f, err)
			}
		}
		wantOpens(t, v, sealed, secret)
		if strings.Contains(output, pass) || strings.Contains(output, "SECRET") || strings.Contains(output, "panic") {
			t.Fatalf("%+v: the output is %q", f, output)
		}
		wantPrivate(t, filepath.Dir(opts.IdentityPath))
		if err := v.Protect([]byte(pass)); err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		wantNothingPlain(t, filepath.Dir(opts.IdentityPath))
	})
}

// wantNothingPlain fails unless dir holds a protected identity and its public half, and nothing else.
func wantNothingPlain(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte("AGE-SECRET-KEY")) {
			t.Errorf("%s holds the plain identity", e.Name())
		}
	}
	if !slices.Equal(names, []string{"identity.txt", "identity.txt.pub"}) {
		t.Errorf("the directory holds %v", names)
	}
}

// TestLeftovers: a crash of an earlier program left a second name of the plain identity; Protect removes it, and
// nothing that only looks alike.
func TestLeftovers(t *testing.T) {
	opts := newOptions(t)
	v := open(t, opts)
	mustSeal(t, v, drawSecret(t))
	dir := filepath.Dir(opts.IdentityPath)
	if err := os.Link(opts.IdentityPath, tempPrefix(opts.IdentityPath)+"X"); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "identity.txt.tmp-mine")
	if err := os.WriteFile(mine, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if found := Check(opts); !slices.ContainsFunc(found, func(f Finding) bool { return strings.Contains(f.Problem, "a crash left") }) {
		t.Errorf("doctor does not see it: %+v", found)
	}
	if err := v.Protect([]byte(rand.Text())); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(mine); err != nil {
		t.Errorf("a file that is not ours was removed: %v", err)
	}
	wantNothingPlain(t, dir)
}

// TestFirstStartsTogether: programs that start at once on a machine with no identity end with one, and seal to it.
func TestFirstStartsTogether(t *testing.T) {
	t.Parallel()
	for range 2 {
		path := filepath.Join(t.TempDir(), "config", "clavier", "identity.txt")
		recipients := make([]string, 8)
		var wg sync.WaitGroup
		for i := range recipients {
			wg.Go(func() {
				cmd := childCommand("seal", path, "")
				out, err := cmd.Output()
				if err != nil {
					t.Errorf("program %d: %v", i, err)
				}
				recipients[i] = strings.TrimSpace(string(out))
			})
		}
		wg.Wait()
		if len(slices.Compact(slices.Clone(recipients))) != 1 || recipients[0] == "" {
			t.Fatalf("sealed to %v", recipients)
		}
		found, err := open(t, Options{IdentityPath: path, Own: true}).Recipients()
		if err != nil || found[0] != recipients[0] {
			t.Fatalf("found %v, %v; sealed to %s", found, err, recipients[0])
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 2 {
			t.Fatalf("the directory holds %v, %v", entries, err)
		}
	}
}
