package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"clavier/client"
	"clavier/store"
)

// serveAPI VARIABLE: starts a server on this machine for the rest of the script and puts its address into the variable.
// Of each request it notes method, path and the names of the headers in the file "requests", without any value. It answers
//
//	/live      400 to a secret that stands on a line of the file "live", after "Token ", and 401 to any other
//	/status/N  N
//	/to/N/X    N, with the other address that stands in the file "elsewhere"
func serveAPI(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serveapi VARIABLE")
	}
	dir := ts.Getenv("WORK")
	var mu sync.Mutex
	note := func(r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		f, err := os.OpenFile(filepath.Join(dir, "requests"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return
		}
		defer func() { _ = f.Close() }()
		_, has := r.Header["Authorization"]
		body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<10))
		_, _ = fmt.Fprintf(f, "%s %s authorization=%t cookies=%d body=%d\n", r.Method, r.URL.Path, has, len(r.Cookies()), len(body))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note(r)
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "x"})
		parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		code := http.StatusUnauthorized
		switch {
		case parts[0] == "live":
			live, _ := os.ReadFile(filepath.Join(dir, "live"))
			presented, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Token ")
			for line := range strings.Lines(string(live)) {
				if ok && strings.TrimSpace(line) == presented {
					code = http.StatusBadRequest
				}
			}
		case len(parts) > 1:
			code, _ = strconv.Atoi(parts[1])
			if elsewhere, err := os.ReadFile(filepath.Join(dir, "elsewhere")); err == nil {
				w.Header().Set("Location", strings.TrimSpace(string(elsewhere))+"/live")
			}
			w.Header().Set("Retry-After", "30")
		}
		w.WriteHeader(code)
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.URL)
}

// answered NAME VERDICT...: what is kept of the key are answers with these verdicts, in the order of the names of the APIs;
// "dead" in the first place means that the key is dead.
func answered(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: answered NAME [dead:] [API=VERDICT...]")
	}
	records, err := store.Open(context.Background(), ts.Getenv("DB"))
	ts.Check(err)
	defer func() { ts.Check(records.Close()) }()
	keys, err := records.List(context.Background())
	ts.Check(err)
	key, err := client.Find(keys, args[0])
	ts.Check(err)
	wantDead := len(args) > 1 && args[1] == "dead:"
	want := map[string]string{}
	for _, arg := range args[1:] {
		if api, verdict, ok := strings.Cut(arg, "="); ok {
			want[api] = verdict
		}
	}
	all, err := records.Answers(context.Background(), 1000)
	ts.Check(err)
	got := map[string]string{}
	for _, answer := range all {
		if answer.KeyID == key.ID {
			got[answer.API] = string(answer.Verdict)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || key.Dead != wantDead {
		ts.Fatalf("kept of %s: %v, dead %t; want %v, dead %t", args[0], got, key.Dead, want, wantDead)
	}
}

// isJSON FILE: the file is one JSON document.
func isJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: isjson FILE")
	}
	if json.Valid([]byte(ts.ReadFile(args[0]))) == neg {
		ts.Fatalf("%s is JSON: %t", args[0], neg)
	}
}
