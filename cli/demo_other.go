//go:build !unix

package cli

// removeOnQuit has nothing to do: there is no SIGQUIT.
func removeOnQuit(string) (stop func()) { return func() {} }
