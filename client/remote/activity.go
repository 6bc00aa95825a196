package remote

import (
	"context"
	"net/url"
	"strconv"

	"clavier/model"
	"clavier/wire"
)

// Activity returns at most limit lines of what happened, newest first; fewer if so many would be too much for one answer.
func (r *Remote) Activity(ctx context.Context, limit int) ([]model.Activity, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if limit <= 0 {
		return nil, nil
	}
	for limit = min(limit, wire.MaxActivity); ; limit /= 2 {
		var lines []model.Activity
		query := url.Values{"limit": {strconv.Itoa(limit)}}
		got := r.tries(ctx, question(r.endpoint.At(wire.PathActivity, query), into(func(sent wire.Lines) error {
			lines = make([]model.Activity, 0, min(limit, len(sent.Activity)))
			for _, line := range sent.Activity[:min(limit, len(sent.Activity))] {
				lines = append(lines, line.Model())
			}
			return nil
		})))
		if got.failure == nil || !got.failure.tooLarge || limit <= leastPage {
			return lines, got.err()
		}
	}
}
