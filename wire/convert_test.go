package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clavier/model"
)

const anID = "01890a5d-ac96-774b-bcce-b302099a8057"

// What rapid draws the parts of keys from.
var (
	drawText = rapid.Custom(func(t *rapid.T) string { return strings.ToValidUTF8(rapid.String().Draw(t, "text"), "") })
	drawTime = rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "no time") {
			return time.Time{}
		}
		return time.Unix(0, rapid.Int64Range(-1<<60, 1<<60).Draw(t, "time")).UTC()
	})
	drawID = rapid.StringMatching(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
)

func drawKey(t *rapid.T) model.Key {
	key := model.Key{
		ID: drawID.Draw(t, "id"), Name: drawText.Draw(t, "name"), Hint: drawText.Draw(t, "hint"), Owner: drawText.Draw(t, "owner"),
		CreatedAt: drawTime.Draw(t, "created"), ExpiresAt: drawTime.Draw(t, "expires"), Disabled: rapid.Bool().Draw(t, "disabled"),
		Imported: rapid.Bool().Draw(t, "imported"), Note: drawText.Draw(t, "note"), Rotating: rapid.Bool().Draw(t, "rotating"),
		Dead: rapid.Bool().Draw(t, "dead"), Role: model.Role(rapid.IntRange(0, 2).Draw(t, "role")),
	}
	if key.LastUse.Reported = rapid.Bool().Draw(t, "reported"); key.LastUse.Reported {
		key.LastUse.At = drawTime.Draw(t, "used")
	}
	return key
}

// overWire sends a value as JSON and reads it again.
func overWire[T any](t interface{ Fatal(args ...any) }, value T) (got T) {
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &got)
	}
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestKeysTravel: a key is the same at the other end.
func TestKeysTravel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := []model.Key{drawKey(t), drawKey(t)}
		got, err := ModelKeys(overWire(t, KeysOf(keys)))
		if err != nil || !slices.Equal(got, keys) {
			t.Fatalf("got %+v, %v, want %+v", got, err, keys)
		}
	})
	if keys := KeysOf(nil); keys == nil || len(keys) != 0 {
		t.Error("no keys are null")
	}
}

// TestTimesTravelInUTC: whatever zone a time has, it is sent and read in UTC.
func TestTimesTravelInUTC(t *testing.T) {
	there := time.Date(2026, 11, 27, 12, 0, 0, 123456789, time.FixedZone("there", 3600))
	key := model.Key{ID: anID, CreatedAt: there, ExpiresAt: there, LastUse: model.LastUse{Reported: true, At: there}}
	sent := KeyOf(key)
	if text, _ := json.Marshal(sent); bytes.Count(text, []byte("2026-11-27T11:00:00.123456789Z")) != 3 {
		t.Errorf("sent as %s", text)
	}
	got, err := sent.Model()
	if err != nil || got.CreatedAt.Location() != time.UTC || !got.CreatedAt.Equal(there) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestRecordsTravel: a record is the same at the other end, but for what is the store's.
func TestRecordsTravel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := drawKey(t)
		key.LastUse, key.Rotating, key.Dead = model.LastUse{}, false, false
		record := model.Record{Key: key, Sealed: model.Sealed{Ciphertext: rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "sealed")}}
		copy(record.Sealed.Digest[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
		replaces := drawID.Draw(t, "replaces")
		sent := overWire(t, RecordOf(record, replaces))
		got, err := sent.Model(key.ID)
		if err != nil || !reflect.DeepEqual(got, record) || sent.Replaces != replaces {
			t.Fatalf("got %+v, %v, want %+v", got, err, record)
		}
	})
}

