package verify_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"

	"clavier/client/verify"
	"clavier/model"
	"clavier/wire"
)

func Example() {
	// A stand-in for the key service: this one takes every key.
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(wire.HeaderKeyID, "01890a5d-ac96-774b-bcce-b302099a8057")
		w.Header().Set(wire.HeaderKeyName, "production")
		w.Header().Set(wire.HeaderKeyRole, "use")
	}))
	defer service.Close()

	verifier, err := verify.New(verify.Options{URL: service.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = verifier.Close() }()

	api := verifier.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, _ := verify.FromContext(r.Context())
		_, _ = fmt.Fprintf(w, "hello, %s", key.Name)
	}))

	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		fmt.Println(err)
		return
	}
	request := httptest.NewRequest(http.MethodGet, "/invoices", nil)
	request.Header.Set("Authorization", "Bearer "+secret.Reveal())
	answer := httptest.NewRecorder()
	api.ServeHTTP(answer, request)
	fmt.Println(answer.Code, answer.Body)
	// Output: 200 hello, production
}
