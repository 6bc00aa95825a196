package cli

import (
	"context"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"clavier/server"
	"clavier/store"
)

// databaseSchemes start the address of a database.
var databaseSchemes = []string{"postgres", "postgresql"}

// passwordsInQuery are the parameters of such an address that hold one: of a user, and of the private key of a client.
var passwordsInQuery = []string{"password", "sslpassword"}

// recordsPlace is where a service keeps its keys.
type recordsPlace struct {
	// shown is what a log may say of it.
	shown string
	open  func(ctx context.Context) (server.Store, error)
}

var errPassword = usagef("--store has a password, and other programs can read arguments: leave it out and use PGPASSWORD or ~/.pgpass")

// checkStore refuses what names neither a file nor a database, and any address with a password. It repeats none of it.
func checkStore(spec string) error {
	scheme, _, isAddress := strings.Cut(spec, "://")
	switch {
	case strings.Contains(strings.ToLower(spec), "password="):
		return errPassword
	case !isAddress:
		return nil
	case !slices.Contains(databaseSchemes, scheme):
		return usagef("--store is a file, or a database postgres://USER@HOST/DATABASE")
	}
	u, err := url.Parse(spec)
	if err != nil {
		return usagef("--store cannot be read: a database is postgres://USER@HOST/DATABASE, and one on several hosts " +
			"postgres://USER@/DATABASE?host=HOST1,HOST2&port=5432,5432")
	}
	if _, has := u.User.Password(); has {
		return errPassword
	}
	for name := range u.Query() {
		if slices.Contains(passwordsInQuery, strings.ToLower(name)) {
			return errPassword
		}
	}
	return nil
}

// recordsFor returns where the keys are to be kept. Nothing is made yet.
func (a *app) recordsFor(options serveFlags) (recordsPlace, error) {
	if strings.Contains(options.store, "://") {
		return recordsPlace{shown: shownDatabase(options.store), open: func(ctx context.Context) (server.Store, error) {
			return openDatabase(ctx, options.store)
		}}, nil
	}
	path := options.store
	if path == "" {
		settings, err := a.settings()
		if err != nil {
			return recordsPlace{}, err
		}
		path = settings.ServiceStore()
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return recordsPlace{}, err
	}
	return recordsPlace{shown: path, open: func(ctx context.Context) (server.Store, error) { return openFile(ctx, path) }}, nil
}

// openFile opens the embedded store.
func openFile(ctx context.Context, path string) (server.Store, error) {
	records, err := store.Open(ctx, path, store.WithManagers())
	if err != nil {
		return nil, err
	}
	return records, nil
}

// openDatabase opens a database that speaks the protocol of PostgreSQL.
func openDatabase(ctx context.Context, address string) (server.Store, error) {
	records, err := store.OpenPostgres(ctx, address, store.WithManagers())
	if err != nil {
		return nil, err
	}
	return records, nil
}

// shownDatabase returns the address of a database without the user and what follows it.
func shownDatabase(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "a database"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
