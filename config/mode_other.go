//go:build !unix

package config

import "io/fs"

// checkMode finds nothing: Windows has no modes.
func checkMode(string, fs.FileInfo) error { return nil }