// TestRestTravels: activity, rotations and answers are the same at the other end.
func TestRestTravels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := drawTime.Draw(t, "at")
		line := model.Activity{
			At: at, Action: model.Action(drawText.Draw(t, "action")), KeyID: drawID.Draw(t, "id"), KeyName: drawText.Draw(t, "name"),
			KeyCreatedAt: drawTime.Draw(t, "created"), Actor: model.Actor{By: drawText.Draw(t, "by"), From: drawText.Draw(t, "from")},
			Refused: drawText.Draw(t, "refused"),
		}
		if got := overWire(t, ActivityOf(line)).Model(); got != line {
			t.Fatalf("got %+v, want %+v", got, line)
		}
		rotation := model.Rotation{
			OldID: drawID.Draw(t, "old"), NewID: drawID.Draw(t, "new"), BeganAt: at, HandedOverAt: drawTime.Draw(t, "handed"),
			CheckedAt: drawTime.Draw(t, "checked"), WatchedAt: drawTime.Draw(t, "watched"),
		}
		if got := overWire(t, RotationOf(rotation)).Model(); got != rotation {
			t.Fatalf("got %+v, want %+v", got, rotation)
		}
		answer := model.Answer{
			KeyID: drawID.Draw(t, "key"), API: drawText.Draw(t, "api"), Verdict: model.VerdictDead, Status: rapid.IntRange(0, 599).Draw(t, "status"),
			Took: time.Duration(rapid.Int64().Draw(t, "took")), At: at, Why: drawText.Draw(t, "why"),
		}
		if got := overWire(t, AnswerOf(answer)).Model(); got != answer {
			t.Fatalf("got %+v, want %+v", got, answer)
		}
	})
}

// TestKeysThatAreNone: what is no key is refused with words that can be shown.
func TestKeysThatAreNone(t *testing.T) {
	for about, spoil := range map[string]func(*Key){
		"no id": func(k *Key) { k.ID = "" }, "an id in capitals": func(k *Key) { k.ID = strings.ToUpper(k.ID) }, "a hostile id": func(k *Key) { k.ID = "\x1b[2J" },
		"no role": func(k *Key) { k.Role = "" }, "an unknown role": func(k *Key) { k.Role = "\x1b[2J root" },
		"no last use": func(k *Key) { k.LastUse = "" }, "an unknown last use": func(k *Key) { k.LastUse = "\x1b[2J" + strings.Repeat("x", 1000) },
		"used, and nobody knows when": func(k *Key) { k.LastUse = usedWord },
	} {
		key := KeyOf(model.Key{ID: anID})
		spoil(&key)
		got, err := key.Model()
		if err == nil || got != (model.Key{}) || !model.IsDisplayable(err.Error()) || len(err.Error()) > 300 || strings.Contains(err.Error(), "2J") {
			t.Errorf("%s: %+v, %v", about, got, err)
		}
		if _, err := ModelKeys([]Key{KeyOf(model.Key{ID: anID}), key}); err == nil {
			t.Errorf("%s: taken in a list", about)
		}
	}
}

// TestValidID: an id is a UUID in its usual form, in lower case, and nothing else.
func TestValidID(t *testing.T) {
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	rapid.Check(t, func(t *rapid.T) {
		id := []byte(drawID.Draw(t, "id"))
		if !ValidID(string(id)) {
			t.Fatalf("%q is no id", id)
		}
		id[rapid.IntRange(0, len(id)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		if ValidID(string(id)) != (shape.Match(id) && !bytes.HasSuffix(id, []byte("\n"))) {
			t.Fatalf("%q: %t", id, ValidID(string(id)))
		}
	})
	for _, id := range []string{"", anID[1:], anID + "0", anID + "\n", " " + anID[1:], "{" + anID + "}", "urn:uuid:" + anID, strings.ReplaceAll(anID, "-", "")} {
		if ValidID(id) {
			t.Errorf("%q is an id", id)
		}
	}
}

// TestCursors: a place in the list is the same at the other end, in a text that needs no escaping.
func TestCursors(t *testing.T) {
	plain := regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	rapid.Check(t, func(t *rapid.T) {
		cursor := model.Cursor{CreatedAt: drawTime.Draw(t, "at"), ID: drawID.Draw(t, "id")}
		text := CursorText(cursor)
		got, err := ParseCursor(text)
		if err != nil || got != cursor || !plain.MatchString(text) || len(text) > 128 {
			t.Fatalf("got %+v, %v from %q, want %+v", got, err, text, cursor)
		}
	})
	if got, err := ParseCursor(CursorText(model.Cursor{})); err != nil || got != (model.Cursor{}) {
		t.Errorf("the beginning is %+v, %v", got, err)
	}
	for _, text := range []string{"x", "AAAA", "AAAAAAAAAAA", "AAAAAAAAAAAx", "!", " ", CursorText(model.Cursor{ID: "x"}), CursorText(model.Cursor{ID: anID}) + "="} {
		if got, err := ParseCursor(text); err == nil || got != (model.Cursor{}) {
			t.Errorf("%q is the cursor %+v", text, got)
		}
	}
}

// FuzzCursor: what is taken for a cursor is one.
func FuzzCursor(f *testing.F) {
	f.Add(CursorText(model.Cursor{ID: anID, CreatedAt: time.Unix(1, 0)}))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := ParseCursor(text); err == nil && got != (model.Cursor{}) && (!ValidID(got.ID) || CursorText(got) == "") {
			t.Errorf("%q is %+v", text, got)
		}
	})
}

