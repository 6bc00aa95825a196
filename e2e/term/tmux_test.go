//go:build linux || darwin

package term

import (
	"strings"
	"syscall"
	"testing"
)

// both runs a flow at a plain terminal and in tmux.
func both(t *testing.T, flow func(*testing.T, Terminal), o Options, argv ...string) {
	t.Run("terminal", func(t *testing.T) { flow(t, Start(t, o, argv...)) })
	t.Run("tmux", func(t *testing.T) { flow(t, StartTmux(t, o, argv...)) })
}

func TestOneFlowOnBoth(t *testing.T) {
	const script = `printf '\033[?1049h\033[2J\033[H日本 menu\033[3;5H'
		stty raw -echo
		while :; do
			k=$(dd bs=1 count=1 2>/dev/null)
			case $k in
			q) break;;
			s) stty size | { read -r r c; printf '\033[4;1Hsize %sx%s' $c $r; };;
			*) printf '\033[2;1Hkey %s' "$k";;
			esac
		done
		printf '\033[?1049l'; exit 4`
	both(t, func(t *testing.T, x Terminal) {
		s := x.WaitFor("menu")
		if !s.Alt || s.Cell(0, 0).Text != "日" || s.Cell(0, 0).Width != 2 || s.Cell(1, 0).Width != 0 {
			t.Errorf("first screen:\n%s", s.Frame())
		}
		x.Type("ab")
		x.WaitFor("key b")
		x.Resize(61, 17)
		x.Type("s")
		s = x.WaitFor("size 61x17")
		if s.Cols != 61 || s.Rows != 17 || s.Line(0) != "日本 menu" {
			t.Errorf("resized:\n%s", s.Frame())
		}
		x.Type("q")
		if code := x.WaitExit(); code != 4 {
			t.Errorf("code %d, want 4", code)
		}
		if s := x.Screen(); s.Alt || s.Contains("menu") {
			t.Errorf("after the end:\n%s", s.Frame())
		}
	}, Options{Cols: 60, Rows: 16}, "sh", "-c", script)
}

func TestExitBySignalOnBoth(t *testing.T) {
	both(t, func(t *testing.T, x Terminal) {
		x.WaitFor("ready")
		x.Signal(syscall.SIGTERM)
		if code := x.WaitExit(); code != 128+15 {
			t.Errorf("code %d, want 143", code)
		}
	}, Options{}, "sh", "-c", "echo ready; exec sleep 1000")
}

func TestTmuxScrollback(t *testing.T) {
	x := StartTmux(t, Options{Rows: 5}, "sh", "-c", `i=0; while [ $i -lt 50 ]; do echo "row $i"; i=$((i+1)); done; printf '\033[?1049hhidden\033[?1049l'; printf end; read -r _`)
	x.WaitFor("end")
	if visible := x.Capture(); strings.Contains(visible, "row 3\n") || !strings.Contains(visible, "row 49\n") {
		t.Errorf("visible:\n%s", visible)
	}
	if all := x.CaptureScrollback(); !strings.Contains(all, "row 0\n") || !strings.Contains(all, "row 49\n") || strings.Contains(all, "hidden") {
		t.Errorf("scrollback:\n%s", all)
	}
}

// TestTmuxPassesOSC52 holds tmux to its manual: a program's own OSC 52 reaches
// the terminal with set-clipboard on only, load-buffer -w with external too.
func TestTmuxPassesOSC52(t *testing.T) {
	tests := []struct {
		setting string
		plain   bool
	}{
		{"external", false},
		{"on", true},
	}
	for _, tt := range tests {
		t.Run(tt.setting, func(t *testing.T) {
			x := StartTmux(t, Options{TmuxConf: []string{"set -s set-clipboard " + tt.setting}},
				"sh", "-c", `printf one; read -r _; printf '\033]52;c;cGxhaW4=\a'; printf through | tmux load-buffer -w -; printf two; read -r _`)
			x.WaitFor("one")
			x.Send("\n")
			x.WaitFor("two")
			x.Screen()
			var plain, through bool
			for _, c := range x.Clips() {
				plain = plain || c.Text == "plain"
				through = through || c.Text == "through"
			}
			if plain != tt.plain || !through {
				t.Errorf("plain OSC 52 arrived: %t, want %t; load-buffer -w arrived: %t", plain, tt.plain, through)
			}
		})
	}
}
