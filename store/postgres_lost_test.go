package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clavier/e2e/pgtest"
	"clavier/model"
)

// pgCut is what a pgProxy does with the next COMMIT that passes.
type pgCut int

const (
	cutNothing       pgCut = iota
	cutBefore              // the COMMIT is lost with the connection
	cutAnswer              // the COMMIT arrives, and its answer is lost
	cutAnswerForGood       // the same, and nobody is let in any more
)

// pgProxy stands between a store and the database.
type pgProxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex // guards what follows
	cut   pgCut
	shut  bool
	hung  bool // who comes is let in and hears nothing
	conns []net.Conn
	cuts  int
}

// newPgProxy returns a proxy to the server of an address, and an address through it. Statements are sent as they read.
func newPgProxy(t *testing.T, s *pgtest.Server, address string) (*pgProxy, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &pgProxy{listener: listener, target: s.Addr()}
	t.Cleanup(func() { _ = listener.Close(); x.close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			x.serve(client)
		}
	}()
	u, err := url.Parse(s.OverPort(t, address))
	if err != nil {
		t.Fatal(err)
	}
	u.Host = listener.Addr().String()
	u.RawQuery += "&default_query_exec_mode=exec"
	return x, u.String()
}

func (x *pgProxy) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, conn := range x.conns {
		_ = conn.Close()
	}
	x.conns = nil
}

// arm says what becomes of the next COMMIT.
func (x *pgProxy) arm(cut pgCut) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cut, x.shut, x.hung = cut, false, false
}

// take returns what becomes of a message.
func (x *pgProxy) take(message []byte) pgCut {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.cut == cutNothing || !bytes.Contains(message, []byte(pgCommit+"\x00")) || !bytes.Contains(message, []byte("INSERT INTO")) &&
		!bytes.Contains(message, []byte("UPDATE ")) {
		return cutNothing
	}
	cut := x.cut
	x.cut, x.shut = cutNothing, cut == cutAnswerForGood
	x.cuts++
	return cut
}

func (x *pgProxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", x.target)
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil || x.shut {
		_ = client.Close()
		return
	}
	x.conns = append(x.conns, client, server)
	if x.hung {
		return
	}
	deaf := make(chan struct{}) // closed when answers are no longer passed on
	go func() {
		defer client.Close()
		defer server.Close()
		message := make([]byte, 1<<16) // more than any change here
		for {
			n, err := client.Read(message)
			if err != nil {
				return
			}
			switch x.take(message[:n]) {
			case cutNothing:
			case cutBefore:
				return
			default:
				close(deaf)
				_, _ = server.Write(message[:n])
				_, _ = io.ReadAll(io.LimitReader(server, 1)) // it was done
				return
			}
			if _, err := server.Write(message[:n]); err != nil {
				return
			}
		}
	}()
	go func() {
		defer client.Close()
		answer := make([]byte, 1<<16)
		for {
			select {
			case <-deaf:
				return
			default:
			}
			n, err := server.Read(answer)
			select {
			case <-deaf:
				return
			default:
			}
			if err != nil {
				return
			}
			if _, err := client.Write(answer[:n]); err != nil {
				return
			}
		}
	}()
}

