//go:build linux || darwin

package term

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// sh starts a shell script in a terminal.
func sh(t *testing.T, o Options, script string) *Term {
	t.Helper()
	return Start(t, o, "sh", "-c", script)
}

func TestStartShowsOutputAndExitCode(t *testing.T) {
	tests := []struct {
		script string
		code   int
	}{
		{"echo here", 0},
		{"echo here; exit 3", 3},
		{"echo here; kill -TERM $$", 128 + 15},
		{"echo here; kill -KILL $$", 128 + 9},
	}
	for _, tt := range tests {
		x := sh(t, Options{}, tt.script)
		if code := x.WaitExit(); code != tt.code {
			t.Errorf("%s: code %d, want %d", tt.script, code, tt.code)
		}
		if s := x.Screen(); s.Line(0) != "here" {
			t.Errorf("%s:\n%s", tt.script, s.Frame())
		}
	}
}

func TestStartNoSuchProgram(t *testing.T) {
	x := Start(t, Options{}, "/no/such/program")
	if code := x.WaitExit(); code != 127 {
		t.Errorf("code %d, want 127", code)
	}
}

func TestStartGivesTerminalAndEnvironment(t *testing.T) {
	dir := t.TempDir()
	x := sh(t, Options{Cols: 101, Rows: 33, Dir: dir, Env: []string{"PATH=" + os.Getenv("PATH"), "A=b c"}},
		`stty size; echo "$A|$TERM|$HOME|"; pwd; test -t 0 && test -t 1 && test -t 2 && echo tty; ls /dev/fd/3 /dev/fd/4 /dev/fd/5 >/dev/null 2>&1 || echo clean`)
	x.WaitExit()
	s := x.Screen()
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"33 101", "b c|xterm-256color||", resolved, "tty", "clean"} {
		if s.Line(i) != want {
			t.Errorf("line %d is %q, want %q", i, s.Line(i), want)
		}
	}
}

// TestOutputIsComplete proves that nothing written just before the end is lost.
func TestOutputIsComplete(t *testing.T) {
	for range 5 {
		x := sh(t, Options{}, `i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done; printf last`)
		x.WaitExit()
		if n := bytes.Count(x.Raw(), []byte("\n")); n != 3000 || !bytes.HasSuffix(x.Raw(), []byte("last")) {
			t.Fatalf("%d lines, ending in %q", n, x.Raw()[max(0, len(x.Raw())-20):])
		}
		if s := x.Screen(); s.Line(23) != "last" || s.Line(22) != "line 2999" {
			t.Fatalf("last screen:\n%s", s.Frame())
		}
	}
}

func TestTypeSendsOneCharacterAtATime(t *testing.T) {
	// dd reads once a character: one read of many characters would show as one
	// longer line.
	x := sh(t, Options{}, `stty raw -echo; printf ready; while :; do k=$(dd bs=100 count=1 2>/dev/null; echo .); [ "$k" = "q." ] && break; printf '\r\n[%s]' "${k%.}"; done`)
	x.WaitFor("ready")
	x.Type("aéb")
	x.Send("xyz")
	x.WaitFor("[xyz]")
	x.Send("q")
	x.WaitExit()
	if got := x.Screen().String(); got != "ready\n[a]\n[é]\n[b]\n[xyz]" {
		t.Errorf("screen:\n%s", got)
	}
}

func TestKeysFollowTheModes(t *testing.T) {
	x := sh(t, Options{}, `stty -icanon -echo; printf 'ready\n'; cat -v`)
	x.WaitFor("ready")
	x.Key(Up, Enter)
	x.WaitFor("^[[A")
	x.Paste("plain\n")
	x.WaitFor("plain")
	y := sh(t, Options{}, `stty -icanon -echo; printf '\033[?1h\033[?2004hready\n'; cat -v`)
	y.WaitFor("ready")
	y.Key(Up, Enter)
	y.WaitFor("^[OA")
	y.Paste("wrapped\n")
	y.Key(Enter)
	y.WaitFor("^[[200~wrapped")
	y.WaitFor("^[[201~")
}

func TestAnswerPolicies(t *testing.T) {
	const ask = `stty raw -echo min 0 time %d; printf '\033[6n'; printf 'answer=%%s.' "$(dd bs=50 count=1 2>/dev/null | cat -v)"`
	tests := []struct {
		name   string
		policy Answering
		wait   int // tenths of a second the script waits for an answer
		want   string
		least  time.Duration
	}{
		{"at once", AtOnce, 100, "answer=^[[1;1R.", 0},
		{"after 300 ms", After(300 * time.Millisecond), 100, "answer=^[[1;1R.", 300 * time.Millisecond},
		{"never", Never, 4, "answer=.", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			x := sh(t, Options{Answer: tt.policy}, fmt.Sprintf(ask, tt.wait))
			x.WaitFor(tt.want)
			if took := time.Since(begin); took < tt.least {
				t.Errorf("the answer came after %v", took)
			}
		})
	}
}

