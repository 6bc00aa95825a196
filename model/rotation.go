package model

import "time"

// MaxGrace is the most time that an old key keeps working once it was given an end.
const MaxGrace = 30 * 24 * time.Hour

// Step is one of the five steps of a rotation, in their order.
type Step int

// The steps of a rotation.
const (
	// StepCreate makes the successor.
	StepCreate Step = iota + 1
	// StepHandOver brings the successor to the application.
	StepHandOver
	// StepCheck asks the APIs whether the successor works.
	StepCheck
	// StepWatch shows the last use of both keys, and may give the old one an end.
	StepWatch
	// StepDelete deletes the old key. With it the rotation ends.
	StepDelete
)

// String returns the word for a step, as the screen shows it.
func (s Step) String() string {
	switch s {
	case StepCreate:
		return "create"
	case StepHandOver:
		return "hand over"
	case StepCheck:
		return "check"
	case StepWatch:
		return "watch"
	case StepDelete:
		return "delete"
	default:
		return "unknown step"
	}
}

// Rotation is the unfinished replacement of one key by another. It begins when the successor is stored, in the same
// transaction, and ends when either key is deleted. Both keys exist as long as it does.
type Rotation struct {
	// OldID and NewID are the keys. A key is part of one rotation at most.
	OldID, NewID string
	// BeganAt is the moment at which the successor was stored, in UTC.
	BeganAt time.Time
	// HandedOverAt, CheckedAt and WatchedAt are the moments at which these steps were said to be done; zero if they
	// were not. A step that is left out has no moment, and a later one may have.
	HandedOverAt, CheckedAt, WatchedAt time.Time
}

// Next returns the step after the last one that is done: where the rotation goes on.
func (r Rotation) Next() Step {
	switch {
	case !r.WatchedAt.IsZero():
		return StepDelete
	case !r.CheckedAt.IsZero():
		return StepWatch
	case !r.HandedOverAt.IsZero():
		return StepCheck
	default:
		return StepHandOver
	}
}
