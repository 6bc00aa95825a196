package model

import "time"

// Digested is a key with the digest of its secret: what it takes to verify, and no more.
type Digested struct {
	Key    Key
	Digest Digest
}

// DigestPage is a part of all keys with their digests; see Page.
type DigestPage struct {
	// Keys is valid until the next page is asked for.
	Keys []Digested
	// Total is how many keys there are in all; 0 while that is unknown.
	Total int
	// Mark is what is asked for as since, to learn what has changed after the list began.
	Mark int64
}

// DigestChanges is what happened to the keys since a mark; see Changes.
type DigestChanges struct {
	Keys []Digested
	Gone []string
	Mark int64
	All  bool
}

// Cursor is a place in the list of keys, newest first: that of the key with this time of making and id. The zero Cursor is
// before the first.
type Cursor struct {
	CreatedAt time.Time
	ID        string
}

// Use says that a key was used at a moment.
type Use struct {
	KeyID string
	At    time.Time
}

// Remembered is the list of keys as it was when its place was last reached.
type Remembered struct {
	// Keys are newest first.
	Keys []Key
	// At is the moment of the list, in UTC; the zero time if nothing is remembered.
	At time.Time
	// Total is how many keys there were: more than Keys if not all are remembered.
	Total int
}
