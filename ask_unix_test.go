//go:build unix

package main

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clavier/model"
)

// repository makes the machine's directory a work tree with a tracked.env, and nobody's settings.
func (m *machine) repository(t *testing.T) {
	t.Helper()
	needs(t, "git")
	if err := os.WriteFile(filepath.Join(m.dir, "tracked.env"), []byte("A=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.env = append(m.env, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	for _, args := range [][]string{{"init", "-q"}, {"add", "tracked.env"}} {
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir, cmd.Env = m.dir, m.env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git: %v %s", err, out)
		}
	}
}

func (m *machine) file(name string) string {
	content, _ := os.ReadFile(filepath.Join(m.dir, name))
	return string(content)
}

// TestEnvAsks: on a terminal, a tracked file and one that is not ignored are asked about, before the passphrase is.
func TestEnvAsks(t *testing.T) {
	m := newMachine(t)
	secret := m.create(t, "production")
	m.repository(t)
	const tracked, ignored = "Write it there all the same? [y/N] ", "Add it to the .gitignore beside it? [Y/n] "
	for _, test := range []struct {
		file, question, answer string
		code                   int
		wrote, ignores         bool
	}{
		{"tracked.env", tracked, "\r", 1, false, false},
		{"tracked.env", tracked, "n\r", 1, false, false},
		{"tracked.env", tracked, "\x04", 1, false, false},
		{"tracked.env", tracked, "y\r", 0, true, false},
		{"a.env", ignored, "n\r", 0, true, false},
		{"b.env", ignored, "\x04", 1, false, false},
		{"b.env", ignored, "\r", 0, true, true},
		{"c.env", ignored, "yes\r", 0, true, true},
	} {
		before := m.file(test.file)
		s := sit(t, m.command(t, "env", "--to", test.file, "API_KEY=production"))
		s.asked(test.question, false)
		s.types(test.answer)
		s.wantEnd(test.code)
		if got := strings.Contains(m.file(test.file), "API_KEY="+secret+"\n"); got != test.wrote || !test.wrote && m.file(test.file) != before {
			t.Errorf("%s, %q: written: %v", test.file, test.answer, got)
		}
		if got := strings.Contains(m.file(".gitignore"), "/"+test.file+"\n"); got != test.ignores {
			t.Errorf("%s, %q: ignored: %v", test.file, test.answer, got)
		}
		if strings.Contains(s.seen(), secret) {
			t.Error("the secret was shown")
		}
	}
	m.protect(t, "correct horse")
	s := sit(t, m.command(t, "env", "--to", "d.env", "API_KEY=production"))
	s.asked(ignored, false)
	s.types("y\r")
	s.asked(askPassphrase, true)
	s.types("\x03")
	s.wantEnd(1)
	if m.file("d.env") != "" || strings.Contains(m.file(".gitignore"), "d.env") {
		t.Error("something was written without the passphrase")
	}
}

// TestImportAsks: the secret is not shown as it is typed or pasted.
func TestImportAsks(t *testing.T) {
	m := newMachine(t)
	drawn, err := model.DrawSecret(rand.Reader, "acme_")
	if err != nil {
		t.Fatal(err)
	}
	secret := drawn.Reveal()
	for answer, code := range map[string]int{secret + "\r": 0, secret[:9] + "\x03": 1, "\r": 1} {
		s := sit(t, m.command(t, "import", "pasted"))
		s.asked("Secret to import: ", true)
		s.types(answer)
		s.wantEnd(code)
		if strings.Contains(s.seen(), secret[:9]) {
			t.Error("what was typed was shown")
		}
	}
	if m.output(t, "show", "pasted") != secret {
		t.Error("another secret was kept")
	}
}

// TestImportPicks: the variables of a file are marked by number.
func TestImportPicks(t *testing.T) {
	m := newMachine(t)
	content := ""
	var secrets []string
	for _, name := range []string{"ONE", "TWO", "THREE", "FOUR", "FIVE"} {
		drawn, err := model.DrawSecret(rand.Reader, "acme_")
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, drawn.Reveal())
		content += name + "=" + drawn.Reveal() + "\n"
	}
	if err := os.WriteFile(filepath.Join(m.dir, "keys.env"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	const question = "Import which? "
	for _, test := range []struct {
		answers []string
		code    int
		names   string
	}{
		{[]string{"\r"}, 1, ""},
		{[]string{"\x04"}, 1, ""},
		{[]string{"6\r", "two\r", "3-2\r", "0\r", "5 1-2\r"}, 0, "FIVE TWO ONE"},
		{[]string{"all\r"}, 0, "FOUR THREE FIVE TWO ONE"},
	} {
		s := sit(t, m.command(t, "import", "--from", "keys.env"))
		for i, answer := range test.answers {
			until(t, "the question", func() bool { return strings.Count(s.seen(), question) == i+1 })
			s.asked(question, false)
			s.types(answer)
		}
		s.wantEnd(test.code)
		for _, secret := range secrets {
			if strings.Contains(s.seen(), secret) {
				t.Error("a secret was shown")
			}
		}
		for name := range strings.FieldsSeq(test.names) {
			if !strings.Contains(content, name+"="+m.output(t, "show", name)+"\n") {
				t.Errorf("%s is another", name)
			}
		}
		if got := len(strings.Fields(m.output(t, "list"))); test.names == "" && got > 10 {
			t.Errorf("%v: something was imported", test.answers)
		}
	}
}
