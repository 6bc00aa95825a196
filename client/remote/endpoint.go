package remote

import (
	"errors"
	"net/url"

	"clavier/model"
	"clavier/reach"
	"clavier/wire"
)

// endpoint is where a service is, and what stands there.
type endpoint struct{ reach.Service }

// key returns the address of a key, or of what stands behind it. It and step are the only ways in which an id gets into an
// address, and return model.ErrNotFound for what is no id of a service: no such text ever leaves its place in the path, or
// leaves it empty.
func (e endpoint) key(id, suffix string) (*url.URL, error) {
	if !wire.ValidID(id) {
		return nil, model.ErrNotFound
	}
	return e.At(wire.PathKeys+"/"+id+suffix, nil), nil
}

// step returns the address of a step of the rotation of a key. A step that cannot be noted is an error.
func (e endpoint) step(oldID string, step model.Step) (*url.URL, error) {
	word := wire.StepWord(step)
	if word == "" {
		return nil, errors.New("the step " + step.String() + " is none that is noted")
	}
	if !wire.ValidID(oldID) {
		return nil, model.ErrNotFound
	}
	return e.At(wire.PathRotations+"/"+oldID+"/steps/"+word, nil), nil
}