// A change whose COMMIT or its answer is lost is made exactly once; if nobody can tell, that is what is said.
func TestPostgresLosesTheCommit(t *testing.T) {
	s := pgtest.Shared(t)
	address := s.NewDatabase(t)
	proxy, through := newPgProxy(t, s, address)
	direct, p := openPostgres(t, address), openPostgres(t, through, WithWait(time.Second))
	n := 0
	put := func() model.Record {
		n++
		rec := record(t, fmt.Sprint("key ", n), epoch)
		if err := direct.Put(t.Context(), rec, someone); err != nil {
			t.Fatal(err)
		}
		return rec
	}
	changes := map[string]func() (change func() error, made func() error){
		"put": func() (func() error, func() error) {
			n++
			rec := record(t, fmt.Sprint("key ", n), epoch)
			return func() error { return p.Put(t.Context(), rec, someone) },
				func() error { return pgOneLine(t, direct, rec.Key.ID, model.ActionCreated) }
		},
		"put a successor": func() (func() error, func() error) {
			old, rec := put(), record(t, fmt.Sprint("successor ", n), epoch)
			return func() error { return p.PutSuccessor(t.Context(), rec, old.Key.ID, someone) },
				func() error { return pgOneLine(t, direct, old.Key.ID, model.ActionRotated) }
		},
		"delete": func() (func() error, func() error) {
			rec := put()
			return func() error { return p.Delete(t.Context(), rec.Key.ID, someone, epoch) },
				func() error { return pgOneLine(t, direct, rec.Key.ID, model.ActionDeleted) }
		},
		"end": func() (func() error, func() error) {
			rec := put()
			return func() error {
					key, err := p.End(t.Context(), rec.Key.ID, epoch.Add(time.Hour), someone, epoch)
					if err == nil && !key.ExpiresAt.Equal(epoch.Add(time.Hour)) {
						t.Errorf("it ends at %v", key.ExpiresAt)
					}
					return err
				},
				func() error { return pgOneLine(t, direct, rec.Key.ID, model.ActionEnded) }
		},
		"note a use": func() (func() error, func() error) {
			rec := put()
			return func() error { return p.NoteUses(t.Context(), []model.Use{{KeyID: rec.Key.ID, At: epoch}}) },
				func() error {
					key, err := direct.Get(t.Context(), rec.Key.ID)
					if err == nil && !key.LastUse.At.Equal(epoch) {
						err = errors.New("the use is not noted")
					}
					return err
				}
		},
	}
	for name, prepare := range changes {
		for _, cut := range []pgCut{cutBefore, cutAnswer} {
			change, made := prepare()
			before := proxy.cuts
			proxy.arm(cut)
			if err := errors.Join(change(), made()); err != nil {
				t.Errorf("%s, cut %d: %v", name, cut, err)
			}
			if proxy.cuts != before+1 {
				t.Fatalf("%s was cut %d times", name, proxy.cuts-before)
			}
		}
		if name != "put" && name != "note a use" { // each of which waits in vain
			continue
		}
		change, made := prepare()
		proxy.arm(cutAnswerForGood)
		if err := change(); !errors.Is(err, model.ErrOutcomeUnknown) || errors.Is(err, model.ErrStoreAway) || !strings.Contains(err.Error(), p.Where()) {
			t.Errorf("%s, and no word of it: %v", name, err)
		}
		proxy.arm(cutNothing)
		if err := made(); err != nil {
			t.Errorf("%s came to pass, and: %v", name, err)
		}
	}
	// What is certain is that nothing was sent. Once who waits is turned away until the time is over, once it ends with nobody
	// answering.
	for _, hung := range []bool{false, true} {
		proxy.arm(cutNothing)
		proxy.mu.Lock()
		proxy.shut, proxy.hung = !hung, hung
		proxy.mu.Unlock()
		proxy.close()
		late := record(t, fmt.Sprint("late ", hung), epoch)
		err := p.Put(t.Context(), late, someone)
		if !errors.Is(err, model.ErrStoreAway) || !errors.Is(err, model.ErrStoreWrite) || errors.Is(err, model.ErrOutcomeUnknown) {
			t.Errorf("a change that was not sent says %v", err)
		}
		if _, err := p.Get(t.Context(), late.Key.ID); !errors.Is(err, model.ErrStoreAway) {
			t.Errorf("a question that was not sent says %v", err)
		}
		proxy.arm(cutNothing)
		proxy.close()
		if err := p.Put(t.Context(), late, someone); err != nil {
			t.Errorf("a store does not come back: %v", err)
		}
	}
}

// pgOneLine fails unless exactly one line of activity tells of this.
func pgOneLine(t *testing.T, p *Postgres, id string, action model.Action) error {
	t.Helper()
	activity, err := p.Activity(t.Context(), 1000)
	if err != nil {
		return err
	}
	lines := 0
	for _, line := range activity {
		if line.KeyID == id && line.Action == action {
			lines++
		}
	}
	if lines != 1 {
		return fmt.Errorf("%d lines tell that %s was %s", lines, id, action)
	}
	return nil
}

// A database that is restarted, or crashes, in the middle of what is done holds up what is done, and takes nothing back. Marks
// live through it.
func TestPostgresRestarted(t *testing.T) {
	s := pgtest.Start(t)
	p := openPostgres(t, s.URL())
	mark := pgChangesOf(t, p, 0).Mark
	stop := make(chan struct{})
	var putting sync.WaitGroup
	var mu sync.Mutex
	var acknowledged []string
	for caller := range 3 {
		putting.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				rec := record(t, fmt.Sprint(caller, " ", i), epoch)
				err := p.Put(t.Context(), rec, someone)
				switch {
				case err == nil:
					mu.Lock()
					acknowledged = append(acknowledged, rec.Key.ID)
					mu.Unlock()
				case !errors.Is(err, model.ErrStoreWrite) && !errors.Is(err, model.ErrOutcomeUnknown) && !errors.Is(err, model.ErrStoreBusy):
					t.Errorf("while the database is restarted: %v", err)
				}
			}
		})
	}
	some := func() {
		mu.Lock()
		enough := len(acknowledged) + 20
		mu.Unlock()
		for deadline := time.Now().Add(30 * time.Second); ; {
			mu.Lock()
			n := len(acknowledged)
			mu.Unlock()
			if n >= enough {
				return
			}
			if time.Now().After(deadline) {
				t.Error("nothing is acknowledged any more")
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
	some()
	s.Restart(t)
	some()
	s.Kill(t)
	s.Again(t)
	some()
	close(stop)
	putting.Wait()
	keys := map[string]model.Key{}
	pgFollow(t, p, keys, mark)
	for _, id := range acknowledged {
		if _, there := keys[id]; !there {
			t.Errorf("%s was acknowledged and is gone", id)
		}
	}
	list, err := p.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != len(keys) || !slices.ContainsFunc(list, func(key model.Key) bool { return key.ID == acknowledged[0] }) {
		t.Errorf("%d keys are listed, %d were told", len(list), len(keys))
	}
	s.Stop(t)
	if _, err := p.Version(t.Context()); !errors.Is(err, model.ErrStoreAway) {
		t.Errorf("of a database that is gone: %v", err)
	}
	s.Again(t)
	if again := pgChangesOf(t, p, mark); again.All || len(again.Keys) != len(list) {
		t.Errorf("a mark does not live through restarts: %d keys, all: %v", len(again.Keys), again.All)
	}
}
