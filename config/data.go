package config

// DataDir is where clavier keeps what is no setting: stores, and what was allowed. It need not exist.
func (c *Config) DataDir() string { return c.places.data }

// Home returns the home directory.
func Home() (string, error) { return home() }
