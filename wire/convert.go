package wire

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"clavier/model"
)

// The words of Key.LastUse.
const (
	usedWord        = "used"
	neverWord       = "never"
	notReportedWord = "not reported"
)

// KeyOf returns a key as it is sent.
func KeyOf(key model.Key) Key {
	sent := Key{
		ID: key.ID, Name: key.Name, Hint: key.Hint, Owner: key.Owner, Role: key.Role.String(),
		CreatedAt: orNull(key.CreatedAt), LastUse: notReportedWord, ExpiresAt: orNull(key.ExpiresAt),
		Disabled: key.Disabled, Imported: key.Imported, Note: key.Note, Rotating: key.Rotating, Dead: key.Dead,
	}
	switch {
	case key.LastUse.Never():
		sent.LastUse = neverWord
	case key.LastUse.Reported:
		sent.LastUse, sent.LastUsedAt = usedWord, orNull(key.LastUse.At)
	}
	return sent
}

// Model returns a key that was sent, its texts cut where they are longer than any that may be stored. The error says what cannot
// be read in it, and never repeats what stood there: it might be the secret of who asks.
func (k Key) Model() (model.Key, error) {
	role, err := model.ParseRole(k.Role)
	if err != nil { // which repeats what stood there
		return model.Key{}, errors.New("the role of a key is none of use, read and manage")
	}
	if !ValidID(k.ID) {
		return model.Key{}, errors.New("the id of a key is no UUID in lower case")
	}
	key := model.Key{
		ID: k.ID, Name: Cut(k.Name, maxName), Hint: Cut(k.Hint, maxHint), Owner: Cut(k.Owner, maxOwner), Role: role,
		CreatedAt: orZero(k.CreatedAt), ExpiresAt: orZero(k.ExpiresAt),
		Disabled: k.Disabled, Imported: k.Imported, Note: Cut(k.Note, maxNote), Rotating: k.Rotating, Dead: k.Dead,
	}
	switch k.LastUse {
	case usedWord:
		if k.LastUsedAt == nil {
			return model.Key{}, errors.New("last_used_at of a key is missing, and last_use is used")
		}
		key.LastUse = model.LastUse{Reported: true, At: orZero(k.LastUsedAt)}
	case neverWord:
		key.LastUse.Reported = true
	case notReportedWord:
	default:
		return model.Key{}, errors.New("last_use of a key is none of used, never and not reported")
	}
	return key, nil
}

// KeysOf returns keys as they are sent, never nil.
func KeysOf(keys []model.Key) []Key {
	sent := make([]Key, len(keys))
	for i, key := range keys {
		sent[i] = KeyOf(key)
	}
	return sent
}

// ModelKeys returns keys that were sent; see Key.Model. The error says what cannot be read in the first that is wrong.
func ModelKeys(sent []Key) ([]model.Key, error) {
	keys := make([]model.Key, len(sent))
	for i, k := range sent {
		key, err := k.Model()
		if err != nil {
			return nil, err
		}
		keys[i] = key
	}
	return keys, nil
}

// RecordOf returns a record as it is sent; replaces is the id of the key that it succeeds, or empty.
func RecordOf(record model.Record, replaces string) Record {
	key := record.Key
	return Record{
		Name: key.Name, Hint: key.Hint, Owner: key.Owner, Role: key.Role.String(),
		CreatedAt: orNull(key.CreatedAt), ExpiresAt: orNull(key.ExpiresAt), Disabled: key.Disabled,
		Imported: key.Imported, Note: key.Note,
		SHA256: DigestText(record.Sealed.Digest), Sealed: record.Sealed.Ciphertext, Replaces: replaces,
	}
}

// Model returns the record that was sent to be stored under an id. Its At is for the store's own clock. The error says what
// cannot be read in it; whether the name and the note may be stored is for others to say.
func (r Record) Model(id string) (model.Record, error) {
	role := model.RoleUse
	if r.Role != "" {
		var err error
		if role, err = model.ParseRole(r.Role); err != nil {
			return model.Record{}, err
		}
	}
	digest, err := ParseDigest(r.SHA256)
	if err != nil {
		return model.Record{}, err
	}
	return model.Record{
		Key: model.Key{
			ID: id, Name: r.Name, Hint: r.Hint, Owner: r.Owner, Role: role, CreatedAt: orZero(r.CreatedAt),
			ExpiresAt: orZero(r.ExpiresAt), Disabled: r.Disabled, Imported: r.Imported, Note: r.Note,
		},
		Sealed: model.Sealed{Digest: digest, Ciphertext: r.Sealed},
	}, nil
}

