package server

import "testing"

// eachStore runs a test over a store in memory.
func eachStore(t *testing.T, test func(t *testing.T, m *managed)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, manageOver(t, newFakeStore())) })
}
