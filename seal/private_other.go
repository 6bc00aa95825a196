//go:build !unix

package seal

import "io/fs"

// Windows keeps a user's profile directory private by its access lists, and has no modes to check.

func checkPrivateFile(string, fs.FileInfo) error { return nil }
func checkPublicFile(string, fs.FileInfo) error  { return nil }
func checkPrivateDir(string) error               { return nil }

// syncDir does nothing: a directory cannot be synced there.
func syncDir(string) error { return nil }
