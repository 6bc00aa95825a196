package seal

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"clavier/model"
)

// The variables that make this test binary a program to be watched, killed or run many times at once.
const (
	childDoes = "CLAVIER_TEST_SEAL_CHILD" // "seal" or "protect"
	childPath = "CLAVIER_TEST_SEAL_PATH"
)

func TestMain(m *testing.M) {
	if does := os.Getenv(childDoes); does != "" {
		// System calls are counted by thread.
		runtime.LockOSThread()
		if err := child(does, os.Getenv(childPath)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child does one thing to the identity at path and prints the recipient. It reads a passphrase on stdin.
func child(does, path string) error {
	allowAllModes()
	v, err := Open(Options{IdentityPath: path, Own: true, WorkFactor: testWork})
	if err != nil {
		return err
	}
	if does == "protect" {
		passphrase, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		return v.Protect(passphrase)
	}
	if _, err := v.Seal(model.NewSecret("any")); err != nil {
		return err
	}
	recipients, err := v.Recipients()
	if err != nil {
		return err
	}
	_, err = fmt.Println(recipients[0])
	return err
}

// childCommand returns the command that runs this test binary as a child, behind the words of before if there are any.
func childCommand(does, path, passphrase string, before ...string) *exec.Cmd {
	words := slices.Concat(before, []string{os.Args[0]})
	cmd := exec.Command(words[0], words[1:]...)
	// A program with the race detector would sleep for a second before it exits.
	cmd.Env = append(os.Environ(), childDoes+"="+does, childPath+"="+path, "GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0")
	cmd.Stdin = strings.NewReader(passphrase)
	return cmd
}

// tool returns the path of a program, or skips the test, which CLAVIER_REQUIRE_ALL=1 forbids.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CLAVIER_REQUIRE_ALL") == "1" {
		t.Fatalf("%s is not installed and every test is required", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}
