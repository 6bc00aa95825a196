package wire

import "time"

// Key is a key as a service tells of it.
type Key struct {
	ID         string     `json:"id" format:"uuid" doc:"Names the key for good; its client chose it, a UUIDv7."`
	Name       string     `json:"name" doc:"What its owner calls it."`
	Hint       string     `json:"hint" doc:"What may always be shown of the secret: its prefix and last four characters."`
	Owner      string     `json:"owner" doc:"Who the key belongs to; empty if nobody says."`
	Role       string     `json:"role" enum:"use,read,manage" doc:"What the key may ask of the service."`
	CreatedAt  *time.Time `json:"created_at" nullable:"true" doc:"When the key was made; null if nobody knows."`
	LastUse    string     `json:"last_use" enum:"used,never,not reported" doc:"Whether the key was used."`
	LastUsedAt *time.Time `json:"last_used_at" nullable:"true" doc:"When the key was last used, to about a minute; null if it never was or it is not reported."`
	ExpiresAt  *time.Time `json:"expires_at" nullable:"true" doc:"From when on the key does not verify; null means never."`
	Disabled   bool       `json:"disabled" doc:"Whether the key was ended for good."`
	Imported   bool       `json:"imported" doc:"Whether the secret was made elsewhere and is only kept here."`
	Note       string     `json:"note" doc:"Where an imported key is managed."`
	Rotating   bool       `json:"rotating" doc:"Whether the key is part of an unfinished rotation."`
	Dead       bool       `json:"dead" doc:"Whether an API refused the key when it was last tried."`
}

// Record is a key with what a store keeps of its secret, as a client stores it. The secret itself is never sent.
type Record struct {
	Name      string     `json:"name" minLength:"1" maxLength:"512" doc:"1 to 64 characters in NFC, none of them invisible, no space first or last."`
	Hint      string     `json:"hint" maxLength:"256" doc:"What may always be shown of the secret."`
	Owner     string     `json:"owner,omitempty" maxLength:"512" doc:"Who the key belongs to."`
	Role      string     `json:"role,omitempty" enum:"use,read,manage" default:"use" doc:"What the key may ask of the service; no more than the key that is presented may."`
	CreatedAt *time.Time `json:"created_at,omitempty" nullable:"true" doc:"When the key was made; only for an imported key it may be missing."`
	ExpiresAt *time.Time `json:"expires_at,omitempty" nullable:"true" doc:"From when on the key does not verify."`
	Disabled  bool       `json:"disabled,omitempty" doc:"Whether the key does not verify."`
	Imported  bool       `json:"imported,omitempty" doc:"Whether the secret was made elsewhere."`
	Note      string     `json:"note,omitempty" maxLength:"1024" doc:"Where an imported key is managed."`
	SHA256    string     `json:"sha256" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the secret, in hexadecimal."`
	Sealed    []byte     `json:"sealed" maxLength:"524288" doc:"The secret as an age file, encrypted to its owner, in base64."`
	Replaces  string     `json:"replaces,omitempty" format:"uuid" doc:"The id of the key that this one replaces: it begins a rotation in the same step."`
}

// Keys is a page of keys, newest first.
type Keys struct {
	Keys  []Key  `json:"keys" nullable:"false" doc:"The keys, newest first."`
	Total int    `json:"total" doc:"How many keys there are in all, whatever the filter."`
	Mark  string `json:"mark" doc:"What to ask changes since, to learn what happens after this moment."`
	Next  string `json:"next,omitempty" doc:"The cursor of the next page; missing on the last one. With a filter a page may be short, or empty, and not be the last."`
}

// Sealed is the sealed secret of a key.
type Sealed struct {
	SHA256 string `json:"sha256" doc:"SHA-256 of the secret, in hexadecimal: what is unsealed must have it."`
	Sealed []byte `json:"sealed" doc:"The secret as an age file, in base64."`
}

// Expiry is the end that a key is given.
type Expiry struct {
	ExpiresAt *time.Time `json:"expires_at,omitempty" nullable:"true" doc:"From when on the key no longer verifies; null takes the end away."`
	AtOnce    bool       `json:"at_once,omitempty" doc:"Ends the key now and for good, whatever any clock says."`
}

