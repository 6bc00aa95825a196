//go:build !unix

package dotenv

import (
	"io/fs"
	"os"
)

// Windows has neither a lock for directories nor modes nor a way to sync names; files inherit who may read them from their
// directory.

func lockDir(string) (unlock func(), err error) { return func() {}, nil }

func syncDir(string) error { return nil }

func keepOwner(*os.File, fs.FileInfo) error { return nil }

func setMode(*os.File, fs.FileMode) error { return nil }

func sharedMode(fs.FileMode) bool { return false }
