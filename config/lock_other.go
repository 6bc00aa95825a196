//go:build !unix

package config

// LockDir does nothing: of two programs that change a file at the same instant, one may lose its change there.
func LockDir(string) (unlock func(), err error) { return func() {}, nil }

// syncDir does nothing: a directory cannot be synced there.
func syncDir(string) error { return nil }
