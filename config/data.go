package config

import "path/filepath"

// DataDir is where clavier keeps what is no setting: stores, and what was allowed. It need not exist.
func (c *Config) DataDir() string { return c.places.data }

// ServiceStore is the database of a key service that runs here, unless it is told of another. It need not exist.
func (c *Config) ServiceStore() string { return filepath.Join(c.places.data, "service", "keys.db") }

// Home returns the home directory.
func Home() (string, error) { return home() }
