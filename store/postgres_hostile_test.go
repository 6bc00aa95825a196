package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"clavier/e2e/pgtest"
	"clavier/model"
)

// Names may be anything that PostgreSQL can keep, of any length, and are told apart byte by byte; what it cannot keep is refused
// as no name. Texts that only people read are kept so that they can be read.
func TestPostgresNames(t *testing.T) {
	p := newPostgres(t)
	names := []string{
		"a", "A", "ä", "a\u0308", " a", "a ", "\u200b", "\x1b[2J", "'; DROP TABLE clavier_keys; --", `\`, "%", "\U000e0001", "\ufffd", "",
		strings.Repeat("long ", 20_000), strings.Repeat("long ", 20_000) + "!",
	}
	for _, name := range names {
		rec := record(t, name, epoch)
		if err := p.Put(t.Context(), rec, someone); err != nil {
			t.Errorf("%.20q: %v", name, err)
		}
		if key, err := p.Get(t.Context(), rec.Key.ID); err != nil || key.Name != name {
			t.Errorf("%.20q came back as %.20q (%v)", name, key.Name, err)
		}
		if err := p.Put(t.Context(), record(t, name, epoch), someone); !errors.Is(err, model.ErrNameTaken) {
			t.Errorf("%.20q was taken twice: %v", name, err)
		}
	}
	for _, name := range []string{"\x00", "a\x00b", "\xff", "\xed\xa0\x80"} {
		err := p.Put(t.Context(), record(t, name, epoch), someone)
		if !errors.Is(err, model.ErrName) || !model.IsDisplayable(err.Error()) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for what, spoil := range map[string]func(*model.Key){
		"id": func(k *model.Key) { k.ID += "\x00" }, "hint": func(k *model.Key) { k.Hint = "\xff" },
		"owner": func(k *model.Key) { k.Owner = "\x00" }, "long id": func(k *model.Key) { k.ID = strings.Repeat("x", 2000) },
	} {
		rec := record(t, "spoilt "+what, epoch)
		spoil(&rec.Key)
		if err := p.Put(t.Context(), rec, someone); err == nil || errors.Is(err, model.ErrStoreDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if keys, err := p.List(t.Context()); err != nil || len(keys) != len(names) {
		t.Errorf("there are %d keys, want %d (%v)", len(keys), len(names), err)
	}
	const id = "no\x00id"
	_, getErr := p.Get(t.Context(), id)
	_, sealedErr := p.Sealed(t.Context(), id)
	_, endErr := p.End(t.Context(), id, epoch, someone, epoch)
	for what, err := range map[string]error{
		"get": getErr, "sealed": sealedErr, "end": endErr, "delete": p.Delete(t.Context(), id, someone, epoch),
		"touch": p.Touch(t.Context(), id, epoch), "step": p.StepDone(t.Context(), id, model.StepCheck, epoch),
		"succeed": p.PutSuccessor(t.Context(), record(t, "successor", epoch), id, someone),
	} {
		if !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s of an id that cannot be: %v", what, err)
		}
	}
	if err := errors.Join(p.NoteUses(t.Context(), []model.Use{{KeyID: id, At: epoch}}),
		p.KeepAnswers(t.Context(), []model.Answer{{KeyID: id, Verdict: model.VerdictDead, At: epoch}})); err != nil {
		t.Error(err)
	}
	line := model.Activity{At: epoch, Action: model.ActionCreated, KeyID: id, KeyName: "\xff", Actor: model.Actor{By: "a\x00"}, Refused: "no\x00"}
	if err := p.NoteRefusal(t.Context(), line); err != nil {
		t.Fatal(err)
	}
	kept, err := p.Activity(t.Context(), 1)
	if err != nil || len(kept) != 1 || kept[0].KeyID != model.Display(id) || kept[0].Actor.By != model.Display("a\x00") || !kept[0].KeyCreatedAt.IsZero() {
		t.Errorf("the line is kept as %+v (%v)", kept, err)
	}
}

// No error of a database that cannot be opened holds the password, or anything from which it could be had.
func TestPostgresCannotBeOpened(t *testing.T) {
	s := pgtest.Shared(t)
	good := s.OverPort(t, s.NewDatabase(t))
	secret := "pass" + uuid.NewString()
	with := func(change func(u *url.URL)) string {
		u, err := url.Parse(good)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword("clavier", s.Password())
		change(u)
		return u.String()
	}
	query := func(name, value string) string {
		return with(func(u *url.URL) {
			q := u.Query()
			q.Set(name, value)
			u.RawQuery = q.Encode()
		})
	}
	tables := s.NewDatabase(t)
	foreign := openPostgres(t, s.NewDatabase(t))
	for _, statement := range []string{"DROP TABLE clavier_keys", "CREATE TABLE clavier_keys (id TEXT)"} {
		if _, err := foreign.pool.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		address string
		kind    error
		says    string
	}{
		"no address":     {"", model.ErrStoreWrite, "postgres://"},
		"words":          {"host=127.0.0.1 password=" + secret, model.ErrStoreWrite, "postgres://"},
		"a broken one":   {"postgres://u:" + secret + "@%zz/x", model.ErrStoreWrite, "cannot be read"},
		"a broken port":  {"postgres://u:" + secret + "@h:port/x", model.ErrStoreWrite, "cannot be read"},
		"wrong setting":  {query("pool_max_conns", "many"), model.ErrStoreWrite, "cannot be read"},
		"wrong password": {with(func(u *url.URL) { u.User = url.UserPassword("clavier", secret) }), model.ErrStoreWrite, "user or the password"},
		"no user":        {with(func(u *url.URL) { u.User = url.UserPassword("nobody", secret) }), model.ErrStoreWrite, "user or the password"},
		"no database":    {with(func(u *url.URL) { u.Path = "/none" }), model.ErrStoreWrite, "no such database"},
		"no schema":      {query("search_path", "none"), model.ErrStoreWrite, "CREATE"},
		"nobody there":   {with(func(u *url.URL) { u.Host = "127.0.0.1:1" }), model.ErrStoreWrite, "refused"},
		"no tls":         {query("sslmode", "verify-full"), model.ErrStoreWrite, "TLS"},
		"other tables":   {tablesOf(foreign), model.ErrStoreDamaged, "restore"},
	} {
		p, err := OpenPostgres(t.Context(), test.address)
		if err == nil {
			_ = p.Close()
			t.Errorf("%s was opened", name)
			continue
		}
		if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) || !model.IsDisplayable(err.Error()) {
			t.Errorf("%s: %v", name, err)
		}
		for _, form := range []string{"%v", "%+v", "%#v"} {
			text := fmt.Sprintf(form, err)
			for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
				text += fmt.Sprintf(form, cause)
			}
			if many, ok := err.(interface{ Unwrap() []error }); ok {
				for _, cause := range many.Unwrap() {
					text += fmt.Sprintf(form, cause)
				}
			}
			if strings.Contains(text, secret) || strings.Contains(text, s.Password()) || strings.Contains(text, "user=") {
				t.Errorf("%s: the error as %s tells too much", name, form)
			}
		}
	}
	p := openPostgres(t, tables)
	if where := p.Where(); !strings.HasPrefix(where, "postgres:///postgres?host=/") || strings.Contains(where, "clavier") {
		t.Errorf("the store says that it is at %s", where)
	}
	over := openPostgres(t, good)
	if where := over.Where(); where != "postgres://"+s.Addr()+"/postgres" {
		t.Errorf("the store says that it is at %s", where)
	}
}

func tablesOf(p *Postgres) string { return p.pool.Config().ConnString() }

// What is acknowledged is durable though the session is told otherwise, and a program that falls silent in the middle of a change
// does not hold the others up for good.
func TestPostgresSettingsOfAChange(t *testing.T) {
	for setting, want := range map[string]string{"off": "on", "on": "on", "local": "local"} {
		p := openPostgres(t, pgtest.Shared(t).NewDatabase(t)+"&synchronous_commit="+setting)
		held, err := p.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), Wait)
		turn, err := p.lock(ctx, held, pgChange{numbers: 1})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		for _, write := range turn.writes.QueuedQueries {
			if _, err := held.Exec(t.Context(), write.SQL); err != nil {
				t.Fatal(err)
			}
		}
		var commit, idle, lock string
		if err := held.QueryRow(t.Context(), `SELECT current_setting('synchronous_commit'),
			current_setting('idle_in_transaction_session_timeout'), current_setting('lock_timeout')`).Scan(&commit, &idle, &lock); err != nil {
			t.Fatal(err)
		}
		if commit != want || idle != "10s" || lock == "0" {
			t.Errorf("with %s: synchronous_commit is %s, idle_in_transaction_session_timeout %s, lock_timeout %s", setting, commit, idle, lock)
		}
		rollbackPostgres(t.Context(), held)
		held.Release()
	}
}

// A closed store says so, whatever it is asked, and what was reading ends.
func TestPostgresClosed(t *testing.T) {
	p := openPostgres(t, pgtest.Shared(t).NewDatabase(t), small)
	for i := range 30 {
		if err := p.Put(t.Context(), record(t, fmt.Sprint("key ", i), epoch), someone); err != nil {
			t.Fatal(err)
		}
	}
	notified := make(chan error, 1)
	listening := make(chan struct{}, 9)
	go func() { notified <- p.Notify(t.Context(), func() { listening <- struct{}{} }) }()
	<-listening
	pages := 0
	for _, err := range p.Pages(t.Context()) {
		if pages++; pages == 1 {
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		} else if !errors.Is(err, errClosed) {
			t.Errorf("page %d of a closed store: %v", pages, err)
		}
	}
	if err := <-notified; !errors.Is(err, errClosed) {
		t.Errorf("what listened says %v", err)
	}
	_, listErr := p.List(t.Context())
	_, versionErr := p.Version(t.Context())
	for what, err := range map[string]error{
		"put": p.Put(t.Context(), record(t, "late", epoch), someone), "list": listErr, "version": versionErr,
		"notify": p.Notify(t.Context(), func() {}), "touch": p.Touch(t.Context(), "x", time.Now()),
	} {
		if !errors.Is(err, errClosed) || !strings.Contains(err.Error(), "is closed") {
			t.Errorf("%s of a closed store: %v", what, err)
		}
	}
}
