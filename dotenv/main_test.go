package dotenv

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"clavier/model"
)

// TestMain makes this test binary a program that prints its environment, in base64 within JSON, when it is asked to.
func TestMain(m *testing.M) {
	if os.Getenv("CLAVIER_TEST_PRINT_ENVIRONMENT") == "" {
		os.Exit(m.Run())
	}
	found := map[string][]byte{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		found[name] = []byte(value)
	}
	_ = json.NewEncoder(os.Stdout).Encode(found)
}

// environment runs a command that ends in this test binary and returns the environment that it had there. Only PATH is given.
func environment(t *testing.T, input string, command ...string) map[string]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], os.Args[0])...)
	cmd.Env = []string{"CLAVIER_TEST_PRINT_ENVIRONMENT=1", "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + t.TempDir()}
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", command[0], err)
	}
	var found map[string][]byte
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%s: %v", command[0], err)
	}
	text := map[string]string{}
	for name, value := range found {
		text[name] = string(value)
	}
	return text
}

// unavailable skips a test for want of something; where everything must be there, it fails.
func unavailable(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CLAVIER_REQUIRE_ALL") == "1" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		unavailable(t, program+" is not installed")
	}
}

func pairs(values ...string) []Pair {
	all := make([]Pair, 0, len(values)/2)
	for i := 0; i < len(values); i += 2 {
		all = append(all, Pair{values[i], model.NewSecret(values[i+1])})
	}
	return all
}

// fresh is a secret that was drawn for this run.
func fresh(t *testing.T) string {
	t.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		t.Fatal(err)
	}
	return secret.Reveal()
}
