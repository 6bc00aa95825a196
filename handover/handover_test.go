//go:build unix

package handover

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"clavier/model"
)

// TestMain is the helper too: a program that is told by its arguments what to do with the secret.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "helper" {
		helper(os.Args[2])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// helper does what no short script does.
func helper(what string) {
	secret := make([]byte, 4096)
	n, _ := os.Stdin.Read(secret)
	text := string(secret[:n])
	switch what {
	case "slowly": // each byte in a write of its own
		for i := range len(text) {
			_, _ = os.Stdout.WriteString(text[i : i+1])
		}
	case "terminal":
		if _, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
			fmt.Println("reached the terminal")
		}
		if sid, err := unix.Getsid(0); err != nil || sid != os.Getpid() { // also where the test itself has no terminal
			fmt.Println("has no session of its own")
		}
	case "flood":
		for i := range 3000 {
			fmt.Printf("line %d %s\n", i, text)
		}
	case "hostile":
		fmt.Print("\x1b[2J\x1b]0;title\a\u202e\xff\xfe\rback\r\nnext\ttab\n")
	case "long":
		fmt.Println(strings.Repeat("é", 5000))
	case "both":
		for range 100 {
			_, _ = os.Stdout.WriteString("this is out\n")
			_, _ = os.Stderr.WriteString("this is err\n")
		}
	}
}

func draw(tb testing.TB) model.Secret {
	tb.Helper()
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		tb.Fatal(err)
	}
	return secret
}

// run runs a command to its end and returns what came out. A piece of the secret in it fails the test, without being shown.
func run(tb testing.TB, c Command, secret model.Secret) ([]string, error) {
	tb.Helper()
	var said []string
	err := Run(context.Background(), c, secret, func(line string) { said = append(said, line) })
	all := strings.Join(said, "\n")
	if err != nil {
		all += err.Error()
	}
	text := secret.Reveal()
	for i := 4; i+8 <= len(text); i++ {
		if strings.Contains(all, text[i:i+8]) {
			tb.Fatal("a piece of the secret came out")
		}
	}
	return said, err
}

func sh(script string) Command { return Command{Args: []string{"sh", "-c", script}} }

func self(what string) Command { return Command{Args: []string{os.Args[0], "helper", what}} }

// TestSecretOnStandardInput: the command gets the secret, no line end, and nothing of it in its arguments or environment.
func TestSecretOnStandardInput(t *testing.T) {
	dir := t.TempDir()
	secret := draw(t)
	t.Setenv("LEFT_OVER", "x"+secret.Reveal())
	t.Setenv("KEPT", "as it was")
	script := fmt.Sprintf("cat > %[1]s/in; env > %[1]s/env; cat /proc/$$/cmdline > %[1]s/argv 2>/dev/null; true", dir)
	for _, c := range []Command{sh(script), {Args: []string{script}, Shell: true}} {
		if said, err := run(t, c, secret); err != nil || len(said) > 0 {
			t.Fatalf("%q, %v", said, err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "in"))
		if err != nil || string(got) != secret.Reveal() {
			t.Fatalf("it read %d bytes of %d (%v)", len(got), len(secret.Reveal()), err)
		}
		for _, name := range []string{"env", "argv"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil && name == "env" {
				t.Fatal(err)
			}
			if strings.Contains(string(text), secret.Reveal()) {
				t.Errorf("the secret stands in its %s", name)
			}
			if name == "env" && (!strings.Contains(string(text), "KEPT=as it was\n") || !strings.Contains(string(text), "NO_COLOR=1\n")) {
				t.Error("its environment is not this one, without colours")
			}
		}
	}
}

// TestOutputIsMasked: whatever way a command prints the secret back, and in whatever pieces.
func TestOutputIsMasked(t *testing.T) {
	for about, c := range map[string]struct {
		command Command
		want    []string
	}{
		"as it is":          {sh("cat"), []string{"[redacted]"}},
		"on standard error": {sh("cat >&2"), []string{"[redacted]"}},
		"in a sentence":     {sh(`echo "set API_KEY=$(cat), done"`), []string{"set API_KEY=[redacted], done"}},
		"twice":             {sh(`s=$(cat); echo "$s$s"`), []string{"[redacted][redacted]"}},
		"byte by byte":      {self("slowly"), []string{"[redacted]"}},
		"in base64":         {sh("base64"), []string{"[redacted]"}},
		"base64 in lines":   {sh("base64 -w 10"), []string{"[redacted]"}},
		"in lines, indented": {sh(`echo "key: |"; fold -w 9 | sed 's/^/    /'; echo; echo end`),
			[]string{"key: |", "    [redacted]", "end"}},
		"in hexadecimal":     {sh("od -An -v -tx1 | tr -d ' \\n'"), []string{"[redacted]"}},
		"hexadecimal, large": {sh("od -An -v -tx1 | tr -d ' \\n' | tr a-f A-F"), []string{"[redacted]"}},
		"half of it":         {sh("s=$(cat); echo x; echo clv_"), []string{"x", "clv_"}},
	} {
		said, err := run(t, c.command, draw(t))
		if err != nil || !slices.Equal(said, c.want) {
			t.Errorf("%s: %q, %v; want %q", about, said, err, c.want)
		}
	}
}

