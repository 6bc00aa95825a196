package remote

import (
	"context"
	"errors"
	"net/url"
	"time"

	"clavier/model"
	"clavier/wire"
)

// State is how a service stands, and who asks.
type State struct {
	// Mark is that of the last change, Total how many keys there are.
	Mark  int64
	Total int
	// Self is the key that is the token.
	Self model.Key
	// Server is the version of the service, fit to be shown.
	Server string
	// At is the service's clock, in UTC.
	At time.Time
}

// maxVersion is the most characters of a service's version.
const maxVersion = 60

// State asks how the service stands.
func (r *Remote) State(ctx context.Context) (State, error) {
	var state State
	err := r.do(ctx, question(r.endpoint.At(wire.PathState, nil), into(func(sent wire.State) error {
		mark, err := wire.ParseMark(sent.Mark)
		if err != nil {
			return err
		}
		self, err := sent.Self.Model()
		if err != nil {
			return err
		}
		server := wire.Cut(model.Display(wire.Cut(sent.Server, maxVersion)), maxVersion)
		state = State{Mark: mark, Total: max(sent.Total, 0), Self: self, Server: server, At: wire.UTC(sent.Time)}
		return nil
	})))
	return state, err
}

// Role returns what the token may ask of the service.
func (r *Remote) Role(ctx context.Context) (model.Role, error) {
	state, err := r.State(ctx)
	return state.Self.Role, err
}

// Version returns the mark of the last change.
func (r *Remote) Version(ctx context.Context) (int64, error) {
	state, err := r.State(ctx)
	return state.Mark, err
}

// Changes tells what has happened since a mark. What is too much for one answer is told as All.
func (r *Remote) Changes(ctx context.Context, since int64) (model.Changes, error) {
	var changes model.Changes
	query := url.Values{"since": {wire.MarkText(since)}}
	got := r.tries(ctx, question(r.endpoint.At(wire.PathChanges, query), into(func(sent wire.Changes) (err error) {
		changes, err = changesOf(sent)
		return err
	})))
	if got.failure != nil && got.failure.tooLarge {
		mark, err := r.Version(ctx)
		return model.Changes{Mark: mark, All: err == nil}, err
	}
	return changes, got.err()
}

func changesOf(sent wire.Changes) (model.Changes, error) {
	mark, err := wire.ParseMark(sent.Mark)
	if err != nil {
		return model.Changes{}, err
	}
	if sent.All {
		return model.Changes{Mark: mark, All: true}, nil
	}
	keys, err := wire.ModelKeys(sent.Keys)
	if err != nil {
		return model.Changes{}, err
	}
	for _, id := range sent.Gone {
		if !wire.ValidID(id) {
			return model.Changes{}, errors.New("it says that a key is gone whose id is none")
		}
	}
	return model.Changes{Keys: keys, Gone: sent.Gone, Mark: mark}, nil
}
