package remote

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"clavier/model"
)

// TestT11Redirects: no redirect is followed, wherever it leads: the other side gets no request, a question is an error, and a
// change is in doubt and never taken for made.
func TestT11Redirects(t *testing.T) {
	var hits atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(elsewhere.Close)
	for _, secure := range []bool{false, true} {
		for _, status := range []int{300, 301, 302, 303, 304, 305, 307, 308, 399} {
			for about, location := range map[string]string{
				"to another host": "https://evil.example/", "to another port": elsewhere.URL, "to plain http": elsewhere.URL, "to itself": "/v1/verify",
				"to nowhere": "", "to a file": "file:///etc/passwd", "to a host that is none": "http://[::1", "to a hostile one": "https://\u202eevil.example/",
			} {
				var own atomic.Int64
				handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					own.Add(1)
					if location != "" {
						w.Header().Set("Location", location)
					}
					w.WriteHeader(status)
				})
				server := httptest.NewUnstartedServer(handler)
				if secure {
					server.StartTLS()
				} else {
					server.Start()
				}
				o, token := options(t, server.URL)
				if secure {
					o.RootCAs = x509.NewCertPool()
					o.RootCAs.AddCert(server.Certificate())
				}
				o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					if !strings.HasSuffix(server.URL, address) {
						t.Errorf("%d %s: a connection to %s was asked for", status, about, address)
					}
					return new(net.Dialer).DialContext(ctx, network, address)
				}
				r := open(t, o)
				for i, operation := range operations {
					own.Store(0)
					err := operation.call(t.Context(), r, record(t, "x").Key.ID)
					wantSentence(t, r, token, err)
					want, most := model.ErrOutcomeUnknown, int64(2)
					if i == 0 {
						want, most = model.ErrUnreachable, 1
					}
					wantOnly(t, err, want)
					if !strings.Contains(err.Error(), "redirects are not followed") || own.Load() > most {
						t.Errorf("%d %s: %s: %q after %d requests", status, about, operation.name, err, own.Load())
					}
				}
				server.Close()
			}
		}
	}
	if hits.Load() != 0 {
		t.Errorf("the other host got %d requests", hits.Load())
	}
}

// TestT11RedirectedDeleteLater: a deletion that a redirect answered is not known to be made, though the key is still there.
func TestT11RedirectedDeleteLater(t *testing.T) {
	service := &fake{records: []model.Record{record(t, "kept")}}
	r := over(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodDelete {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusFound)
			return
		}
		service.ServeHTTP(w, request)
	}))
	err := r.Delete(t.Context(), service.records[0].Key.ID, model.Actor{}, time.Now())
	wantOnly(t, err, model.ErrOutcomeUnknown)
	if err == nil || len(service.keys()) != 1 {
		t.Errorf("got %v", err)
	}
}

// TestPagesStayAtHome: what the service gives as the next page is an opaque text in an address of our own, whatever it looks like.
func TestPagesStayAtHome(t *testing.T) {
	for _, next := range []string{"https://evil.example/v1/keys", "//evil.example", "/../../x", "a&limit=1#x", "\r\nHost: evil.example", "?", "%2e%2e/"} {
		var asked []string
		r := over(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			asked = append(asked, request.URL.Path+" "+request.URL.Query().Get("cursor"))
			page := pageOf(t, 1)
			if len(asked) == 1 {
				page.Next = next
			}
			says(w, http.StatusOK, page)
		}))
		keys, err := r.List(t.Context())
		if err != nil || len(keys) != 2 || len(asked) != 2 || asked[1] != "/v1/keys "+next {
			t.Errorf("%q: %d keys, %v, asked %q", next, len(keys), err, asked)
		}
	}
}

// TestNoProxy: proxies that the environment names get nothing.
func TestNoProxy(t *testing.T) {
	var hits atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(proxy.Close)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	o, _ := options(t, "https://keys.example")
	o.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		if address != "keys.example:443" {
			t.Errorf("a connection to %s was asked for", address)
		}
		return nil, &net.DNSError{Name: "keys.example", IsNotFound: true}
	}
	_, err := open(t, o).State(t.Context())
	wantOnly(t, err, model.ErrUnreachable)
	if hits.Load() != 0 {
		t.Error("the proxy was asked")
	}
	if open(t, o).transport.Proxy != nil {
		t.Error("there is a proxy")
	}
}
