package remote

import (
	"context"
	"errors"
	"net/http"
	"time"

	"clavier/model"
	"clavier/wire"
)

// Rotations returns the unfinished rotations, those that began last first.
func (r *Remote) Rotations(ctx context.Context) ([]model.Rotation, error) {
	var rotations []model.Rotation
	err := r.do(ctx, question(r.endpoint.At(wire.PathRotations, nil), into(func(sent wire.Rotations) error {
		rotations = make([]model.Rotation, 0, len(sent.Rotations))
		for _, one := range sent.Rotations {
			if !wire.ValidID(one.OldID) || !wire.ValidID(one.NewID) {
				return errors.New("it answered with a rotation of what is no key")
			}
			rotations = append(rotations, one.Model())
		}
		return nil
	})))
	return rotations, err
}

// StepDone notes that a step of a rotation is done: the moment is the service's. What was sent is not repeated.
func (r *Remote) StepDone(ctx context.Context, oldID string, step model.Step, _ time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at, err := r.endpoint.step(oldID, step)
	if err != nil {
		return err
	}
	return r.do(ctx, call{method: http.MethodPut, url: at, changes: true, read: empty})
}
