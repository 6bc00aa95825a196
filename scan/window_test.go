package scan

import (
	"bytes"
	"context"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"clavier/model"
)

// TestSecretsAcrossWindows puts secrets at every place around the edge of two windows, in every encoding, and reads them in pieces of
// several sizes.
func TestSecretsAcrossWindows(t *testing.T) {
	r := newRing(t)
	secret := r.new("issued")
	elsewhere := strings.Repeat("made elsewhere/", 20)
	s := seeking(t, r.scanner(func(o *Options) { o.Literals = literalsOf(Literal{"imported", model.NewSecret(elsewhere)}) }))
	const small = 1000 // windows of the usual size take long, and have the same edges
	s.buffer = make([]byte, small+s.overlap)
	for _, text := range []string{secret, elsewhere} {
		for _, encoded := range [][]byte{
			[]byte(text), wide(text, 2, false), wide(text, 2, true), wide(text, 4, false), wide(text, 4, true),
		} {
			stride := len(encoded) / len(text)
			if text == elsewhere && stride == 4 {
				continue // imported secrets are looked for in UTF-8, Latin-1 and UTF-16
			}
			for edge := -len(encoded) - 2; edge <= 2; edge++ {
				before := len(s.buffer) + edge
				data := slices.Concat(bytes.Repeat([]byte("."), before), encoded, bytes.Repeat([]byte("."), edge&1*3*small))
				var reader io.Reader = bytes.NewReader(data)
				switch edge % 3 {
				case 0:
					reader = iotest.HalfReader(reader)
				case 1:
					reader = iotest.DataErrReader(reader)
				}
				size := int64(-1)
				if edge%2 == 0 {
					size = int64(len(data))
				}
				read, _, whole, err := s.stream(reader, size)
				if err != nil || read != int64(len(data)) || len(data) != len(s.buffer) && whole != (len(data) < len(s.buffer)) {
					t.Fatalf("edge %d: read %d of %d, whole %v: %v", edge, read, len(data), whole, err)
				}
				start := int64(before + bytes.IndexByte(encoded, text[0]))
				if len(s.spots) != 1 || s.spots[0].start != start || s.spots[0].stride != stride {
					t.Fatalf("edge %d, stride %d: %d spots %+v, want one at %d", edge, stride, len(s.spots), s.spots, start)
				}
			}
		}
	}
}

// FuzzWindows compares what is found in windows with what is found in one piece.
func FuzzWindows(f *testing.F) {
	for seed := range uint64(30) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := mathrand.New(mathrand.NewPCG(seed, 3))
		r := newRing(t)
		secrets := []string{r.new("a"), r.new("b")}
		s := r.scanner(func(o *Options) { o.Literals = literalsOf(Literal{"c", model.NewSecret("0123456789")}) })
		var data []byte
		for range 1 + random.IntN(60) {
			part := pieces(random, append(secrets, "0123456789"))
			if random.IntN(3) == 0 {
				part = wide(string(part), 2, random.IntN(2) == 0)
			}
			data = append(data, part...)
		}
		all := seeking(t, s)
		all.search(data, 0, 0)
		small := seeking(t, s)
		small.buffer = make([]byte, small.overlap+1+random.IntN(100))
		if _, _, _, err := small.stream(iotest.OneByteReader(bytes.NewReader(data)), -1); err != nil {
			t.Fatal(err)
		}
		order := func(a, b spot) int {
			return first(int(a.start-b.start), a.stride-b.stride, strings.Compare(a.key, b.key))
		}
		slices.SortFunc(all.spots, order)
		slices.SortFunc(small.spots, order)
		if !slices.Equal(all.spots, small.spots) {
			t.Fatalf("in windows %+v, in one piece %+v", small.spots, all.spots)
		}
	})
}

