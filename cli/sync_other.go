//go:build !unix

package cli

// syncDir does nothing: a directory cannot be synced there.
func syncDir(string) error { return nil }
