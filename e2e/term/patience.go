package term

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// DefaultPatience is how long a wait lasts before the test fails.
const DefaultPatience = 10 * time.Second

// Patience is how long a wait lasts before the test fails: DefaultPatience times
// the number in CLAVIER_E2E_PATIENCE.
func Patience() time.Duration { return scaled(DefaultPatience) }

// quiet is how long a terminal must have said nothing to count as settled.
const quiet = 30 * time.Millisecond

// scaled multiplies d by CLAVIER_E2E_PATIENCE, if that is a positive number.
func scaled(d time.Duration) time.Duration {
	if f, err := strconv.ParseFloat(os.Getenv("CLAVIER_E2E_PATIENCE"), 64); err == nil && f > 0 {
		return time.Duration(float64(d) * f)
	}
	return d
}

// NeedTool returns the path of a program that a test cannot do without. If it
// is missing, the test is skipped with the reason; with CLAVIER_REQUIRE_ALL=1
// in the environment it fails instead.
func NeedTool(tb testing.TB, name string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	Missing(tb, name+" is not installed")
	return ""
}

// Missing skips the test because of what is missing, or fails it when
// CLAVIER_REQUIRE_ALL=1 is in the environment.
func Missing(tb testing.TB, what string) {
	tb.Helper()
	if os.Getenv("CLAVIER_REQUIRE_ALL") == "1" {
		tb.Fatalf("%s, and CLAVIER_REQUIRE_ALL=1 forbids skipping", what)
	}
	tb.Skipf("skipped: %s", what)
}
