//go:build linux || darwin

package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"clavier/model"
	"clavier/store"
)

// Ground is a repository of git whose files and history come from a seed, and
// a store of keys of which one has its secret in some of them.
type Ground struct {
	// Dir is the work tree.
	Dir string
	// Files and Bytes are what git tracks there; Commits is how long its history
	// is, and Blobs how many contents it has.
	Files, Commits, Blobs int
	Bytes                 int64
	// Leaked is how many files of the work tree have the secret, and LeakedEver
	// how many contents in history.
	Leaked, LeakedEver int

	env     []string // of programs that are measured
	pattern string   // a file with the secret: no argument may hold it
	secret  string
}

// What the files are made of.
const (
	groundKeys    = 1000    // keys in the store
	groundIgnored = 500     // files that git ignores
	groundLines   = 20_000  // different lines
	groundLargest = 1 << 20 // bytes of the largest files
	leakedFiles   = 7       // files that have the secret
	leakedPast    = 5       // contents that had it and are gone
)

// NewGround makes a repository of so many files and commits in dir. The same
// numbers give the same files, apart from the secret.
func NewGround(dir string, files, commits int) (*Ground, error) {
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		return nil, err
	}
	home := filepath.Join(dir, "ground-home")
	g := &Ground{
		Dir: filepath.Join(dir, "ground"), Commits: commits, secret: secret.Reveal(), pattern: filepath.Join(dir, "ground-pattern"),
		Leaked: leakedFiles,
		env: append(environment(home), "XDG_DATA_HOME="+filepath.Join(home, "data"), "XDG_CONFIG_HOME="+filepath.Join(home, "config"),
			"GIT_CONFIG_NOSYSTEM=1"),
	}
	err = filled(filepath.Join(dir, "ground.db"), func(s *store.Store) error {
		return s.Fill(context.Background(), func(yield func(model.Record) bool) {
			for i := range groundKeys {
				r := record(i, fmt.Sprintf("key-%06d", i))
				if i == groundKeys/2 {
					r.Key.Hint, r.Sealed.Digest = secret.Hint(), secret.Digest()
				}
				if !yield(r) {
					return
				}
			}
		}, model.Actor{By: "bench", From: "bench"})
	})
	if err != nil {
		return nil, err
	}
	if err := copyFile(filepath.Join(home, "data", "clavier", "local.db"), filepath.Join(dir, "ground.db")); err != nil {
		return nil, err
	}
	if err := os.WriteFile(g.pattern, []byte(g.secret+"\n"), 0o600); err != nil {
		return nil, err
	}
	return g, g.grow(files)
}

