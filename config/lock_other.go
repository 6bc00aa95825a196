//go:build !unix

package config

// lockDir does nothing: two programs that add a profile at the same instant may lose one of them there.
func lockDir(string) (unlock func(), err error) { return func() {}, nil }

// syncDir does nothing: a directory cannot be synced there.
func syncDir(string) error { return nil }
