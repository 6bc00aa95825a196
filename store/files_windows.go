package store

import "os"

// checkPrivate has nothing to check: Windows keeps a user's data directory private by its access control lists, which
// new files inherit, and knows no modes.
func checkPrivate(string, os.FileInfo, os.FileMode) error { return nil }

// syncDir has nothing to do: Windows keeps names durable by its own journal and does not sync directories.
func syncDir(string) error { return nil }
