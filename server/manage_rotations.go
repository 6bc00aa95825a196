package server

import (
	"context"
	"net/http"

	"clavier/model"
	"clavier/wire"
)

type (
	noneIn  struct{}
	stepsIn struct {
		OldID string `path:"old_id" format:"uuid" doc:"The id of the key that is replaced."`
		Step  string `path:"step" enum:"hand-over,check,watch" doc:"The step that was done."`
	}
	rotationsOut struct {
		Body wire.Rotations
	}
)

func (m *manage) registerRotations() {
	register(m, operation{
		id: "list-rotations", method: http.MethodGet, path: wire.PathRotations, role: model.RoleRead,
		summary: "List the unfinished rotations, those that began last first.", status: http.StatusOK,
	}, m.rotations)
	register(m, operation{
		id: "note-step", method: http.MethodPut, path: wire.PathRotations + "/{old_id}/steps/{step}", role: model.RoleManage, action: actionNoted,
		summary: "Note that a step of a rotation was done. Noting it again changes nothing.",
		status:  http.StatusNoContent, others: []int{http.StatusNotFound},
	}, m.noteStep)
}

func (m *manage) rotations(ctx context.Context, _ *call, _ *noneIn) (*rotationsOut, error) {
	rotations, err := m.store.Rotations(ctx)
	if err != nil {
		return nil, err
	}
	const size = 512
	out := &rotationsOut{}
	out.Body.Rotations = []wire.Rotation{}
	for _, rotation := range fitting(rotations, func(model.Rotation) int { return size }) {
		out.Body.Rotations = append(out.Body.Rotations, wire.RotationOf(rotation))
	}
	return out, nil
}

func (m *manage) noteStep(ctx context.Context, _ *call, in *stepsIn) (*nothing, error) {
	step, ok := wire.ParseStep(in.Step)
	if !ok {
		return nil, unfit("the steps that can be noted are hand-over, check and watch")
	}
	if err := m.store.StepDone(ctx, in.OldID, step, m.now().UTC()); err != nil {
		return nil, err
	}
	return &nothing{}, m.made(ctx)
}
