package handover

import (
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		"gh secret set API_KEY":               {"gh", "secret", "set", "API_KEY"},
		"  vault\tkv put  a/b  key=-  ":       {"vault", "kv", "put", "a/b", "key=-"},
		`kubectl create secret generic 'a b'`: {"kubectl", "create", "secret", "generic", "a b"},
		`x "a b" a\ b 'a'"b"c ''`:             {"x", "a b", "a b", "abc", ""},
		`x "a\"b\\c\$d" '$a\b' "it's" \'`:     {"x", `a"b\c$d`, `$a\b`, "it's", "'"},
		`x "\n" a#b a~b a=b {{.ID}} %s ]`:     {"x", `\n`, "a#b", "a~b", "a=b", "{{.ID}}", "%s", "]"},
		`'if' a`:                              {"if", "a"},
		`"A=b" c`:                             {"A=b", "c"},
		`./a=b c`:                             {"./a=b", "c"},
		"日本 語":                                {"日本", "語"},
	} {
		if got, err := Split(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", line, got, err, want)
		}
	}
	for line, want := range map[string]string{
		"":          "a command needs a name",
		"  ":        "a command needs a name",
		"x 'a":      "a quote is open at the end of the command: close it",
		`x "a\"`:    "a quote is open at the end of the command: close it",
		`x a\`:      "a backslash stands at the end of the command: quote it",
		"x > y":     "> means something to a shell: put it in quotes, or have the line run by sh",
		"x | y":     "| means something to a shell: put it in quotes, or have the line run by sh",
		`x "$HOME"`: "$ means something to a shell: put it in quotes, or have the line run by sh",
		"x ~/y":     "~ means something to a shell: put it in quotes, or have the line run by sh",
		"A=b x":     "A= before a command means something to a shell: put it in quotes, or have the line run by sh",
		"if x":      "if means something to a shell: put it in quotes, or have the line run by sh",
		"x\ny":      "a command has no control characters",
	} {
		if got, err := Split(line); err == nil || err.Error() != want {
			t.Errorf("%s: %q, %v; want %s", line, got, err, want)
		}
	}
}

// shellWords are the words that sh makes of a line, or nil if it refuses the line.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	script := `show() { for word; do printf '%s\0' "$word"; done; }` + "\nset -f\nshow " + line
	out, err := exec.Command("sh", "-c", script).Output()
	if err != nil {
		return nil
	}
	words := strings.Split(string(out), "\x00")
	return words[:len(words)-1]
}

// FuzzSplitAsShell: what Split accepts is what sh makes of it.
func FuzzSplitAsShell(f *testing.F) {
	for _, line := range []string{
		`a b`, `'a b' "c\"d" e\ f`, `a"b"'c'\d`, `"" ''`, `a\\b "\\" '\'`, `"\$x" \$x '$x'`, "a#b x~ =y {a,b} %d !", `"a\
b"`, "x é", `a'"'b`, "!x", "a=1 b",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if runtime.GOOS == "windows" || len(line) > 200 || strings.ContainsRune(line, 0) {
			t.Skip("sh takes no such line")
		}
		got, err := Split(line)
		if err != nil {
			return
		}
		if want := shellWords(t, line); !slices.Equal(got, want) {
			t.Errorf("%q is %q, and to sh %q", line, got, want)
		}
	})
}
