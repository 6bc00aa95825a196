package wire

import (
	"encoding/json"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"clavier/model"
)

// texts returns the fields of a struct that are texts, and those of structs in it, by their names.
func texts(value reflect.Value) map[string]reflect.Value {
	found := map[string]reflect.Value{}
	for i := range value.NumField() {
		name, field := value.Type().Field(i).Name, value.Field(i)
		switch {
		case field.Kind() == reflect.String:
			found[name] = field
		case field.Kind() == reflect.Struct && field.Type() != reflect.TypeFor[time.Time]():
			maps.Copy(found, texts(field))
		}
	}
	return found
}

// TestT13LongTexts: whatever length the texts of an answer have, what becomes of them is short, and what may be stored passes whole.
func TestT13LongTexts(t *testing.T) {
	const whole = 64 // characters that any of them may have, each of four bytes
	for name, model := range map[string]func(text string) (any, error){
		"a key": func(text string) (any, error) {
			return Key{ID: anID, Name: text, Hint: text, Owner: text, Role: "use", LastUse: neverWord, Note: text}.Model()
		},
		"a line": func(text string) (any, error) {
			return Activity{Action: text, KeyID: text, KeyName: text, By: text, From: text, Refused: text}.Model(), nil
		},
		"an answer": func(text string) (any, error) {
			return Answer{KeyID: text, API: text, Verdict: "dead", Why: text}.Model(), nil
		},
	} {
		for _, n := range []int{whole, 100_000} {
			text := strings.Repeat("\U0001f511", n)
			got, err := model(text)
			if err != nil {
				t.Errorf("%s is refused: %v", name, err)
			}
			for field, value := range texts(reflect.ValueOf(got)) {
				switch got := []rune(value.String()); {
				case field == "ID" || field == "Verdict":
				case n == whole && value.String() != text:
					t.Errorf("%s: %s of %d characters became one of %d", name, field, n, len(got))
				case n > whole && (len(got) < whole || len(got) > maxWhy+1 || string(got) != text[:4*(len(got)-1)]+"…"):
					t.Errorf("%s: %s of %d characters became one of %d", name, field, n, len(got))
				}
			}
		}
	}
}

// TestTextsThatMayBeStored: what the document of the service says may be stored is never cut, and what is longer is cut once.
func TestTextsThatMayBeStored(t *testing.T) {
	for _, test := range []struct {
		body  any
		field string
		most  int
	}{
		{Record{}, "Name", maxName},
		{Record{}, "Hint", maxHint},
		{Record{}, "Owner", maxOwner},
		{Record{}, "Note", maxNote},
		{Answer{}, "API", maxAPI},
		{Answer{}, "Why", maxWhy},
	} {
		field, _ := reflect.TypeOf(test.body).FieldByName(test.field)
		if tag := field.Tag.Get("maxLength"); tag != strconv.Itoa(test.most) {
			t.Errorf("%s may have %s characters, and is cut at %d", test.field, tag, test.most)
		}
		fits := strings.Repeat("\u20ac", test.most)
		cut := Cut(fits+"x", test.most)
		if Cut(fits, test.most) != fits || cut != fits+"…" || Cut(cut, test.most) != cut {
			t.Errorf("%s: cut to %d bytes", test.field, len(cut))
		}
	}
}

// TestTimesThatCannotBeWritten: a time that leaves the years 1 to 9999 in UTC becomes one that can be written, and never no time.
func TestTimesThatCannotBeWritten(t *testing.T) {
	for text, want := range map[string]time.Time{
		"9999-12-31T23:59:59-23:59":      lastMoment,
		"9999-12-31T23:59:59Z":           lastMoment.Truncate(time.Second),
		"9999-12-31T23:59:59.999999999Z": lastMoment,
		"0001-01-01T00:00:00+00:01":      firstMoment,
		"0000-06-01T00:00:00Z":           firstMoment,
		"0000-01-01T00:00:00+23:59":      firstMoment,
		"0001-01-01T00:00:01Z":           time.Time{}.Add(time.Second),
	} {
		var at time.Time
		if err := at.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		key, err := Key{ID: anID, Role: "use", LastUse: usedWord, LastUsedAt: &at, CreatedAt: &at, ExpiresAt: &at}.Model()
		if err != nil {
			t.Error(err)
		}
		record, err := Record{SHA256: DigestText(model.Digest{}), CreatedAt: &at, ExpiresAt: &at}.Model(anID)
		if err != nil {
			t.Error(err)
		}
		line := Activity{At: at, KeyCreatedAt: &at}.Model()
		rotation := Rotation{BeganAt: at, HandedOverAt: &at, CheckedAt: &at, WatchedAt: &at}.Model()
		for i, got := range []time.Time{
			key.CreatedAt, key.ExpiresAt, key.LastUse.At, record.Key.CreatedAt, record.Key.ExpiresAt, line.At, line.KeyCreatedAt,
			rotation.BeganAt, rotation.HandedOverAt, rotation.CheckedAt, rotation.WatchedAt, Answer{At: at}.Model().At,
		} {
			if !got.Equal(want) || got.Location() != time.UTC || got.IsZero() {
				t.Errorf("%s became %v in place %d", text, got, i)
			}
		}
		for _, sent := range []any{KeyOf(key), ActivityOf(line), RotationOf(rotation), RecordOf(record, "")} {
			if _, err := json.Marshal(sent); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	if zero := UTC(time.Time{}); !zero.IsZero() {
		t.Errorf("no time became %v", zero)
	}
}