// TestBase64InALongerText: also where the secret does not begin a group of three bytes, all but the characters that hold
// bits of its neighbours too is masked.
func TestBase64InALongerText(t *testing.T) {
	for _, prefix := range []string{"", "u", "us", "user:", "ab:"} {
		said, err := run(t, sh("{ printf '%s' '"+prefix+"'; cat; printf :x; } | base64 -w 0"), draw(t))
		if err != nil || len(said) != 1 || !strings.Contains(said[0], redacted) || len(said[0]) > len(redacted)+24 {
			t.Errorf("after %q: %q, %v", prefix, said, err)
		}
	}
}

// TestFailures: each is one sentence.
func TestFailures(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for about, c := range map[string]struct {
		command Command
		want    string
	}{
		"exit status":           {sh("cat > /dev/null; exit 3"), "sh failed with exit status 3"},
		"in a shell":            {Command{Args: []string{"exit 4"}, Shell: true}, "the command failed with exit status 4"},
		"signal":                {sh("cat > /dev/null; kill -TERM $$"), "sh was ended by a signal: terminated"},
		"not found":             {Command{Args: []string{"no-such-command-here"}}, "no-such-command-here was not found: install it, or give its whole path"},
		"not found by its path": {Command{Args: []string{dir + "/none"}}, dir + "/none was not found: install it, or give its whole path"},
		"not executable":        {Command{Args: []string{plain}}, plain + " cannot be started: it is not executable for you"},
		"nothing":               {Command{}, "a command needs a name"},
		"reads nothing":         {Command{Args: []string{"true"}}, "true ended well, but did not read the secret: look at its arguments"},
		"hostile name":          {Command{Args: []string{"/\x1b[2J"}}, "/⟨U+001B⟩[2J was not found: install it, or give its whole path"},
	} {
		if _, err := run(t, c.command, draw(t)); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v; want %s", about, err, c.want)
		}
	}
}

// TestSecretInAnArgument: a command in which the secret stands is not run.
func TestSecretInAnArgument(t *testing.T) {
	secret, made := draw(t), filepath.Join(t.TempDir(), "made")
	for _, c := range []Command{
		{Args: []string{"touch", made, "x=" + secret.Reveal()}}, {Args: []string{"touch " + made + " " + secret.Reveal()}, Shell: true},
	} {
		if _, err := run(t, c, secret); !errors.Is(err, errArgument) {
			t.Errorf("it was run: %v", err)
		}
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("it was run")
	}
	if _, err := run(t, sh("cat > /dev/null"), model.NewSecret("at")); err != nil { // by chance
		t.Error(err)
	}
}

// TestStandardInputIsClosedEarly: that is no failure by itself, and neither hides one.
func TestStandardInputIsClosedEarly(t *testing.T) {
	if _, err := run(t, sh("head -c 5 > /dev/null; exec 0<&-; true"), draw(t)); err != nil {
		t.Error(err)
	}
	if _, err := run(t, sh("exec 0<&-; exit 2"), draw(t)); err == nil || err.Error() != "sh failed with exit status 2" {
		t.Error(err)
	}
	long := model.NewSecret(strings.Repeat(rand.Text(), 10000)) // more than a pipe holds
	if _, err := run(t, sh("head -c 5 > /dev/null; exec 0<&-; true"), long); err != nil {
		t.Error(err)
	}
	if _, err := run(t, Command{Args: []string{"true"}}, long); !errors.Is(err, ErrUnread) {
		t.Error(err)
	}
}

// alive reports whether a process is there and no zombie.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

