package model

import "time"

// API is one API that the keys of a profile open, and the one request that tells whether a key works.
type API struct {
	// Name is what it is called; unique in its profile.
	Name string
	// Method and URL are the request. It has no body.
	Method, URL string
	// Header carries the secret, after Scheme and a space if Scheme is not empty: "Authorization" with "Bearer", "Token" or "".
	Header, Scheme string
	// Alive are the HTTP statuses that a live key gets, Dead those of a dead one. Any other means that nobody knows.
	Alive, Dead []int
	// About says what it is for; it may be empty.
	About string
}

// Verdict is what a try says of a key.
type Verdict string

// The verdicts of a try.
const (
	VerdictAlive   Verdict = "alive"
	VerdictDead    Verdict = "dead"
	VerdictUnknown Verdict = "unknown"
)

// Answer is how one API answered when one key was tried.
type Answer struct {
	KeyID, API string
	Verdict    Verdict
	// Status is the HTTP status; 0 if there was no answer.
	Status int
	// Took is the time from the request to the status.
	Took time.Duration
	// At is the moment of the answer, in UTC.
	At time.Time
	// Why is one sentence for a verdict that is unknown; outside text in it has been through Display.
	Why string
}
