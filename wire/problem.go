package wire

import (
	"errors"
	"net/http"

	"clavier/model"
)

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// problemPrefix starts the type of every problem of ours; what follows is its code. A service explains it at that path.
const problemPrefix = "/problems/"

// Kind is one kind of problem that a service answers with.
type Kind struct {
	// Code names it, such as name-taken.
	Code string
	// Status is the HTTP status.
	Status int
	// Err is what it is to a program: a sentinel of package model; nil if it has none.
	Err error
	// Title says it in words.
	Title string
}

// kinds are the problems that a service answers with, those that are asked for first, first.
var kinds = []Kind{
	{"token", http.StatusUnauthorized, model.ErrToken, "the presented key is not live, or none was presented"},
	{"role", http.StatusForbidden, model.ErrRole, "the role of the presented key does not allow this"},
	{"not-found", http.StatusNotFound, model.ErrNotFound, "no such key"},
	{"name-taken", http.StatusConflict, model.ErrNameTaken, "another key has this name"},
	{"held", http.StatusConflict, model.ErrHeld, "a key has this secret already"},
	{"conflict", http.StatusConflict, model.ErrConflict, "another record has this id, or a deleted key had it"},
	{"rotating", http.StatusConflict, model.ErrRotating, "the key is being rotated already"},
	{"expired", http.StatusConflict, model.ErrExpired, "the key has expired"},
	{"last-manager", http.StatusConflict, model.ErrLastManager, "the last key that may manage keys"},
	{"name", http.StatusUnprocessableEntity, model.ErrName, "this cannot be the name of a key"},
	{"not-erased", http.StatusAccepted, model.ErrNotErased, "deleted, and not yet erased"},
	{"outcome-unknown", http.StatusInternalServerError, model.ErrOutcomeUnknown, "only the list tells what became of the change"},
	{"unsure", http.StatusServiceUnavailable, model.ErrUnsure, "the service cannot be sure which keys are live"},
	{"busy", http.StatusServiceUnavailable, model.ErrStoreBusy, "the store is busy"},
	{"store-away", http.StatusServiceUnavailable, model.ErrStoreAway, "the store cannot be reached"}, // which is not-written, too
	{"not-written", http.StatusServiceUnavailable, model.ErrStoreWrite, "the store cannot be read or written"},
	{"damaged", http.StatusInternalServerError, model.ErrStoreDamaged, "the store is damaged"},
}

// Kinds returns all kinds of problems that have a code of their own.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }

// KindOf returns the kind of problem that an error is.
func KindOf(err error) (Kind, bool) {
	for _, kind := range kinds {
		if errors.Is(err, kind.Err) {
			return kind, true
		}
	}
	return Kind{}, false
}

// Type returns the kind's name in a Problem.
func (k Kind) Type() string { return problemPrefix + k.Code }

// Problem returns a problem of this kind. The detail is a sentence for a person.
func (k Kind) Problem(detail string) Problem {
	return Problem{Type: k.Type(), Title: k.Title, Status: k.Status, Detail: detail}
}

// Kind returns the kind of problem that was sent.
func (p Problem) Kind() (Kind, bool) {
	for _, kind := range kinds {
		if p.Type == kind.Type() {
			return kind, true
		}
	}
	return Kind{}, false
}
