package remote

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"clavier/model"
	"clavier/reach"
	"clavier/wire"
)

// hostile are texts that are no ids of a service, whatever else they are.
var hostile = []string{
	"", " ", "\t", "\x00", ".", "..", "../", "/", "//", "%", "%2f", "%2e%2e", "*", "?", "#", "a", "null", "undefined", "0",
	"018f2a3b-0000-7000-8000-00000000000", "018f2a3b-0000-7000-8000-0000000000000", "018F2A3B-0000-7000-8000-000000000000",
	"018f2a3b-0000-7000-8000-00000000000/", "/18f2a3b-0000-7000-8000-000000000000", "018f2a3b-0000-7000-8000-00000000000\n",
	"018f2a3b-0000-7000-8000-0000000000 0", "018f2a3b_0000_7000_8000_000000000000", "{18f2a3b-0000-7000-8000-00000000000}",
	"018f2a3b-0000-7000-8000-000000000000?", "018f2a3b-0000-7000-8000-000000000000#", "018f2a3b-0000-7000-8000-000000000000/..",
	"\u0660\u0661\u0662", strings.Repeat("/", 36), strings.Repeat("-", 36), strings.Repeat("0", 36),
}

// TestT15Hostile: no call with what is no id sends anything: it is model.ErrNotFound.
func TestT15Hostile(t *testing.T) {
	r := over(t, http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		t.Errorf("%s %s was sent", request.Method, request.RequestURI)
	}))
	ctx := t.Context()
	for _, id := range hostile {
		_, get := r.Get(ctx, id)
		_, sealed := r.Sealed(ctx, id)
		_, end := r.End(ctx, id, time.Time{}, model.Actor{}, time.Now())
		for about, err := range map[string]error{
			"get": get, "sealed": sealed, "end": end, "delete": r.Delete(ctx, id, model.Actor{}, time.Now()), "touch": r.Touch(ctx, id, time.Now()),
			"step": r.StepDone(ctx, id, model.StepCheck, time.Now()), "successor": r.PutSuccessor(ctx, record(t, "x"), id, model.Actor{}),
		} {
			if !errors.Is(err, model.ErrNotFound) {
				t.Errorf("%s %q: %v", about, id, err)
			}
		}
		rec := record(t, "x")
		rec.Key.ID = id
		if r.Put(ctx, rec, model.Actor{}) == nil {
			t.Errorf("put %q is no error", id)
		}
		if err := r.KeepAnswers(ctx, []model.Answer{{KeyID: id, API: "search", Verdict: model.VerdictDead}}); err != nil {
			t.Errorf("an answer for %q: %v", id, err)
		}
	}
}

// TestT15Addresses: each path is what it should be, behind the one of the settings.
func TestT15Addresses(t *testing.T) {
	const id = "018f2a3b-0000-7000-8000-000000000000"
	for address, prefix := range map[string]string{
		"https://keys.example.com": "https://keys.example.com", "https://keys.example.com:8443/keys/": "https://keys.example.com:8443/keys",
		"http://127.0.0.1:1/a/b": "http://127.0.0.1:1/a/b", "unix:/run/clavier.sock": "http://localhost",
	} {
		at, err := reach.ServiceAt(address)
		if err != nil {
			t.Fatal(err)
		}
		e := endpoint{at}
		key, _ := e.key(id, "")
		sealed, _ := e.key(id, wire.SealedSuffix)
		step, _ := e.step(id, model.StepHandOver)
		for got, want := range map[string]string{
			key.String(): "/v1/keys/" + id, sealed.String(): "/v1/keys/" + id + "/sealed",
			step.String(): "/v1/rotations/" + id + "/steps/hand-over", e.At(wire.PathKeys, url.Values{"limit": {"1"}}).String(): "/v1/keys?limit=1",
		} {
			if got != prefix+want {
				t.Errorf("%s: got %s, want %s", address, got, prefix+want)
			}
		}
		if _, err := e.step(id, model.StepDelete); err == nil {
			t.Error("a step that is not noted has an address")
		}
	}
}

// FuzzT15 holds that an id stays in its place of the path, and is never empty there.
func FuzzT15(f *testing.F) {
	for _, id := range hostile {
		f.Add(id)
	}
	f.Add("018f2a3b-0000-7000-8000-000000000000")
	at, err := reach.ServiceAt("https://keys.example.com/prefix")
	if err != nil {
		f.Fatal(err)
	}
	shape := regexp.MustCompile(`^https://keys\.example\.com/prefix/v1/keys/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/sealed$`)
	f.Fuzz(func(t *testing.T, id string) {
		u, err := endpoint{at}.key(id, wire.SealedSuffix)
		if err != nil {
			if !errors.Is(err, model.ErrNotFound) || u != nil {
				t.Errorf("%q: %v, %v", id, u, err)
			}
			return
		}
		if !shape.MatchString(u.String()) || !strings.Contains(u.Path, "/"+id+"/") {
			t.Errorf("%q has the address %s", id, u)
		}
		if step, err := (endpoint{at}).step(id, model.StepCheck); err != nil || step.Path != "/prefix/v1/rotations/"+id+"/steps/check" {
			t.Errorf("%q has the address %v of a step: %v", id, step, err)
		}
	})
}
