package model

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"
)

// TestT1Vectors reads the published file that other implementations are tested with.
func TestT1Vectors(t *testing.T) {
	data, err := os.ReadFile("testdata/secrets.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Good []struct {
			Secret string `json:"secret"`
			Prefix string `json:"prefix"`
			Hint   string `json:"hint"`
			SHA256 string `json:"sha256"`
			Note   string `json:"note"`
		} `json:"good"`
		Bad []struct {
			Text   string `json:"text"`
			Reason string `json:"reason"`
			Note   string `json:"note"`
		} `json:"bad"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Good) < 8 || len(file.Bad) < 20 {
		t.Fatalf("the file has %d good and %d bad vectors", len(file.Good), len(file.Bad))
	}
	for _, v := range file.Good {
		secret := NewSecret(v.Secret)
		digest := secret.Digest()
		if err := CheckSecret(v.Secret); err != nil {
			t.Errorf("good, %s: %v", v.Note, err)
		}
		if secret.Hint() != v.Hint || hex.EncodeToString(digest[:]) != v.SHA256 || CheckPrefix(v.Prefix) != nil {
			t.Errorf("good, %s: hint %s, SHA-256 %x", v.Note, secret.Hint(), digest)
		}
	}
	reasons := map[string]error{
		"prefix": ErrSecretPrefix, "length": ErrSecretLength, "alphabet": ErrSecretAlphabet, "checksum": ErrSecretChecksum,
	}
	seen := map[string]int{}
	for _, v := range file.Bad {
		want, known := reasons[v.Reason]
		if !known {
			t.Errorf("bad, %s: %q is no reason", v.Note, v.Reason)
			continue
		}
		seen[v.Reason]++
		err := CheckSecret(v.Text)
		if !errors.Is(err, want) {
			t.Errorf("bad, %s: %v, not %v", v.Note, err, want)
		}
		for name, other := range reasons {
			if name != v.Reason && errors.Is(err, other) {
				t.Errorf("bad, %s: has a second reason, %s", v.Note, name)
			}
		}
	}
	for name := range reasons {
		if seen[name] == 0 {
			t.Errorf("no bad vector for %s", name)
		}
	}
}