// DigestText returns a digest as it is sent.
func DigestText(digest model.Digest) string { return hex.EncodeToString(digest[:]) }

// ParseDigest reads a digest that was sent.
func ParseDigest(text string) (model.Digest, error) {
	var digest model.Digest
	if len(text) != 2*len(digest) {
		return model.Digest{}, fmt.Errorf("sha256 has %d characters and needs %d", len(text), 2*len(digest))
	}
	if _, err := hex.Decode(digest[:], []byte(text)); err != nil {
		return model.Digest{}, errors.New("sha256 is not hexadecimal")
	}
	return digest, nil
}

// ActivityOf returns a line of activity as it is sent.
func ActivityOf(line model.Activity) Activity {
	return Activity{
		At: line.At.UTC(), Action: string(line.Action), KeyID: line.KeyID, KeyName: line.KeyName, KeyCreatedAt: orNull(line.KeyCreatedAt),
		By: line.Actor.By, From: line.Actor.From, Refused: line.Refused,
	}
}

// Model returns a line that was sent, its texts cut where they are longer than any that a server makes.
func (a Activity) Model() model.Activity {
	return model.Activity{
		At: UTC(a.At), Action: model.Action(Cut(a.Action, maxWord)), KeyID: Cut(a.KeyID, maxWord), KeyName: Cut(a.KeyName, maxName),
		KeyCreatedAt: orZero(a.KeyCreatedAt), Actor: model.Actor{By: Cut(a.By, maxWho), From: Cut(a.From, maxWho)},
		Refused: Cut(a.Refused, maxRefusal),
	}
}

// RotationOf returns a rotation as it is sent.
func RotationOf(r model.Rotation) Rotation {
	return Rotation{
		OldID: r.OldID, NewID: r.NewID, BeganAt: r.BeganAt.UTC(),
		HandedOverAt: orNull(r.HandedOverAt), CheckedAt: orNull(r.CheckedAt), WatchedAt: orNull(r.WatchedAt),
	}
}

// Model returns a rotation that was sent.
func (r Rotation) Model() model.Rotation {
	return model.Rotation{
		OldID: r.OldID, NewID: r.NewID, BeganAt: UTC(r.BeganAt),
		HandedOverAt: orZero(r.HandedOverAt), CheckedAt: orZero(r.CheckedAt), WatchedAt: orZero(r.WatchedAt),
	}
}

// AnswerOf returns an answer of an API as it is sent.
func AnswerOf(a model.Answer) Answer {
	return Answer{KeyID: a.KeyID, API: a.API, Verdict: string(a.Verdict), Status: a.Status, Took: int64(a.Took), At: a.At.UTC(), Why: a.Why}
}

// Model returns an answer that was sent, its texts cut where they are longer than any that may be stored.
func (a Answer) Model() model.Answer {
	return model.Answer{
		KeyID: Cut(a.KeyID, maxWord), API: Cut(a.API, maxAPI), Verdict: model.Verdict(a.Verdict), Status: a.Status,
		Took: time.Duration(a.Took), At: UTC(a.At), Why: Cut(a.Why, maxWhy),
	}
}

// stepWords are the steps that can be noted, as a path names them.
var stepWords = map[model.Step]string{model.StepHandOver: "hand-over", model.StepCheck: "check", model.StepWatch: "watch"}

// StepWord returns a step as a path names it; empty if it cannot be noted.
func StepWord(step model.Step) string { return stepWords[step] }

// ParseStep reads a step that a path names.
func ParseStep(word string) (model.Step, bool) {
	for step, known := range stepWords {
		if word == known {
			return step, true
		}
	}
	return 0, false
}

var errMark = errors.New("this is no mark of a change")

// MarkText returns a mark as it is sent.
func MarkText(mark int64) string { return strconv.FormatInt(mark, 10) }

// ParseMark reads a mark that was sent; an empty one is 0.
func ParseMark(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	mark, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errMark
	}
	return mark, nil
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return UTC(*t)
}
