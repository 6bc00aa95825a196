package clienttest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"clavier/client"
	"clavier/client/clienttest"
	"clavier/model"
)

// breakEnv names the fault that TestMemory puts into its store, for TestSuiteNotices.
const breakEnv = "CLIENTTEST_BREAK"

// TestMemory runs the suite over the Issuer and a store in memory.
func TestMemory(t *testing.T) {
	clienttest.Run(t, func(*testing.T) client.Client {
		parts := &memory{broken: os.Getenv(breakEnv)}
		return &client.Issuer{Records: parts, Vault: parts, Actor: model.Actor{By: "ada", From: "here"}}
	})
}

// TestSuiteNotices holds that the suite fails for a provider that breaks any one promise.
func TestSuiteNotices(t *testing.T) {
	if os.Getenv(breakEnv) != "" {
		t.Skip("this is the broken run")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Run(fault, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestMemory$")
			cmd.Env = append(os.Environ(), breakEnv+"="+fault, "GORACE=atexit_sleep_ms=0")
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestMemory/") {
				t.Errorf("the suite passes a provider with this fault (%v):\n%s", err, out)
			}
		})
	}
}
