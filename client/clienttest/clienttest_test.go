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

// keeper returns a provider over a store in memory, which has the fault that the environment names.
func keeper() client.Keeper {
	parts := &memory{broken: os.Getenv(breakEnv)}
	return client.Keeper{Records: parts, Vault: parts, Actor: model.Actor{By: "ada", From: "here"}}
}

// TestMemory runs the suite over the Issuer and a store in memory.
func TestMemory(t *testing.T) {
	clienttest.Run(t, func(*testing.T) client.Client { return &client.Issuer{Keeper: keeper()} })
}

// TestMemoryKeeper runs the suite over the Keeper.
func TestMemoryKeeper(t *testing.T) {
	clienttest.Run(t, func(*testing.T) client.Client { k := keeper(); return &k })
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
