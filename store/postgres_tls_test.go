package store

import (
	"testing"
)

// TestDatabaseElsewhere: a database on another machine must prove who it is, unless somebody says that it need not.
func TestDatabaseElsewhere(t *testing.T) {
	t.Setenv("PGHOST", "")
	for _, test := range []struct {
		address, mode string // PGSSLMODE
		proves        bool
	}{
		{"postgres://ada@db.example/keys", "", true},
		{"postgres://ada@db.example:5433/keys?pool_max_conns=3", "", true},
		{"postgres://ada@127.0.0.1,db.example/keys", "", true},
		{"postgres://ada@192.0.2.1/keys", "", true},
		{"postgres://ada@db.example/keys?sslmode=require", "", false},
		{"postgres://ada@db.example/keys?sslmode=verify-full", "", true},
		{"postgres://ada@db.example/keys", "disable", false},
		{"postgres://ada@localhost/keys", "", false},
		{"postgres://ada@127.0.0.1/keys", "", false},
		{"postgres://ada@[::1]:5432/keys", "", false},
		{"postgres:///keys?host=/run/postgresql", "", false},
	} {
		t.Run(test.address+" "+test.mode, func(t *testing.T) {
			t.Setenv("PGSSLMODE", test.mode)
			config, err := pgConfig(test.address, Wait)
			if err != nil {
				t.Fatal(err)
			}
			proves := config.ConnConfig.TLSConfig != nil && !config.ConnConfig.TLSConfig.InsecureSkipVerify
			for _, other := range config.ConnConfig.Fallbacks {
				proves = proves && other.TLSConfig != nil && !other.TLSConfig.InsecureSkipVerify
			}
			if proves != test.proves {
				t.Errorf("the database must prove who it is: %v, want %v", proves, test.proves)
			}
			if test.address == "postgres://ada@db.example:5433/keys?pool_max_conns=3" && config.MaxConns != 3 {
				t.Errorf("%d connections", config.MaxConns)
			}
		})
	}
}
