package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"clavier/model"
	"clavier/server/live"
	"clavier/wire"
)

// maxClaim is the most characters that are kept of what a client says of who is at work, or where.
const maxClaim = 128

// call is a request that is being answered.
type call struct {
	method, route string
	// quiet is true if its line of the log is of no use to anybody but who looks for it.
	quiet bool
	// from is the address that the request came from.
	from string
	op   operation
	// caller is the key that was presented.
	caller caller
	actor  model.Actor
	// target is the id in the path, if it is one.
	target string
	// key is what is known of the key that is to be changed, for the line of a refusal.
	key model.Key
	// action is what a refusal is called if it is not that of the operation.
	action model.Action
}

// caller is the key that was presented.
type caller struct {
	ID   string
	Name string
	Role model.Role
}

// callKey is where a call stands in its context.
type callKey struct{}

func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// guard lets through to an operation who presents a live key of the role that it needs, with a body that can be read.
func (m *manage) guard(op operation, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		c.op = op
		base := r.Context()
		if op.action != "" {
			base = context.WithoutCancel(base) // a change goes on when its client hangs up: somebody must hear of its outcome
		}
		ctx, cancel := context.WithTimeout(base, storeWait)
		defer cancel()
		r = r.WithContext(ctx)
		if err := m.admit(c, r); err != nil {
			m.failed(ctx, c, err).write(w)
			return
		}
		if _, err := url.ParseQuery(r.URL.RawQuery); err != nil { // else a filter that cannot be read would look like none
			plain(http.StatusUnprocessableEntity, "what stands behind the question mark of the address is not encoded as it must be").write(w)
			return
		}
		if op.body > 0 {
			if p := takeBody(w, r, op.body); p != nil {
				p.write(w)
				return
			}
		}
		next(w, r)
	}
}

// admit finds out who asks, and whether they may.
func (m *manage) admit(c *call, r *http.Request) error {
	found, err := m.verify.identify(r.Header)
	if err != nil {
		return err
	}
	c.caller = callerOf(found)
	c.actor = actorOf(c.caller, c.from, r.Header.Get(wire.HeaderActor))
	id := r.PathValue("id") + r.PathValue("old_id") // a path has at most one of them
	named := strings.Contains(c.op.path, "id}")
	if named && wire.ValidID(id) {
		c.target = id
	}
	if c.caller.Role < c.op.role {
		return model.ErrRole
	}
	if named && c.target == "" {
		return plain(http.StatusUnprocessableEntity, "the id of a key is a UUID in lower case, such as 01890a5d-ac96-774b-bcce-b302099a8057; this is none")
	}
	return nil
}

func callerOf(found live.Found) caller {
	return caller{ID: found.KeyID, Name: wire.DecodeName(found.Name), Role: found.Role}
}

// failed turns an error into what is answered. A change that is refused leaves a line; if the line cannot be written, that is
// what is answered.
func (m *manage) failed(ctx context.Context, c *call, err error) *problem {
	if m.leavesLine(c, err) {
		if noteErr := m.note(ctx, c, err); noteErr != nil {
			err = noteErr
		}
	}
	p, ours := problemOf(err, c.op.action != "")
	if ours {
		logTrouble(m.log, c, err)
	}
	return p
}

// note adds a line about a change that was refused.
func (m *manage) note(ctx context.Context, c *call, why error) error {
	kind, _ := wire.KindOf(why)
	if c.key.ID == "" && c.target != "" {
		c.key, _ = m.store.Get(ctx, c.target) // without it the line says less
	}
	line := model.Activity{
		At: m.now().UTC(), Action: c.op.action, KeyID: c.target, KeyName: c.key.Name, KeyCreatedAt: c.key.CreatedAt, Actor: c.actor,
		Refused: kind.Title,
	}
	if c.key.ID != "" {
		line.KeyID = c.key.ID
	}
	if c.action != "" {
		line.Action = c.action
	}
	return m.store.NoteRefusal(ctx, line)
}

// takeBody reads the body whole, so that what is wrong with it is found before anything is made of it.
func takeBody(w http.ResponseWriter, r *http.Request, most int64) *problem {
	if text := r.Header.Get("Content-Type"); text != "" {
		kind, params, err := mime.ParseMediaType(text)
		if charset := params["charset"]; err != nil || kind != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
			return plain(http.StatusUnsupportedMediaType, "the body must be application/json in UTF-8").with("Accept", "application/json")
		}
	}
	if r.Header.Get("Content-Encoding") != "" {
		return plain(http.StatusUnsupportedMediaType, "the body must not be compressed").with("Accept-Encoding", "identity")
	}
	tooLong := func() *problem {
		return plain(http.StatusRequestEntityTooLarge, "the body has more than the "+strconv.FormatInt(most, 10)+" bytes that are taken here")
	}
	if r.ContentLength > most {
		return tooLong().with("Connection", "close") // else what is announced would be waited for, to be thrown away
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err != nil {
		var tooLarge *http.MaxBytesError
		var netErr net.Error
		switch {
		case errors.As(err, &tooLarge):
			return tooLong()
		case errors.As(err, &netErr) && netErr.Timeout():
			return plain(http.StatusRequestTimeout, "the body did not arrive in time")
		default:
			return plain(http.StatusBadRequest, "the body could not be read to its end")
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// addressOf returns the address of the client without its port: of the connection, or behind a proxy the one that the
// proxy saw. What the client itself wrote there stands before it and is not looked at.
func addressOf(r *http.Request, behindProxy bool) string {
	if behindProxy {
		if lines := r.Header.Values("X-Forwarded-For"); len(lines) > 0 {
			last := lines[len(lines)-1]
			last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
			if address, ok := plainAddress(last); ok {
				return address
			}
		}
	}
	if address, ok := plainAddress(r.RemoteAddr); ok {
		return address
	}
	return "unix socket"
}

// plainAddress reads an address with or without a port.
func plainAddress(text string) (string, bool) {
	if both, err := netip.ParseAddrPort(text); err == nil {
		return both.Addr().Unmap().WithZone("").String(), true
	}
	if address, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return address.Unmap().WithZone("").String(), true
	}
	return "", false
}

// actorOf says who makes a change and from where: what the service knows, and in brackets what the client says if that is
// something else.
func actorOf(who caller, from, header string) model.Actor {
	claimed, _ := wire.DecodeActor(header)
	return model.Actor{By: beside(who.Name, claimed.By), From: beside(from, claimed.From)}
}

func beside(known, claimed string) string {
	claimed = wire.Cut(model.Display(claimed), maxClaim)
	if claimed == "" || claimed == known {
		return known
	}
	return known + " (" + claimed + ")"
}
