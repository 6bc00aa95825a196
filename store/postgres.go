package store

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"clavier/model"
)

const (
	// pgConnections is how many connections a Postgres has at most, unless its address says otherwise. Notify has one more.
	pgConnections = 8
	// pgTurns is how many changes of one program are on their way at once: one is being made, the next one waits for the lock.
	pgTurns = 2
	// pgLeast is the fewest connections that will do: changes may wait for the row of the state with all of theirs, and somebody reads
	// with one, while it is asked with another what has changed.
	pgLeast = pgTurns + 2
	// pgIdle is after how long a connection that nobody needs is closed.
	pgIdle = 5 * time.Minute
	// pgApplication is how the connections call themselves, unless the address says otherwise.
	pgApplication = "clavier"
)

// pgAlive is how a connection to a machine that has vanished is noticed: within half a minute.
var pgAlive = net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4}

// Postgres is a record store in a PostgreSQL database, or in another one that speaks its protocol. Any number of programs may
// share one. It is safe for concurrent use.
//
// It keeps what Store keeps, with the same errors, and the same holds of it: a change is acknowledged only when the database
// has made it durable, and is made wholly or not at all. Its tables are called clavier_ and something; it needs no extension,
// trigger or procedure.
//
// Every change locks the one row of the state until its transaction ends. So all changes have numbers in the order in which
// they were committed, and what a change reads before it writes stays as it is.
//
// PostgreSQL never writes over what is deleted: old versions of a row stay in the files until VACUUM, in the log until it is
// recycled, and in copies of both. What stays of a key is what a store ever has of it, its digest and its sealed secret, from
// which nobody without the owner's identity gets the secret; and the key verifies nowhere from the moment of its deletion.
type Postgres struct {
	where  string // the address without user and password, for sentences
	wait   time.Duration
	hear   time.Duration // pgHear but in tests
	bounds bounds
	pool   *pgxpool.Pool
	turns  chan struct{}
	places chan struct{} // for those who read; see follows
	can    pgAbilities
	known  int // the schema that this program knows

	managers bool // see WithManagers

	life   context.Context // ends with Close
	end    context.CancelFunc
	inside sync.WaitGroup // what Close waits for
	door   sync.Mutex     // held while something goes inside, and while life ends
}

// OpenPostgres opens the store in the database at this address: postgres://USER@HOST:PORT/DATABASE, with the settings that
// libpq has (sslmode, host for a socket, ...) and pool_max_conns behind a question mark. On another machine sslmode is verify-full
// unless the address or PGSSLMODE says otherwise. The password is best left to the environment (PGPASSWORD, PGPASSFILE). In an empty
// database the tables are made, and an older schema is migrated forward, in one transaction; several programs may do that at once.
//
// It returns model.ErrStoreWrite if the database cannot be reached or refuses the user, model.ErrStoreNewer,
// model.ErrStoreDamaged if its tables are not those of clavier, or model.ErrStoreBusy. No error holds a user or a password.
func OpenPostgres(ctx context.Context, address string, options ...Option) (*Postgres, error) {
	set := settings{wait: Wait, migrations: pgMigrations, bounds: usualBounds}
	for _, option := range options {
		option(&set)
	}
	config, err := pgConfig(address, set.wait)
	if err != nil {
		return nil, err
	}
	p := &Postgres{
		where: pgWhere(&config.ConnConfig.Config), wait: set.wait, hear: pgHear, bounds: set.bounds, turns: make(chan struct{}, pgTurns),
		places: make(chan struct{}, config.MaxConns-pgTurns-1),
		known:  len(set.migrations), managers: set.managers,
	}
	p.life, p.end = context.WithCancel(context.Background())
	if p.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		p.end()
		return nil, p.explain(ctx, err)
	}
	if err := p.prepare(ctx, set.migrations); err != nil {
		_ = p.Close() // the first error is the one to tell
		return nil, err
	}
	return p, nil
}

