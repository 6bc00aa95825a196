package clip

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// made is a made-up machine.
func made(goos string, vars map[string]string, programs ...string) Environment {
	return Environment{
		GOOS:   goos,
		Getenv: func(name string) string { return vars[name] },
		LookPath: func(name string) (string, error) {
			if slices.Contains(programs, name) {
				return "/usr/bin/" + name, nil
			}
			return "", exec.ErrNotFound
		},
		Version: func(string) string { return "tmux 3.3a" },
	}
}

type vars = map[string]string

func TestChoose(t *testing.T) {
	x11 := func(more ...string) vars {
		v := vars{"TERM": "xterm-256color", "DISPLAY": ":0"}
		for i := 0; i < len(more); i += 2 {
			v[more[i]] = more[i+1]
		}
		return v
	}
	tests := []struct {
		name      string
		setting   string
		env       Environment
		way       Way
		fallbacks string
		label     string
		reason    string // must occur
		wrapped   wrapping
	}{
		{"X11 with xclip", "auto", made("linux", x11(), "xclip", "xsel"), Native, "osc52", "native (xclip)", "xclip is here", plain},
		{"an empty setting is auto", "", made("linux", x11(), "xclip"), Native, "osc52", "native (xclip)", "local", plain},
		{"X11 with xsel only", "auto", made("linux", x11(), "xsel"), Native, "osc52", "native (xsel)", "xsel is here", plain},
		{"Wayland", "auto", made("linux", x11("WAYLAND_DISPLAY", "wayland-0"), "wl-copy", "wl-paste", "xclip"), Native, "osc52", "native (wl-copy)", "wl-copy", plain},
		{"Wayland with half of wl-clipboard", "auto", made("linux", x11("WAYLAND_DISPLAY", "wayland-0"), "wl-copy", "xclip"), Native, "osc52", "native (xclip)", "xclip", plain},
		{"wl-copy without Wayland", "auto", made("linux", vars{"TERM": "xterm"}, "wl-copy", "wl-paste"), OSC52, "", "terminal (OSC 52)", "no clipboard tool", plain},
		{"xclip without a display", "auto", made("linux", vars{"TERM": "xterm"}, "xclip"), OSC52, "", "terminal (OSC 52)", "DISPLAY is not set", plain},
		{"macOS", "auto", made("darwin", vars{"TERM": "xterm-256color"}, "pbcopy", "pbpaste"), Native, "osc52", "native (pbcopy)", "pbcopy", plain},
		{"Windows", "auto", made("windows", nil), Native, "osc52", "native (Windows)", "Windows", plain},
		{"Windows over SSH", "auto", made("windows", vars{"SSH_CONNECTION": "a"}), OSC52, "", "terminal (OSC 52)", "SSH_CONNECTION", plain},
		{"WSL", "auto", made("linux", vars{"TERM": "xterm-256color", "WSL_DISTRO_NAME": "d"}, "clip.exe", "powershell.exe"), Native, "osc52", "native (clip.exe)", "clip.exe", plain},
		{"termux", "auto", made("android", vars{"TERM": "xterm-256color"}, "termux-clipboard-set", "termux-clipboard-get"), Native, "osc52", "native (termux-clipboard-set)", "termux", plain},
		{"over SSH in spite of xclip and a display", "auto", made("linux", x11("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22"), "xclip"), OSC52, "", "terminal (OSC 52)", "SSH_CONNECTION is set", plain},
		{"SSH_TTY alone", "auto", made("linux", x11("SSH_TTY", "/dev/pts/3"), "xclip"), OSC52, "", "terminal (OSC 52)", "SSH_TTY is set", plain},
		{"sudo over SSH with X11 forwarded", "auto", made("linux", x11("DISPLAY", "localhost:10.0"), "xclip"), OSC52, "", "terminal (OSC 52)", "forwarded", plain},
		{"a nested local display", "auto", made("linux", x11("DISPLAY", "localhost:1.0"), "xclip"), Native, "osc52", "native (xclip)", "local", plain},
		{"sudo over SSH", "auto", under(made("linux", x11(), "xclip"), "bash", "sudo", "bash", "sshd-session"), OSC52, "", "terminal (OSC 52)", "under sshd-session", plain},
		{"mosh after su", "auto", under(made("linux", x11(), "xclip"), "su", "mosh-server"), OSC52, "", "terminal (OSC 52)", "under mosh-server", plain},
		{"a local shell", "auto", under(made("linux", x11(), "xclip"), "bash", "xterm"), Native, "osc52", "native (xclip)", "local", plain},
		{"tmux", "auto", made("linux", x11("TMUX", "/tmp/s,1,0", "TERM", "tmux-256color"), "tmux", "xclip"), Tmux, "native osc52", "tmux + terminal", "inside tmux", plainAndTmux},
		{"tmux over SSH", "auto", made("linux", x11("TMUX", "/tmp/s,1,0", "SSH_CONNECTION", "a"), "tmux", "xclip"), Tmux, "osc52", "tmux + terminal", "inside tmux", plainAndTmux},
		{"tmux on the Linux console", "auto", made("linux", vars{"TMUX": "x", "TERM": "screen"}, "tmux"), Tmux, "osc52", "tmux + terminal", "inside tmux", plainAndTmux},
		{"TMUX without tmux", "auto", made("linux", vars{"TMUX": "x", "TERM": "screen"}), OSC52, "", "terminal (OSC 52)", "not on the PATH", plainAndTmux},
		{"a tmux before 3.2", "auto", old(made("linux", vars{"TMUX": "x", "TERM": "screen"}, "tmux"), "tmux 2.9"), OSC52, "", "terminal (OSC 52)", "tmux 2.9 has no load-buffer -w", plainAndTmux},
		{"a tmux at the near end of SSH", "auto", made("linux", vars{"SSH_TTY": "x", "TERM": "tmux-256color"}), OSC52, "", "terminal (OSC 52)", "A tmux stands between", plainAndTmux},
		{"a screen at the near end of SSH", "auto", made("linux", vars{"SSH_TTY": "x", "TERM": "screen.xterm-256color"}), OSC52, "", "terminal (OSC 52)", "A screen or a tmux", plainAndScreen},
		{"GNU screen", "auto", made("linux", x11("STY", "1.pts", "TERM", "screen"), "xclip"), Screen, "native", "screen + terminal", "GNU screen", inScreen},
		{"GNU screen over SSH", "auto", made("linux", x11("STY", "1.pts", "TERM", "screen", "SSH_TTY", "x"), "xclip"), Screen, "", "screen + terminal", "GNU screen", inScreen},
		{"the Linux console", "auto", made("linux", vars{"TERM": "linux"}), None, "", "none", "console has no clipboard", plain},
		{"a dumb terminal", "auto", made("linux", vars{"TERM": "dumb"}), None, "", "none", "TERM=dumb", plain},
		{"no TERM", "auto", made("linux", nil), None, "", "none", "TERM is not set", plain},
		{"a dumb terminal with a clipboard", "auto", made("linux", vars{"TERM": "dumb", "DISPLAY": ":0"}, "xclip"), Native, "", "native (xclip)", "xclip", plain},
		{"no terminal", "auto", headless(made("linux", vars{"TERM": "xterm"})), None, "", "none", "no terminal", plain},

		{"native is obeyed in tmux", "native", made("linux", x11("TMUX", "x"), "tmux", "xclip"), Native, "", "native (xclip)", "is set", plainAndTmux},
		{"native is obeyed over SSH", "native", made("linux", x11("SSH_TTY", "x"), "xclip"), Native, "", "native (xclip)", "not the one of your terminal", plain},
		{"native without a tool", "native", made("linux", x11()), None, "", "none", "no clipboard tool", plain},
		{"osc52 is obeyed", "osc52", made("linux", x11(), "xclip"), OSC52, "", "terminal (OSC 52)", "is set", plain},
		{"osc52 in tmux", "osc52", made("linux", x11("TMUX", "x"), "tmux"), OSC52, "", "terminal (OSC 52)", "allow-passthrough", plainAndTmux},
		{"osc52 on the console", "osc52", made("linux", vars{"TERM": "linux"}), None, "", "none", "console", plain},
		{"tmux is obeyed", "tmux", made("linux", x11("TMUX", "x"), "tmux"), Tmux, "", "tmux + terminal", "is set", plainAndTmux},
		{"tmux from outside", "tmux", made("linux", x11(), "tmux"), Tmux, "", "tmux + terminal", "default tmux server", plain},
		{"tmux without tmux", "tmux", made("linux", x11()), None, "", "none", "not on the PATH", plain},
		{"none", "none", made("linux", x11(), "xclip"), None, "", "none", "\"none\" is set", plain},
		{"a word we do not know", "both", made("linux", x11(), "xclip"), None, "", "none", "\"both\" is none of auto, native", plain},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Choose(tt.setting, tt.env)
			if c.Way != tt.way || words(c.Fallbacks) != tt.fallbacks || c.Label != tt.label {
				t.Errorf("chose %s, then %q, labelled %q; want %s, %q, %q", c.Way, words(c.Fallbacks), c.Label, tt.way, tt.fallbacks, tt.label)
			}
			if !strings.Contains(c.Reason, tt.reason) || !strings.HasSuffix(c.Reason, ".") || strings.Contains(c.Reason, "..") {
				t.Errorf("reason %q, want a sentence with %q", c.Reason, tt.reason)
			}
			if c.Way != None && c.wrapped != tt.wrapped {
				t.Errorf("wrapped as %d, want %d", c.wrapped, tt.wrapped)
			}
		})
	}
}