// grow makes the repository.
func (g *Ground) grow(files int) error {
	if err := g.git(nil, "init", "--quiet", "--initial-branch=main", g.Dir); err != nil {
		return err
	}
	random := mathrand.New(mathrand.NewPCG(4, 10_000))
	lines := someLines(random)
	if err := g.git(func(w io.Writer) { g.history(w, random, lines, files) }, "-C", g.Dir, "fast-import", "--quiet"); err != nil {
		return err
	}
	for _, args := range [][]string{{"repack", "-a", "-d", "--quiet"}, {"reset", "--quiet", "--hard", "main"}} {
		if err := g.git(nil, append([]string{"-C", g.Dir}, args...)...); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(g.Dir, "out"), 0o700); err != nil {
		return err
	}
	for i := range groundIgnored {
		name := filepath.Join(g.Dir, "out", fmt.Sprintf("made-%d.txt", i))
		if err := os.WriteFile(name, text(random, lines, 8<<10), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// git runs git with what feed writes as its input.
func (g *Ground) git(feed func(io.Writer), args ...string) error {
	cmd := exec.Command("git", args...)
	cmd.Env = g.env
	if feed != nil {
		in, out := io.Pipe()
		cmd.Stdin = in
		go func() {
			w := bufio.NewWriterSize(out, 1<<20)
			feed(w)
			_ = out.CloseWithError(w.Flush())
		}()
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// history writes all commits for git fast-import: the first has nearly all
// files, each other one changes three of them. Some contents have the secret;
// those of the past are gone again with the next commit.
func (g *Ground) history(w io.Writer, random *mathrand.Rand, lines []string, files int) {
	contents := make([][]byte, files-1)
	begin := func(number int) {
		message := fmt.Sprintf("Change number %d\n", number)
		_, _ = fmt.Fprintf(w, "commit refs/heads/main\ncommitter Bench <bench@example.org> %d +0000\ndata %d\n%s",
			1_600_000_000+number*3600, len(message), message)
	}
	put := func(name string, content []byte) {
		_, _ = fmt.Fprintf(w, "M 100644 inline %s\ndata %d\n%s\n", name, len(content), content)
		g.Blobs++
		if bytes.Contains(content, []byte(g.secret)) {
			g.LeakedEver++
		}
	}
	begin(0)
	put(".gitignore", []byte("out/\n*.log\n"))
	for i := range contents {
		contents[i] = text(random, lines, groundSize(random, i))
		if i%(files/leakedFiles+1) == files/leakedFiles/2 {
			contents[i] = fmt.Appendf(contents[i], "api_key = \"%s\"\n", g.secret)
		}
		put(groundName(i), contents[i])
	}
	past := 0
	for number := 1; number < g.Commits; number++ {
		begin(number)
		if past < leakedPast && number%(g.Commits/leakedPast) == 1 {
			put("leak.env", fmt.Appendf(nil, "# %d\nKEY=%s\n", number, g.secret))
			past++
		} else if number%(g.Commits/leakedPast) == 2 {
			_, _ = io.WriteString(w, "D leak.env\n")
		}
		for range 3 {
			i := random.IntN(len(contents))
			if len(contents[i]) > 64<<10 {
				continue // large files hardly change
			}
			at := bytes.LastIndexByte(contents[i][:random.IntN(len(contents[i]))], '\n') + 1
			line := lines[random.IntN(len(lines))]
			changed := append(append(append([]byte{}, contents[i][:at]...), line...), contents[i][at:]...)
			contents[i] = changed
			put(groundName(i), changed)
		}
	}
	g.Files = files
	for _, content := range contents {
		g.Bytes += int64(len(content))
	}
}

// groundName is where the i-th file is: 40 in a directory, three levels deep.
func groundName(i int) string {
	endings := []string{"go", "py", "js", "md", "json", "yaml", "c", "txt"}
	return fmt.Sprintf("src/part%d/unit%d/file%d.%s", i/400, i/40, i, endings[i%len(endings)])
}

// groundSize is how large the i-th file is: most have some kilobytes, one in
// a thousand is large.
func groundSize(random *mathrand.Rand, i int) int {
	if i%1000 == 999 {
		return groundLargest
	}
	return 200 + int(random.ExpFloat64()*8192)
}

// text is lines of at least size bytes.
func text(random *mathrand.Rand, lines []string, size int) []byte {
	var content []byte
	for len(content) < size {
		content = append(content, lines[random.IntN(len(lines))]...)
	}
	return content
}

// someLines are lines as programs and their data have them: names with
// underscores, numbers, signs and now and then a long one of letters and digits.
func someLines(random *mathrand.Rand) []string {
	const letters = "etaoinshrdlucmfwypvbgkqjxz"
	const digits = "0123456789abcdef"
	words := make([]string, 3000)
	for i := range words {
		word := make([]byte, 2+random.IntN(9))
		for k := range word {
			word[k] = letters[int(float64(len(letters))*random.Float64()*random.Float64())]
		}
		words[i] = string(word)
	}
	signs := []string{" ", " ", " ", "_", "_", " = ", "(", ")", ".", ", ", ": ", "\"", " -> ", "/"}
	lines := make([]string, groundLines)
	for i := range lines {
		var line strings.Builder
		line.WriteString(strings.Repeat("\t", random.IntN(4)))
		for range random.IntN(9) {
			line.WriteString(words[random.IntN(len(words))] + signs[random.IntN(len(signs))])
		}
		switch random.IntN(40) {
		case 0:
			line.WriteString("sha256_")
			for range 64 {
				line.WriteByte(digits[random.IntN(len(digits))])
			}
		case 1:
			line.WriteString(strconv.FormatUint(random.Uint64(), 10))
		}
		lines[i] = line.String() + "\n"
	}
	return lines
}