func TestPositions(t *testing.T) {
	tests := []struct {
		name, text string
		spot       spot
		want       position
	}{
		{"first", "X", spot{start: 0, stride: 1}, position{1, 1}},
		{"after a line end", "a\nX", spot{start: 2, stride: 1}, position{2, 1}},
		{"after CRLF", "a\r\n..X", spot{start: 5, stride: 1}, position{2, 3}},
		{"after empty lines", "\n\n\nX", spot{start: 3, stride: 1}, position{4, 1}},
		{"at a line end", "ab\ncd", spot{start: 1, stride: 1}, position{1, 2}},
		{"far away", strings.Repeat("\n", 200_000) + strings.Repeat(".", 200_000) + "X", spot{start: 400_000, stride: 1}, position{200_001, 200_001}},
		{"UTF-16 little", "\n\x00a\x00X\x00", spot{start: 4, stride: 2}, position{2, 2}},
		{"UTF-16 big", "\x00\n\x00a\x00X", spot{start: 5, stride: 2, big: true}, position{2, 2}},
		{"no line end in UTF-16", "\x0a\x4e\x0a\x4eX\x00", spot{start: 4, stride: 2}, position{1, 3}},
		{"no line end across characters", "a\x00\x0a\x4e\x00\x0aX\x00", spot{start: 6, stride: 2}, position{1, 4}},
		{"UTF-32", "\n\x00\x00\x00\n\x00\x00\x00X\x00\x00\x00", spot{start: 8, stride: 4}, position{3, 1}},
	}
	for _, tt := range tests {
		got, err := positions([]spot{tt.spot, tt.spot}, func(count func(io.Reader) error) error {
			return count(iotest.HalfReader(strings.NewReader(tt.text)))
		})
		if err != nil || got[0] != tt.want || got[1] != tt.want {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
}

func TestCompressedFilesAreKnownByTheirBeginning(t *testing.T) {
	for begin, want := range map[string]string{
		"PK\x03\x04rest": "zip archive", "\x1f\x8b\x08\x00": "gzip file", "BZh91AY&SY...": "bzip2 file",
		"BZh is a name of mine": "", "PK": "", "": "", "PKs and more": "", "\x1f\x8b": "", "\xfd7zXZ\x00\x00": "xz file",
	} {
		if got := compression([]byte(begin)); got != want {
			t.Errorf("%q is %q, want %q", begin, got, want)
		}
	}
}

func TestLookupIsAskedOnceAndOnlyForSoundChecksums(t *testing.T) {
	r := newRing(t)
	text := strings.Repeat(r.new("k")+"\n"+decoys(t), 50)
	dir := initFiles(t, map[string]string{"a": text, "b": text})
	decoy := strings.Count(text, "not ours")
	result, err := r.scanner().Tree(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Hits) != 2*decoy {
		t.Errorf("%d hits, want %d", len(result.Hits), 2*decoy)
	}
	if r.asked != 2 { // the secret and the one that is not ours
		t.Errorf("asked %d times, want twice", r.asked)
	}
}

func TestFailuresOfTheLookUpEndTheScan(t *testing.T) {
	alone(t)
	broken := errors.New("the store is gone")
	s := New(Options{Lookup: func(context.Context, model.Secret) (string, error) { return "", broken }})
	w := initRepo(t, t.TempDir())
	w.write("f", draw(t, "clv_"))
	w.git("add", "f")
	for name, scan := range map[string]func() (Result, error){
		"tree":    func() (Result, error) { return s.Tree(t.Context(), w.dir) },
		"staged":  func() (Result, error) { return s.Staged(t.Context(), w.dir) },
		"history": func() (Result, error) { return s.History(t.Context(), w.dir) },
	} {
		if _, err := scan(); !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnEndedContextEndsTheScan(t *testing.T) {
	alone(t)
	w := initRepo(t, t.TempDir())
	w.write("f", "x")
	w.commit("x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newRing(t).scanner()
	if _, err := s.Tree(ctx, w.dir); !errors.Is(err, context.Canceled) {
		t.Errorf("tree: %v", err)
	}
	if _, err := s.History(ctx, w.dir); !errors.Is(err, context.Canceled) {
		t.Errorf("history: %v", err)
	}
	if _, err := s.Staged(ctx, w.dir); !errors.Is(err, context.Canceled) {
		t.Errorf("staged: %v", err)
	}
}

func TestShortLiteralsAreRefused(t *testing.T) {
	s := New(Options{Literals: literalsOf(Literal{"k", model.NewSecret("1234567")})})
	if _, err := s.Tree(t.Context(), t.TempDir()); err == nil || strings.Contains(err.Error(), "1234567") {
		t.Errorf("the error is %v", err)
	}
}

func literalsOf(all ...Literal) func(context.Context) ([]Literal, error) {
	return func(context.Context) ([]Literal, error) { return all, nil }
}

// seeking returns what searches one stream.
func seeking(t testing.TB, s *Scanner) *searcher {
	t.Helper()
	sought, err := s.seek(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sought.searcher(t.Context())
}
