package server

import (
	"errors"
	"net/http"

	"clavier/model"
	"clavier/wire"
)

// errStopping is why a server that stops is not ready.
var errStopping = errors.New("the service is stopping; ask another one")

// ready returns why the server cannot answer for keys; nil if it can.
func (s *Server) ready() error {
	if s.stopping.Load() {
		return errStopping
	}
	return s.verify.ready()
}

// healthy answers that the process lives.
func healthy(w http.ResponseWriter, _ *http.Request) { writeText(w, "ok\n") }

// readiness answers whether the server can answer for keys. Why not is for its log to say.
func readiness(ready func() error) http.HandlerFunc {
	unsure, _ := wire.KindOf(model.ErrUnsure)
	return func(w http.ResponseWriter, _ *http.Request) {
		switch err := ready(); {
		case err == nil:
			writeText(w, "ready\n")
		case errors.Is(err, errStopping):
			kindProblem(unsure, err.Error()).write(w)
		default:
			kindProblem(unsure, details[model.ErrUnsure]).write(w)
		}
	}
}