func words(ways []Way) string {
	var s []string
	for _, w := range ways {
		s = append(s, string(w))
	}
	return strings.Join(s, " ")
}

func under(e Environment, programs ...string) Environment {
	e.Ancestors = func() []string { return programs }
	return e
}

func old(e Environment, version string) Environment {
	e.Version = func(string) string { return version }
	return e
}

func headless(e Environment) Environment {
	e.NoTerminal = true
	return e
}

func TestChooseNamesWhatItLookedFor(t *testing.T) {
	c := Choose("auto", made("linux", vars{"TERM": "xterm", "DISPLAY": ":0"}, "xsel"))
	want := []Tool{{"tmux", ""}, {"xclip", ""}, {"xsel", "/usr/bin/xsel"}}
	if !slices.Equal(c.Tools, want) {
		t.Errorf("tools = %v, want %v", c.Tools, want)
	}
}

func TestKnowsLoadBufferW(t *testing.T) {
	for version, want := range map[string]bool{
		"tmux 3.3a": true, "tmux 3.2": true, "tmux 3.10": true, "tmux 4.0": true, "tmux next-3.4": true,
		"tmux openbsd-7.3": true, "tmux master": true, "": true,
		"tmux 3.1c": false, "tmux 3.0": false, "tmux 2.9a": false, "tmux 1.8": false,
	} {
		if got := knowsLoadBufferW(version); got != want {
			t.Errorf("%q: %v, want %v", version, got, want)
		}
	}
}
