package store

import (
	"errors"
	"strings"
	"testing"

	"clavier/model"
)

// TestDatabaseElsewhere: a database on another machine must prove who it is, unless somebody says that it need not.
func TestDatabaseElsewhere(t *testing.T) {
	t.Setenv("PGHOST", "")
	for _, test := range []struct {
		address, mode string // PGSSLMODE
		proves        bool
	}{
		{"postgres://ada@db.example/keys", "", true},
		{"postgres://ada@db.example:5433/keys?pool_max_conns=5", "", true},
		{"postgres://ada@db.example/keys?sslmode=", "", true},
		{"postgres://ada@db.example/keys?sslmode=&pool_max_conns=5&", "", true},
		{"postgres://ada@db.example/keys?sslmode=require&sslmode=", "", true},
		{"postgres://ada@db.example/keys?sslmode= ", "", true},
		{"postgres://ada@db.example/keys?application_name=a%20b%2Bc+d", "", true},
		{"postgres://ada@/keys?host=127.0.0.1,db.example&port=5432,5433", "", true},
		{"postgres://ada@db.example:5432,other.example:5433/keys", "", true},
		{"postgres://ada@db.example/keys?sslmode=", "disable", false},
		{"postgres://ada@db.example/keys?sslmode=", "verify-full", true},
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
			conns, name := int32(pgConnections), pgApplication
			if strings.Contains(test.address, "pool_max_conns=5") {
				conns = 5
			}
			if strings.Contains(test.address, "application_name=") {
				name = "a b+c+d"
			}
			if config.MaxConns != conns || config.ConnConfig.RuntimeParams["application_name"] != name {
				t.Errorf("%d connections of %q", config.MaxConns, config.ConnConfig.RuntimeParams["application_name"])
			}
		})
	}
}

// TestAddressesRefused: what the driver takes and is not certain to be safe, or would not do, is refused with what to write instead.
func TestAddressesRefused(t *testing.T) {
	t.Setenv("PGHOST", "")
	t.Setenv("PGSSLMODE", "")
	for address, says := range map[string]string{
		"postgres://ada@db.example:5432,other.example/keys":                 "?host=HOST1,HOST2&port=5432,5432",
		"postgres://ada@db.example:5432,other.example/keys?sslmode=require": "?host=HOST1,HOST2&port=5432,5432",
		"postgres://ada@[::1]:5432,[::1]:5433/keys":                         "?host=HOST1,HOST2&port=5432,5432",
		"postgres://ada@localhost/keys?pool_max_conns=1":                    "is 1, ",
		"postgres://ada@localhost/keys?pool_max_conns=3":                    "at least 4",
		"postgres://ada@db.example/keys?pool_max_conns=3":                   "at least 4",
	} {
		config, err := pgConfig(address, Wait)
		if !errors.Is(err, model.ErrStoreWrite) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "ada") {
			t.Errorf("%s: %v, %v", address, config, err)
		}
	}
}