func TestDamageSeesLineSettingsAndModes(t *testing.T) {
	tests := []struct{ script, want string }{
		{"true", ""},
		{`printf '\033[?1049h\033[?25l\033[?2004h\033[?1002h\033[?1004h'; exit 1`,
			"alternate screen,bracketed paste,cursor hidden,focus reporting,mouse (1002)"},
		{`stty -echo -icanon`, "icanon off,echo off"},
		{`stty -echo -icanon; kill -9 $$`, "icanon off,echo off"},
		{`stty raw -echo; stty sane`, ""},
	}
	for _, tt := range tests {
		x := sh(t, Options{}, tt.script)
		x.WaitExit()
		got := strings.Join(x.Damage(), ",")
		// stty sane differs from a fresh terminal in a few flags by system.
		if strings.Contains(tt.script, "sane") {
			if strings.Contains(got, "echo") || strings.Contains(got, "icanon") {
				t.Errorf("%s: %s", tt.script, got)
			}
			continue
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.script, got, tt.want)
		}
	}
}

func TestStopAndForeground(t *testing.T) {
	x := sh(t, Options{}, `echo before; kill -STOP $$; echo after; exit 7`)
	x.WaitStopped()
	if s := x.Screen(); s.String() != "before" {
		t.Errorf("stopped:\n%s", s.Frame())
	}
	x.Foreground()
	x.WaitFor("after")
	if code := x.WaitExit(); code != 7 {
		t.Errorf("code %d, want 7", code)
	}
}

func TestCtrlZAndCtrlCReachTheProgram(t *testing.T) {
	// No child is started: one that is stopped before its program runs would hold up the shell that waits for that.
	x := sh(t, Options{}, `trap 'echo resumed' CONT; echo ready; while :; do read -r _; done`)
	x.WaitFor("ready")
	x.Key(CtrlZ)
	x.WaitStopped()
	x.Foreground()
	x.WaitFor("resumed")
	x.Key(CtrlC)
	if code := x.WaitExit(); code != 128+2 {
		t.Errorf("code %d, want 130", code)
	}
}

func TestResizeReachesTheProgram(t *testing.T) {
	x := sh(t, Options{Cols: 40, Rows: 10}, `trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done`)
	x.WaitFor("ready")
	x.Resize(90, 30)
	s := x.WaitFor("30 90")
	if s.Cols != 90 || s.Rows != 30 {
		t.Errorf("screen of %dx%d", s.Cols, s.Rows)
	}
}

func TestSignalReachesTheProgramAlone(t *testing.T) {
	x := sh(t, Options{}, `trap 'echo got HUP; exit 5' HUP; echo ready; while :; do sleep 0.05; done`)
	x.WaitFor("ready")
	x.Signal(syscall.SIGHUP)
	if code := x.WaitExit(); code != 5 {
		t.Errorf("code %d, want 5", code)
	}
	x.WaitFor("got HUP")
}

func TestHangupEndsTheProgram(t *testing.T) {
	dir := t.TempDir()
	x := sh(t, Options{Dir: dir}, `trap 'echo bye > bye.tmp; mv bye.tmp bye; exit' HUP; echo ready; while :; do sleep 0.05; done`)
	x.WaitFor("ready")
	x.Hangup()
	x.WaitExit()
	if b, err := os.ReadFile(filepath.Join(dir, "bye")); err != nil || string(b) != "bye\n" {
		t.Errorf("the program left %q, %v", b, err)
	}
}

func TestScreenWaitsForSynchronizedUpdate(t *testing.T) {
	x := sh(t, Options{}, `printf 'old\033[?2026h\033[1;1Hne'; read -r _; printf 'w!\033[?2026l'; read -r _`)
	got := make(chan Screen, 1)
	go func() {
		got <- x.WaitUntil("a new screen", func(s Screen) bool { return strings.HasPrefix(s.Line(0), "ne") })
	}()
	x.await(t, "the update to begin", func() bool { return bytes.Contains(x.raw, []byte("Hne")) })
	select {
	case s := <-got:
		t.Errorf("a screen in the middle of an update was shown:\n%s", s.Frame())
	case <-time.After(quiet):
	}
	x.Send("\n")
	if s := <-got; !strings.HasPrefix(s.String(), "ne") || x.Mode(syncMode) {
		t.Errorf("screen:\n%s", s.Frame())
	}
}

// TestNothingIsLeftRunning starts a program that would run for ever, with a
// child, and sees both gone when the test that started them has ended.
func TestNothingIsLeftRunning(t *testing.T) {
	var pid int
	t.Run("inner", func(t *testing.T) {
		x := sh(t, Options{}, `trap '' HUP TERM INT; echo ready; sleep 1000 & wait; while :; do wait; done`)
		x.WaitFor("ready")
		pid = x.Pid()
	})
	deadline := time.Now().Add(scaled(DefaultPatience))
	for unix.Kill(-pid, 0) == nil {
		if time.Now().After(deadline) {
			t.Fatalf("process group %d is still there", pid)
		}
		runtime.Gosched()
	}
}