// TestHangingIsEnded: at the end of its time, and of the context, a command is ended with what it started, also if it
// does not hear.
func TestHangingIsEnded(t *testing.T) {
	for about, c := range map[string]struct {
		script string
		cancel bool
		want   error
		says   string
	}{
		"time":      {"sleep 100 & echo $! $$ .; wait", false, ErrLimit, "sh was still running after 200ms, and was ended"},
		"cancelled": {"sleep 100 & echo $! $$ .; wait", true, context.Canceled, "sh was ended: context canceled"},
		"deaf":      {"trap '' TERM; sleep 100 & echo $! $$ .; wait; sleep 100", true, context.Canceled, "sh was ended: context canceled"},
		"deaf child": {`sh -c 'trap "" TERM; echo $$ .; sleep 100; sleep 100' & echo $$ .; wait`, false, ErrLimit,
			"sh was still running after 200ms, and was ended"},
		"reads for ever":    {"sleep 100 & echo $! $$ .; cat > /dev/null; wait", false, ErrLimit, "sh was still running after 200ms, and was ended"},
		"stopped by itself": {"sleep 100 & echo $! $$ .; kill -STOP $$", false, ErrLimit, "sh was still running after 200ms, and was ended"},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			command := sh(c.script)
			if !c.cancel {
				command.Limit = 200 * time.Millisecond
			}
			var pids []int
			err := Run(ctx, command, draw(t), func(line string) {
				// The dot ends no form of the secret: a last digit might begin one, and would be held back.
				for word := range strings.FieldsSeq(strings.TrimSuffix(line, ".")) {
					pid, err := strconv.Atoi(word)
					if err != nil {
						t.Error(err)
					}
					pids = append(pids, pid)
				}
				if c.cancel {
					cancel()
				}
			})
			if !errors.Is(err, c.want) || err.Error() != c.says {
				t.Errorf("%v", err)
			}
			if len(pids) != 2 {
				t.Fatalf("it said %v", pids)
			}
			for _, pid := range pids {
				for deadline := time.Now().Add(10 * time.Second); alive(pid); {
					if time.Now().After(deadline) {
						t.Fatalf("process %d goes on", pid)
					}
					<-time.After(time.Millisecond)
				}
			}
		})
	}
}

// TestWhatIsLeftBehindIsNotWaitedFor: a command that has ended well is done, although something that it started holds its
// output, and that may go on.
func TestWhatIsLeftBehindIsNotWaitedFor(t *testing.T) {
	said, err := run(t, sh("cat > /dev/null; sleep 100 & echo $!"), draw(t))
	if err != nil || len(said) != 1 {
		t.Fatalf("%q, %v", said, err)
	}
	pid, err := strconv.Atoi(said[0])
	if err != nil || !alive(pid) {
		t.Errorf("%v, or it was ended", err)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

// TestOutputIsBounded: of very many lines the first and the last, and of a long line its beginning.
func TestOutputIsBounded(t *testing.T) {
	said, err := run(t, self("flood"), draw(t))
	if err != nil || len(said) != headMost+1+tailMost {
		t.Fatalf("%d lines, %v", len(said), err)
	}
	for i, want := range map[int]string{
		0: "line 0 [redacted]", headMost - 1: "line 399 [redacted]", headMost: "… 2500 lines are left out …",
		headMost + 1: "line 2900 [redacted]", len(said) - 1: "line 2999 [redacted]",
	} {
		if said[i] != want {
			t.Errorf("line %d is %q, not %q", i, said[i], want)
		}
	}
	said, err = run(t, self("long"), draw(t))
	if want := strings.Repeat("é", lineMost/2) + "…"; err != nil || len(said) != 1 || said[0] != want {
		t.Errorf("a long line: %d lines, %v", len(said), err)
	}
}

// TestOutputIsDisplayable: nothing in it reaches a terminal as an order, and lines are lines whatever ends them.
func TestOutputIsDisplayable(t *testing.T) {
	said, err := run(t, self("hostile"), draw(t))
	want := []string{"⟨U+001B⟩[2J⟨U+001B⟩]0;title⟨U+0007⟩⟨U+202E⟩⟨0xFF⟩⟨0xFE⟩", "back", "next    tab"}
	if err != nil || !slices.Equal(said, want) {
		t.Errorf("%q, %v", said, err)
	}
}

// TestLinesAreWhole: standard output and error come line by line, none in the middle of another.
func TestLinesAreWhole(t *testing.T) {
	said, err := run(t, self("both"), draw(t))
	if err != nil || len(said) != 200 {
		t.Fatalf("%d lines, %v", len(said), err)
	}
	for _, line := range said {
		if line != "this is out" && line != "this is err" {
			t.Errorf("%q", line)
		}
	}
}

// TestNoTerminal: a command cannot reach the terminal, where the screen is.
func TestNoTerminal(t *testing.T) {
	if said, err := run(t, self("terminal"), draw(t)); err != nil || len(said) > 0 {
		t.Errorf("%q, %v", said, err)
	}
}