// TestSmallTexts: marks, digests and steps, and what is none.
func TestSmallTexts(t *testing.T) {
	for _, mark := range []int64{0, 1, -1, 1<<63 - 1, -1 << 63} {
		if got, err := ParseMark(MarkText(mark)); err != nil || got != mark {
			t.Errorf("%d came back as %d, %v", mark, got, err)
		}
	}
	for _, text := range []string{"x", "1.5", " 1", "9223372036854775808", "0x1", strings.Repeat("9", 1000)} {
		if _, err := ParseMark(text); err == nil || !model.IsDisplayable(err.Error()) || strings.ContainsAny(err.Error(), "0123456789") {
			t.Errorf("%q: %v", text, err)
		}
	}
	digest := model.NewSecret("x").Digest()
	if got, err := ParseDigest(DigestText(digest)); err != nil || got != digest {
		t.Errorf("got %v, %v", got, err)
	}
	for _, text := range []string{"", "x", strings.Repeat("0", 63), strings.Repeat("0", 65), strings.Repeat("g", 64)} {
		if got, err := ParseDigest(text); err == nil || got != (model.Digest{}) {
			t.Errorf("%q is a digest", text)
		}
	}
	for _, step := range []model.Step{0, model.StepCreate, model.StepHandOver, model.StepCheck, model.StepWatch, model.StepDelete, 9} {
		noted := step >= model.StepHandOver && step <= model.StepWatch
		got, ok := ParseStep(StepWord(step))
		if ok != noted || noted && got != step {
			t.Errorf("%v came back as %v, %t", step, got, ok)
		}
	}
}

// TestProblems: each kind of problem is the same error at the other end, and no two have the same name.
func TestProblems(t *testing.T) {
	codes := map[string]bool{}
	for _, kind := range Kinds() {
		if codes[kind.Code] || kind.Title == "" || kind.Err == nil {
			t.Errorf("%+v", kind)
		}
		codes[kind.Code] = true
		found, ok := KindOf(errors.Join(errors.New("around it"), kind.Err))
		if !ok || found != kind {
			t.Errorf("%v is %+v", kind.Err, found)
		}
		sent := overWire(t, kind.Problem("what to do"))
		got, ok := sent.Kind()
		if !ok || got != kind || sent.Status != kind.Status || sent.Detail != "what to do" || sent.Title != kind.Title {
			t.Errorf("%+v came back as %+v", kind, sent)
		}
		if kind.Status < 400 && kind.Status != http.StatusAccepted {
			t.Errorf("%s has the status %d", kind.Code, kind.Status)
		}
	}
	for _, p := range []Problem{{}, {Type: "about:blank"}, {Type: "token"}, {Type: "/problems/"}, {Type: "https://evil.example/problems/token"}} {
		if kind, ok := p.Kind(); ok {
			t.Errorf("%q is %+v", p.Type, kind)
		}
	}
	if _, ok := KindOf(errors.New("another")); ok {
		t.Error("an error of no kind has one")
	}
	kinds := Kinds()
	kinds[0].Code = "changed"
	if Kinds()[0].Code == "changed" {
		t.Error("who asks for the kinds can change them")
	}
}

// TestActors: who is at work is the same at the other end, and what is not of the form is nobody.
func TestActors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bytesOf := rapid.SliceOfN(rapid.Byte(), 0, 200)
		actor := model.Actor{By: string(bytesOf.Draw(t, "by")), From: string(bytesOf.Draw(t, "from"))}
		text := EncodeActor(actor)
		got, ok := DecodeActor(text)
		if got != actor || ok != (actor != model.Actor{}) {
			t.Fatalf("%+v came back as %+v, %t", actor, got, ok)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("%+v is sent as %q", actor, text)
		}
	})
	for _, text := range []string{"", "ada", "a@b@c", "%@b", "a@%zz", strings.Repeat("a", maxActor) + "@b"} {
		if got, ok := DecodeActor(text); ok || got != (model.Actor{}) {
			t.Errorf("%q is %+v", text, got)
		}
	}
}