// Lookup asks which key has a secret.
type Lookup struct {
	SHA256 string `json:"sha256" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the secret, in hexadecimal."`
}

// State is how a service stands, and who asks.
type State struct {
	Mark   string    `json:"mark" doc:"That of the last change: it differs if anything may have changed."`
	Total  int       `json:"total" doc:"How many keys there are."`
	Self   Key       `json:"self" doc:"The key that was presented."`
	Server string    `json:"server" doc:"The version of the service."`
	Time   time.Time `json:"time" doc:"The service's clock."`
}

// Changes is what happened since a mark.
type Changes struct {
	Keys []Key    `json:"keys" nullable:"false" doc:"Keys that are new or have changed, in any order."`
	Gone []string `json:"gone" nullable:"false" doc:"Ids of keys that were deleted."`
	Mark string   `json:"mark" doc:"What to ask changes since, the next time."`
	All  bool     `json:"all" doc:"Whether too much has changed to tell: list the keys again."`
}

// Activity is a line of what happened.
type Activity struct {
	At           time.Time  `json:"at" doc:"The moment of the change."`
	Action       string     `json:"action" doc:"What was done, or refused."`
	KeyID        string     `json:"key_id" doc:"The key that was changed."`
	KeyName      string     `json:"key_name" doc:"Its name as it was."`
	KeyCreatedAt *time.Time `json:"key_created_at" nullable:"true" doc:"When it was made; null if nobody knows."`
	By           string     `json:"by" doc:"Who asked: the name of the key that was presented, and who its client says is at work."`
	From         string     `json:"from" doc:"Where the request came from, and what its client says of that."`
	Refused      string     `json:"refused,omitempty" doc:"Why the change was not made; missing if it was."`
}

// Lines is the activity of a store, newest first.
type Lines struct {
	Activity []Activity `json:"activity" nullable:"false" doc:"The lines, newest first."`
}

// Rotation is an unfinished rotation.
type Rotation struct {
	OldID        string     `json:"old_id" doc:"The key that is replaced."`
	NewID        string     `json:"new_id" doc:"Its successor."`
	BeganAt      time.Time  `json:"began_at" doc:"When the successor was made."`
	HandedOverAt *time.Time `json:"handed_over_at" nullable:"true" doc:"When the successor was handed over; null before."`
	CheckedAt    *time.Time `json:"checked_at" nullable:"true" doc:"When the successor was checked; null before."`
	WatchedAt    *time.Time `json:"watched_at" nullable:"true" doc:"When the old key was seen to be out of use; null before."`
}

// Rotations are the unfinished rotations, those that began last first.
type Rotations struct {
	Rotations []Rotation `json:"rotations" nullable:"false" doc:"The rotations, those that began last first."`
}

// Answer is how an API answered when a key was tried.
type Answer struct {
	KeyID   string    `json:"key_id" doc:"The key that was tried."`
	API     string    `json:"api" maxLength:"512" doc:"The name of the API."`
	Verdict string    `json:"verdict" enum:"alive,dead,unknown" doc:"What the answer says of the key."`
	Status  int       `json:"status" doc:"The HTTP status; 0 if there was none."`
	Took    int64     `json:"took_ns" doc:"How long the answer took, in nanoseconds."`
	At      time.Time `json:"at" doc:"When it was answered."`
	Why     string    `json:"why,omitempty" maxLength:"4096" doc:"Why the verdict is unknown, in one sentence."`
}

// Answers are how APIs answered, the latest first.
type Answers struct {
	Answers []Answer `json:"answers" nullable:"false" maxItems:"10000" doc:"The answers, the latest first."`
}

// Problem is what went wrong (RFC 9457).
type Problem struct {
	Type   string `json:"type" doc:"Names the kind of problem."`
	Title  string `json:"title" doc:"The kind of problem in words."`
	Status int    `json:"status" doc:"The HTTP status."`
	Detail string `json:"detail,omitempty" doc:"What went wrong this time, and what to do."`
}
