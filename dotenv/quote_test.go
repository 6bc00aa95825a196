package dotenv

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"clavier/model"
)

// values are what quoting goes wrong with.
func values(t *testing.T) []string {
	all := []string{
		fresh(t), "plain", "with space", " leading", "trailing ", "\ttab\t", "a'b", `a"b`, `a'b"c`, `'`, `"`, `''`, `""`, "`id`", "$(id)", "$HOME",
		"${HOME}", `\`, `\\`, `\n`, `a\`, `a\'`, `'\`, `\"$`, `'\"$` + "`", "#no comment", "a #b", "a#b", "!history", "!!", "~", "~root", "a:~/b",
		"*", "?", "[a-z]", "{a,b}", "(a)", "a;b", "a&b", "a|b", "a<b>c", "a=b", "=a", "%PATH%", "^", "a,b", "-n", "--", "@a", "$env:X", "$null",
		"\x01\x02\x1b[31m\x7f", "été", "‘typo’graphic“ ”", "‚low‛", "日本語", "🔑", "\ufeffmark", "\u202eover", "\u2028line", "<html>&amp;",
		"export A=B", "VALUE=x", "'''", `"""`, "a''b", `\'`, `\$`, "$'a'", `$"a"`, "a\u00a0b", "\u200b", strings.Repeat("long ", 2000), "it's", "ends in '",
	}
	return all
}

// breaks are values that only some formats can hold.
var breaks = []string{"two\nlines", "\nfirst", "last\n", "\n", "a\r\nb", "a\rb", "'\n'", "\"\n\"", "\\\n", "a\\\nb", "a\n#b\nC=d"}

// bytesAlone are values that are not UTF-8.
var bytesAlone = []string{"\xff", "a\xc3", "\x80\xfe'", "\xed\xa0\x80"}

// random returns values that nobody thought of.
func random(n int, alphabet []rune) []string {
	draw := rand.New(rand.NewPCG(4, 11))
	all := make([]string, n)
	for i := range all {
		text := make([]rune, 1+draw.IntN(12))
		for j := range text {
			text[j] = alphabet[draw.IntN(len(alphabet))]
		}
		all[i] = string(text)
	}
	return all
}

var special = []rune("'\"\\$`#! \tab=~*%;&|<>(){}[]^?@-‘’‚‛“”")

func numbered(values []string) []Pair {
	all := make([]Pair, len(values))
	for i, value := range values {
		all[i] = Pair{fmt.Sprintf("VALUE_%d", i), model.NewSecret(value)}
	}
	return all
}

func written(t *testing.T, format Format, all []Pair) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, all); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func wantAll(t *testing.T, got map[string]string, want []Pair) {
	t.Helper()
	for _, p := range want {
		if value, ok := got[p.Name]; value != p.Value.Reveal() {
			t.Errorf("%q became %q (there: %v)", p.Value.Reveal(), value, ok)
		}
	}
}

// TestShells feeds the formats to the real shells and looks at the environment of a program that they start.
func TestShells(t *testing.T) {
	anything := append(values(t), random(300, special)...)
	oneLine := numbered(anything)
	lines := numbered(append(append(anything, breaks...), bytesAlone...))
	noBreaks := numbered(append(anything, bytesAlone...))
	const read, readAndExport = `. "$1"; exec "$2"`, `set -a; . "$1"; exec "$2"`
	for _, test := range []struct {
		shell  []string
		format Format
		pairs  []Pair
	}{
		{[]string{"sh", "-c", read, "sh"}, Shell, lines},
		{[]string{"dash", "-c", read, "sh"}, Shell, lines},
		{[]string{"bash", "--norc", "--noprofile", "-c", read, "sh"}, Shell, lines},
		{[]string{"bash", "--posix", "-c", read, "sh"}, Shell, lines},
		{[]string{"zsh", "-f", "-c", read, "sh"}, Shell, lines},
		{[]string{"fish", "--no-config", "-c", `source $argv[1]; exec $argv[2]`}, Fish, lines},
		{[]string{"sh", "-c", readAndExport, "sh"}, Dotenv, noBreaks},
		{[]string{"bash", "--norc", "-c", readAndExport, "sh"}, Dotenv, noBreaks},
		{[]string{"zsh", "-f", "-c", readAndExport, "sh"}, Dotenv, noBreaks},
		// What a person types: eval, and a pipe into source.
		{[]string{"sh", "-c", `eval "$(cat "$1")"; exec "$2"`, "sh"}, Shell, lines},
		{[]string{"bash", "--norc", "-c", `source <(cat "$1"); exec "$2"`, "sh"}, Shell, lines},
		{[]string{"fish", "--no-config", "-c", `cat $argv[1] | source; exec $argv[2]`}, Fish, lines},
		{[]string{"sh", "-c", read, "sh"}, Shell, oneLine},
	} {
		t.Run(test.shell[0]+" "+string(test.format), func(t *testing.T) {
			need(t, test.shell[0])
			file := filepath.Join(t.TempDir(), "variables")
			if err := os.WriteFile(file, []byte(written(t, test.format, test.pairs)), 0o600); err != nil {
				t.Fatal(err)
			}
			wantAll(t, environment(t, "", append(test.shell, file)...), test.pairs)
		})
	}
}

func TestJSON(t *testing.T) {
	want := numbered(append(append(values(t), breaks...), random(300, special)...))
	var got map[string]string
	text := written(t, JSON, want)
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	wantAll(t, got, want)
	if text := written(t, JSON, pairs("A", "<&>", "B", "x")); text != "{\n  \"A\": \"<&>\",\n  \"B\": \"x\"\n}\n" {
		t.Errorf("it reads %s", text)
	}
}

// TestPowerShell reads by the rules of about_Quoting_Rules, and of the language specification (2.3.5.2) for what counts as a
// single quote; and has PowerShell itself read it, where there is one.
func TestPowerShell(t *testing.T) {
	want := numbered(append(values(t), random(300, special)...))
	text := written(t, PowerShell, want)
	got := map[string]string{}
	for line := range strings.Lines(text) {
		name, quoted, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " = ")
		value, whole := verbatim(quoted)
		if !ok || !whole {
			t.Fatalf("%q is no assignment", line)
		}
		got[strings.TrimPrefix(name, "$env:")] = value
	}
	wantAll(t, got, want)
	for _, shell := range []string{"pwsh", "powershell"} {
		t.Run(shell, func(t *testing.T) {
			if !has(shell) {
				t.Skip(shell + " is not installed")
			}
			file := filepath.Join(t.TempDir(), "variables.ps1")
			// Without a mark, the PowerShell of Windows reads files in its own code page.
			if err := os.WriteFile(file, []byte("\ufeff"+text+"& $args[0]\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			wantAll(t, environment(t, "", shell, "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", file), want)
		})
	}
}

// verbatim reads a verbatim string of PowerShell and reports whether it is the whole text.
func verbatim(text string) (string, bool) {
	isQuote := func(r rune) bool { return strings.ContainsRune("'‘’‚‛", r) }
	runes := []rune(text)
	if len(runes) < 2 || !isQuote(runes[0]) {
		return "", false
	}
	var value []rune
	for i := 1; i < len(runes); i++ {
		if isQuote(runes[i]) {
			if i+1 == len(runes) {
				return string(value), true
			}
			if i++; !isQuote(runes[i]) {
				return "", false
			}
		}
		value = append(value, runes[i])
	}
	return "", false
}

// TestWhatAFormatCannotHold is one clear sentence that names the variable and does not repeat its value, and nothing is written.
func TestWhatAFormatCannotHold(t *testing.T) {
	for format, refused := range map[Format][]string{
		Dotenv: breaks, Docker: append(breaks, bytesAlone...), PowerShell: append(breaks, bytesAlone...),
		JSON: bytesAlone, Systemd: bytesAlone, Shell: nil, Fish: nil,
	} {
		for _, value := range append(refused, "a\x00b") {
			var b bytes.Buffer
			err := Write(&b, format, pairs("FINE", "x", "BROKEN_ONE", "qzj"+value))
			if err == nil || b.Len() > 0 {
				t.Errorf("%s takes %q: %q", format, value, b.String())
			} else if !strings.Contains(err.Error(), "BROKEN_ONE") || strings.Contains(err.Error(), "qzj") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s says %v", format, err)
			}
		}
	}
	var b bytes.Buffer
	if err := Write(&b, Docker, pairs("LONG", strings.Repeat("x", 64<<10))); err == nil || b.Len() > 0 {
		t.Error("docker cannot read a line of 64 KiB")
	}
	if err := Write(&b, "yaml", pairs("A", "x")); err == nil || b.Len() > 0 {
		t.Error("there is no format yaml")
	}
}

func TestPairsThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		pairs []Pair
		says  string
	}{
		{pairs("", "x"), `the name of a variable has letters, digits and _, and no digit first; "" is none`},
		{pairs("1A", "x"), `the name of a variable has letters, digits and _, and no digit first; "1A" is none`},
		{pairs("A-B", "x"), `the name of a variable has letters, digits and _, and no digit first; "A-B" is none`},
		{pairs("A;id", "x"), `the name of a variable has letters, digits and _, and no digit first; "A;id" is none`},
		{pairs("É", "x"), `the name of a variable has letters, digits and _, and no digit first; "É" is none`},
		{pairs("A\x1b", "x"), `the name of a variable has letters, digits and _, and no digit first; "A⟨U+001B⟩" is none`},
		{pairs("A", "x", "A", "y"), "A is given twice"},
		{pairs("A", ""), "A has no value"},
		{pairs("A", "\x00"), "A cannot be a variable: its value has a NUL character"},
	} {
		for _, format := range Formats {
			var b bytes.Buffer
			if err := Write(&b, format, test.pairs); fmt.Sprint(err) != test.says || b.Len() > 0 {
				t.Errorf("%s: %v, want %s", format, err, test.says)
			}
		}
	}
}

func TestParseFormat(t *testing.T) {
	for _, name := range Names() {
		if f, err := ParseFormat(name); err != nil || string(f) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, says := range map[string]string{
		"shel": `there is no format "shel"; did you mean shell?`,
		"yaml": `there is no format "yaml"; there are dotenv, shell, fish, powershell, json, docker, systemd`,
	} {
		if _, err := ParseFormat(name); fmt.Sprint(err) != says {
			t.Errorf("it says %v", err)
		}
	}
}

// TestNothingPrintsASecret is T20 for pairs and entries.
func TestNothingPrintsASecret(t *testing.T) {
	secret := fresh(t)
	entries, err := Read(strings.NewReader("A='" + secret + "'\n"))
	if err != nil || entries[0].Value.Reveal() != secret {
		t.Fatal("it was not read")
	}
	for _, thing := range []any{pairs("A", secret), pairs("A", secret)[0], entries, &entries[0]} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if text := fmt.Sprintf(verb, thing); strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s prints it", verb)
			}
		}
		if text, _ := json.Marshal(thing); bytes.Contains(text, []byte(secret)) || !utf8.Valid(text) {
			t.Error("JSON has it")
		}
	}
}
