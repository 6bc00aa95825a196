package server

import (
	"net/http"
	"time"
	"unicode/utf8"

	"clavier/model"
	"clavier/wire"
)

// The bounds of what a record may have.
const (
	maxSealed = 256 << 10 // bytes
	maxHint   = 64        // characters
	maxOwner  = 128       // characters
)

// The moments that a store can keep: 64 bits of nanoseconds since 1970, without the least of them.
var (
	earliest = time.Unix(0, -1<<63+1)
	latest   = time.Unix(0, 1<<63-1)
)

// checkRecord says what is wrong with a record that is to be stored; nil if nothing is.
func checkRecord(record model.Record, replaces string) error {
	key := record.Key
	if err := checkName(key.Name); err != nil {
		return err
	}
	switch {
	case replaces != "" && !wire.ValidID(replaces):
		return unfit("replaces: the id of a key is a UUID in lower case; this is none")
	case replaces == key.ID:
		return unfit("replaces: a key does not replace itself")
	case !model.IsDisplayable(key.Hint) || utf8.RuneCountInString(key.Hint) > maxHint:
		return unfit("hint: at most 64 characters, none of them invisible")
	case !model.IsDisplayable(key.Owner) || utf8.RuneCountInString(key.Owner) > maxOwner:
		return unfit("owner: at most 128 characters, none of them invisible")
	case len(record.Sealed.Ciphertext) == 0:
		return unfit("sealed: a record needs a sealed secret; this one has none")
	case len(record.Sealed.Ciphertext) > maxSealed:
		return unfit("sealed: at most 262144 bytes before they became base64")
	case key.Note != "" && !key.Imported:
		return unfit("note: only an imported key has a note")
	case key.CreatedAt.IsZero() && !key.Imported:
		return unfit("created_at: only for an imported key it may be missing")
	}
	if err := model.CheckNote(key.Note); err != nil {
		return unfit("note: " + err.Error())
	}
	return nil
}

// checkName takes the names that model.ParseName gives back unchanged.
func checkName(name string) error {
	parsed, err := model.ParseName(name)
	if err == nil && string(parsed) == name {
		return nil
	}
	detail := "a name is in Unicode's composed form (NFC); this one is not"
	if err != nil {
		detail = err.Error()
	}
	kind, _ := wire.KindOf(model.ErrName)
	return kindProblem(kind, detail)
}

// checkGiven is checkTime for a moment that need not be sent. What was sent has to be one: the zero time would read as if it was not.
func checkGiven(what string, t *time.Time) error {
	if t == nil {
		return nil
	}
	return checkTime(what, *t)
}

func checkTime(what string, t time.Time) error {
	if t.Before(earliest) || t.After(latest) {
		return unfit(what + ": times are kept from 1677 to 2262")
	}
	return nil
}

// checkAnswers says what is wrong with answers that are to be kept; nil if nothing is.
func checkAnswers(answers []wire.Answer) error {
	const mostStatus = 999
	for _, answer := range answers {
		switch {
		case !wire.ValidID(answer.KeyID):
			return unfit("key_id: the id of a key is a UUID in lower case; one of these is none")
		case answer.API == "":
			return unfit("api: an answer needs the name of its API; one of these has none")
		case answer.Status < 0 || answer.Status > mostStatus:
			return unfit("status: an HTTP status, or 0 if there was none")
		case answer.Took < 0:
			return unfit("took_ns: no answer takes less than no time")
		}
		if err := checkTime("at", answer.At); err != nil {
			return err
		}
	}
	return nil
}

// unfit returns the problem of something that can be read and not be taken.
func unfit(detail string) error { return plain(http.StatusUnprocessableEntity, detail) }