// pgConfig reads an address. What it returns for one that cannot be read does not hold it.
func pgConfig(address string, wait time.Duration) (*pgxpool.Config, error) {
	const example = "it is like postgres://USER@HOST:5432/DATABASE, with the password in PGPASSWORD or a password file"
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return nil, fail(model.ErrStoreWrite, nil, "the address of the database does not begin with postgres://; %s", example)
	}
	config, err := pgxpool.ParseConfig(address)
	if err != nil { // its text may hold a password
		return nil, fail(model.ErrStoreWrite, nil, "the address of the database, or a setting of it, cannot be read; %s", example)
	}
	given, err := url.Parse(address)
	if err != nil { // the driver reads more than URLs; what it would take for settings is not known here
		return nil, fail(model.ErrStoreWrite, nil, "the hosts and ports in the address of the database cannot be read; name several behind the "+
			"question mark, as in postgres://USER@/DATABASE?host=HOST1,HOST2&port=5432,5432")
	}
	settings := given.Query()
	if !settings.Has("pool_max_conns") {
		config.MaxConns = pgConnections
	}
	if config.MaxConns < pgLeast {
		return nil, fail(model.ErrStoreWrite, nil, "pool_max_conns in the address of the database is %d, with which what others changed would be "+
			"noticed too late; give it at least %d, or leave it out", config.MaxConns, pgLeast)
	}
	if mode := modeFor(settings["sslmode"], os.Getenv("PGSSLMODE")); mode != "" && elsewhere(&config.ConnConfig.Config) {
		// Only added to, for the driver reads a plus sign as one. What it is given last counts.
		if given.RawQuery = strings.TrimRight(given.RawQuery, "&"); given.RawQuery != "" {
			given.RawQuery += "&"
		}
		given.RawQuery += "sslmode=" + url.QueryEscape(mode)
		return pgConfig(given.String(), wait)
	}
	config.MaxConnIdleTime = min(config.MaxConnIdleTime, pgIdle)
	// Shorter than any wait, so that who waits hears that the database cannot be reached, not that it is busy.
	if most := wait * 4 / 5; config.ConnConfig.ConnectTimeout <= 0 || config.ConnConfig.ConnectTimeout > most {
		config.ConnConfig.ConnectTimeout = most
	}
	config.PingTimeout = wait / 5
	config.ConnConfig.DialFunc = (&net.Dialer{KeepAliveConfig: pgAlive}).DialContext
	config.ConnConfig.ValidateConnect = noCopy(config.ConnConfig.ValidateConnect)
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = pgApplication
	}
	config.ConnConfig.RuntimeParams["client_encoding"] = "UTF8"
	return config, nil
}

// modeFor returns the sslmode that an address on another machine still needs; empty if it has one, or the environment gives it one.
// In an address an empty one is none, and yet hides that of the environment from the driver.
func modeFor(given []string, environment string) string {
	switch {
	case len(given) > 0 && strings.TrimSpace(given[len(given)-1]) != "", len(given) == 0 && environment != "":
		return ""
	}
	return cmp.Or(environment, "verify-full")
}

// elsewhere reports whether a database is on another machine, as far as its address tells. Then the driver's own default, which
// takes any certificate and no TLS as well, will not do.
func elsewhere(c *pgconn.Config) bool {
	far := func(host string) bool {
		addr, err := netip.ParseAddr(host)
		return host != "localhost" && !strings.HasPrefix(host, "/") && !strings.HasPrefix(host, "@") && (err != nil || !addr.IsLoopback())
	}
	return far(c.Host) || slices.ContainsFunc(c.Fallbacks, func(other *pgconn.FallbackConfig) bool { return far(other.Host) })
}

// noCopy refuses connections to a copy of a database that only reads: it lags, and by it a key would verify that was deleted. What
// the address asks of a connection comes first; nil for nothing.
func noCopy(first pgconn.ValidateConnectFunc) pgconn.ValidateConnectFunc {
	return func(ctx context.Context, conn *pgconn.PgConn) error {
		if first != nil {
			if err := first(ctx, conn); err != nil {
				return err
			}
		}
		err := pgconn.ValidateConnectTargetSessionAttrsPrimary(ctx, conn)
		if stateOf(err) == pgNoFunction { // a database that has no such copies
			return nil
		}
		return err
	}
}

// pgWhere returns the address of a database without user, password and settings.
func pgWhere(c *pgconn.Config) string {
	var hosts []string
	place := func(host string, port uint16) {
		at := net.JoinHostPort(host, itoa(int64(port)))
		if strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") {
			at = "/" + c.Database + "?host=" + host
		}
		if !slices.Contains(hosts, at) { // a host is tried with and without TLS
			hosts = append(hosts, at)
		}
	}
	place(c.Host, c.Port)
	for _, other := range c.Fallbacks {
		place(other.Host, other.Port)
	}
	if strings.HasPrefix(hosts[0], "/") {
		return "postgres://" + hosts[0]
	}
	return "postgres://" + strings.Join(hosts, ",") + "/" + c.Database
}

// Close closes the store. It ends whatever is being read or waited for, and lets changes that were begun come to their end.
func (p *Postgres) Close() error {
	p.door.Lock()
	p.end()
	p.door.Unlock()
	p.inside.Wait()
	p.pool.Close()
	return nil
}

// enter goes inside, unless the store is closed. Whoever is inside calls inside.Done in the end.
func (p *Postgres) enter() error {
	p.door.Lock()
	defer p.door.Unlock()
	if p.life.Err() != nil {
		return errClosed
	}
	p.inside.Add(1)
	return nil
}

// Where returns the address of the database without user, password and settings.
func (p *Postgres) Where() string { return p.where }

// within returns a context that ends with ctx, after a time, or with the store.
func (p *Postgres) within(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	limited, cancel := context.WithTimeout(ctx, most)
	stop := context.AfterFunc(p.life, cancel)
	return limited, func() { stop(); cancel() }
}
