package server

import (
	"context"
	"errors"
	"net/http"

	"clavier/model"
	"clavier/wire"
)

type (
	stateOut struct {
		Body wire.State
	}
	changesIn struct {
		Since string `query:"since" maxLength:"20" doc:"The mark of a list or of earlier changes."`
	}
	changesOut struct {
		Body wire.Changes
	}
	activityIn struct {
		Limit int `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"The most lines of the answer."`
	}
	activityOut struct {
		Body wire.Lines
	}
)

func (m *manage) registerState() {
	register(m, operation{
		id: "get-state", method: http.MethodGet, path: wire.PathState, role: model.RoleRead,
		summary: "Tell the mark of the last change, how many keys there are, and whose key was presented.", status: http.StatusOK,
	}, m.state)
	register(m, operation{
		id: "list-changes", method: http.MethodGet, path: wire.PathChanges, role: model.RoleRead,
		summary: "Tell what happened to the keys since a mark.", status: http.StatusOK, others: []int{http.StatusBadRequest},
	}, m.changes)
	register(m, operation{
		id: "list-activity", method: http.MethodGet, path: wire.PathActivity, role: model.RoleRead,
		summary: "List what happened, newest first.", status: http.StatusOK,
	}, m.activity)
}

func (m *manage) state(ctx context.Context, c *call, _ *noneIn) (*stateOut, error) {
	page, err := m.store.After(ctx, model.Cursor{}, 1)
	if err != nil {
		return nil, err
	}
	self, err := m.store.Get(ctx, c.caller.ID)
	if errors.Is(err, model.ErrNotFound) { // it was deleted a moment ago
		err = model.ErrToken
	}
	if err != nil {
		return nil, err
	}
	return &stateOut{wire.State{
		Mark: wire.MarkText(page.Mark), Total: page.Total, Self: wire.KeyOf(self), Server: m.version, Time: m.now().UTC(),
	}}, nil
}

func (m *manage) changes(ctx context.Context, _ *call, in *changesIn) (*changesOut, error) {
	since, err := wire.ParseMark(in.Since)
	if err != nil {
		return nil, plain(http.StatusBadRequest, "since: "+err.Error())
	}
	changes, err := m.store.Changes(ctx, since)
	if err != nil {
		return nil, err
	}
	out := &changesOut{wire.Changes{Keys: wire.KeysOf(changes.Keys), Gone: changes.Gone, Mark: wire.MarkText(changes.Mark), All: changes.All}}
	if out.Body.Gone == nil {
		out.Body.Gone = []string{}
	}
	size := 0
	for _, key := range out.Body.Keys {
		size += keySize(key)
	}
	for _, id := range out.Body.Gone {
		size += textSize(id) + len(`"",`)
	}
	if size > answerBudget {
		out.Body.Keys, out.Body.Gone, out.Body.All = []wire.Key{}, []string{}, true
	}
	return out, nil
}

func (m *manage) activity(ctx context.Context, _ *call, in *activityIn) (*activityOut, error) {
	lines, err := m.store.Activity(ctx, in.Limit)
	if err != nil {
		return nil, err
	}
	const around = 384 // names of the fields and times
	lines = fitting(lines, func(a model.Activity) int {
		return around + textSize(string(a.Action)) + textSize(a.KeyID) + textSize(a.KeyName) + textSize(a.Actor.By) +
			textSize(a.Actor.From) + textSize(a.Refused)
	})
	out := &activityOut{}
	out.Body.Activity = make([]wire.Activity, len(lines))
	for i, line := range lines {
		out.Body.Activity[i] = wire.ActivityOf(line)
	}
	return out, nil
}
