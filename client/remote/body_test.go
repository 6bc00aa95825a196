package remote

import (
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"clavier/wire"
)

// decoding decodes a body and returns how many bytes were allocated for it.
func decoding[T any](body string) (allocated uint64, err error) {
	a := answer{status: http.StatusOK, header: http.Header{"Content-Type": {jsonType}}, body: []byte(body)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = decode[T](a)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}

// A body that is within its bounds takes no more memory than a few times of it, whatever its service has put into it.
func TestT13Crowded(t *testing.T) {
	list := func(field, item string) string {
		const size = wire.MaxBody - 64
		return `{"` + field + `":[` + strings.Repeat(item+",", size/(len(item)+1)) + item + `]}`
	}
	tests := map[string]struct {
		body   string
		decode func(string) (uint64, error)
	}{
		"keys of nothing":          {list("keys", "{}"), decoding[wire.Keys]},
		"keys that are null":       {list("keys", "null"), decoding[wire.Keys]},
		"keys in several lists":    {"{" + strings.Repeat(`"keys":[{},{},{},{},{},{},{},{}],`, wire.MaxBody/36) + `"next":""}`, decoding[wire.Keys]},
		"changed keys":             {list("keys", "{}"), decoding[wire.Changes]},
		"ids":                      {list("gone", `""`), decoding[wire.Changes]},
		"lines":                    {list("activity", "{}"), decoding[wire.Lines]},
		"rotations":                {list("rotations", "{}"), decoding[wire.Rotations]},
		"answers":                  {list("answers", "{}"), decoding[wire.Answers]},
		"a text with a quote":      {list("keys", `{"name":"\\\","}`), decoding[wire.Keys]},
		"not JSON":                 {strings.Repeat("[{,", wire.MaxBody/3), decoding[wire.Keys]},
		"a list that does not end": {`{"keys":[` + strings.Repeat("{},", wire.MaxBody/3-8), decoding[wire.Keys]},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if allocated, err := test.decode(test.body); err == nil || allocated > 16*wire.MaxBody {
				t.Errorf("%d bytes were allocated for %d, %v", allocated, len(test.body), err)
			}
		})
	}
}

// The smallest answers that are true ones are read.
func TestNotCrowded(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	id := strings.Repeat("0", 36)
	keys, ids := make([]wire.Key, wire.MaxPage), make([]string, wire.MaxPage)
	lines, rotations, answers := make([]wire.Activity, wire.MaxPage), make([]wire.Rotation, wire.MaxPage), make([]wire.Answer, wire.MaxPage)
	for i := range wire.MaxPage {
		keys[i].ID, ids[i], lines[i].At, rotations[i].BeganAt, answers[i].At = id, id, at, at, at
	}
	for name, body := range map[string]any{
		"a page": wire.Keys{Keys: keys}, "changes": wire.Changes{Keys: keys, Gone: ids}, "ids": wire.Changes{Gone: ids},
		"activity": wire.Lines{Activity: lines}, "rotations": wire.Rotations{Rotations: rotations}, "answers": wire.Answers{Answers: answers},
		"the state": wire.State{}, "a key": wire.Key{}, "nothing": struct{}{},
	} {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if crowded(text) {
			t.Errorf("%s of %d bytes is taken for a list of nothing", name, len(text))
		}
	}
}
