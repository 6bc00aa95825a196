package clip

import (
	"fmt"
	"strconv"
	"strings"
)

// Way is how a secret gets onto a clipboard.
type Way string

// The ways, in the order in which auto prefers them. Over SSH, Native is left out.
const (
	// Tmux hands the secret to the tmux server, which passes it on to the terminal outside.
	Tmux Way = "tmux"
	// Screen is OSC 52 inside the device control strings that GNU screen passes on.
	Screen Way = "screen"
	// Native is a clipboard tool of this machine, run through github.com/atotto/clipboard.
	Native Way = "native"
	// OSC52 is the escape sequence that asks the terminal to set its clipboard.
	OSC52 Way = "osc52"
	// None means that nothing can be copied, or that it is switched off.
	None Way = "none"
)

// Settings are the values that the setting `clipboard` may have.
var Settings = []string{"auto", "native", "osc52", "tmux", "none"}

// Environment is what Choose looks at. It reads nothing else, so it can be tested with a made-up machine.
// Here returns the real one. Getenv and LookPath must be set; the others may be left out.
type Environment struct {
	Getenv   func(string) string
	LookPath func(string) (string, error)
	GOOS     string
	// Ancestors names the programs that this one descends from, parent first; nil where that is not known.
	// sudo and su drop SSH_CONNECTION: only the ancestors still tell that a session came over SSH.
	Ancestors func() []string
	// Version returns what the program at path says of its version ("tmux 3.3a"), or "".
	// Choose asks for the version of tmux only, and only inside tmux.
	Version func(path string) string
	// NoTerminal is set when there is no terminal to write an escape sequence to.
	NoTerminal bool
}

// Tool is a program that was looked for.
type Tool struct {
	// Name is what was looked for on PATH.
	Name string
	// Path is where it was found, or "" if it was not.
	Path string
}

// Choice is the way that Copy takes, and why.
type Choice struct {
	Way Way
	// Label names the way for the status line: "native (xclip)".
	Label string
	// Reason is one sentence for a person: why this way, and what it depends on.
	Reason string
	// Tools were looked for, in this order; Path is empty for those that are missing.
	Tools []Tool
	// Fallbacks are tried in this order when Way fails. Only auto has any.
	Fallbacks []Way

	tool    string
	wrapped wrapping
}

// nothingHere begins the reason for None when no way was found.
const nothingHere = "Nothing here can copy: "

// Choose decides how to copy. setting is one of Settings; anything but "auto" overrides what would be chosen, so
// "native" over SSH reaches the clipboard of the remote machine, and Reason says so.
//
// The order of auto: inside tmux, through tmux; inside GNU screen, through screen; on this machine and not over SSH,
// a native tool; else OSC 52, if the terminal is of a kind that can know it.
func Choose(setting string, env Environment) Choice {
	m := lookAround(env)
	switch setting {
	case "auto", "":
		return m.auto()
	case "native":
		c := m.choice(Native)
		switch {
		case !m.native.usable:
			return m.none("clipboard = \"native\" is set, but " + m.native.why + ".")
		case m.ssh != "":
			c.Reason = "clipboard = \"native\" is set; this session is remote (" + m.ssh + "), so it is the clipboard of this machine, not the one of your terminal."
		default:
			c.Reason = "clipboard = \"native\" is set; " + m.native.why + "."
		}
		return c
	case "osc52":
		if m.dumb != "" {
			return m.none("clipboard = \"osc52\" is set, but " + m.dumb + ".")
		}
		c := m.choice(OSC52)
		c.Reason = "clipboard = \"osc52\" is set." + m.oscAdvice()
		return c
	case "tmux":
		if m.tmuxPath == "" {
			return m.none("clipboard = \"tmux\" is set, but tmux is not on the PATH.")
		}
		c := m.choice(Tmux)
		c.Reason = "clipboard = \"tmux\" is set."
		if m.getenv("TMUX") == "" {
			c.Reason = "clipboard = \"tmux\" is set; this is not inside tmux, so it goes to the default tmux server, if one runs."
		}
		return c
	case "none":
		return m.none("clipboard = \"none\" is set.")
	}
	return m.none(fmt.Sprintf("clipboard = %q is none of %s.", setting, strings.Join(Settings, ", ")))
}

// machine is what was found out about the environment.
type machine struct {
	Environment
	tools    []Tool
	native   nativeFinding
	ssh      string // why the session counts as remote, or ""
	dumb     string // why OSC 52 cannot work, or ""
	tmuxPath string
	tmuxOld  string // the version of a tmux without load-buffer -w, or ""
}

func lookAround(env Environment) *machine {
	m := &machine{Environment: env}
	m.tmuxPath = m.look("tmux")
	if m.getenv("TMUX") != "" && m.tmuxPath != "" && env.Version != nil {
		if v := env.Version(m.tmuxPath); v != "" && !knowsLoadBufferW(v) {
			m.tmuxOld = v
		}
	}
	m.native = m.findNative()
	m.ssh = m.remote()
	m.dumb = m.cannotOSC()
	return m
}

func (m *machine) getenv(name string) string { return m.Getenv(name) }

// look records a program as looked for and returns its path.
func (m *machine) look(name string) string {
	path, err := m.LookPath(name)
	if err != nil {
		path = ""
	}
	m.tools = append(m.tools, Tool{Name: name, Path: path})
	return path
}

func (m *machine) auto() Choice {
	var ways []Way
	var reasons []string
	add := func(w Way, reason string) { ways, reasons = append(ways, w), append(reasons, reason) }

	switch {
	case m.getenv("TMUX") == "":
	case m.tmuxPath == "":
		reasons = append(reasons, "TMUX is set but tmux is not on the PATH")
	case m.tmuxOld != "":
		reasons = append(reasons, m.tmuxOld+" has no load-buffer -w (3.2 has)")
	default:
		add(Tmux, "This is inside tmux.")
	}
	if m.getenv("STY") != "" && m.dumb == "" {
		add(Screen, "This is inside GNU screen.")
	}
	switch {
	case m.ssh != "":
		reasons = append(reasons, "the session is remote ("+m.ssh+")")
	case m.native.usable:
		add(Native, "This is a local session, and "+m.native.why+".")
	default:
		reasons = append(reasons, m.native.why)
	}
	switch {
	case m.dumb != "":
		reasons = append(reasons, m.dumb)
	case m.getenv("STY") == "":
		add(OSC52, "")
	}

	if len(ways) == 0 {
		return m.none(nothingHere + strings.Join(reasons, "; ") + ".")
	}
	c := m.choice(ways[0])
	c.Fallbacks = ways[1:]
	if ways[0] == OSC52 {
		c.Reason = "The terminal is asked to (OSC 52), because " + strings.Join(reasons[:len(reasons)-1], "; ") + "." + m.oscAdvice()
		return c
	}
	for i, r := range reasons {
		if r != "" && strings.HasPrefix(r, "This is") {
			c.Reason = strings.Join(append([]string{r}, sentences(reasons[:i])...), " ")
			break
		}
	}
	return c
}

func sentences(reasons []string) []string {
	out := make([]string, 0, len(reasons))
	for _, r := range reasons {
		out = append(out, strings.ToUpper(r[:1])+r[1:]+".")
	}
	return out
}

func (m *machine) choice(w Way) Choice {
	c := Choice{Way: w, Tools: m.tools, tool: m.native.tool, wrapped: m.wrapping()}
	c.Label = label(w, c.tool)
	return c
}

func (m *machine) none(reason string) Choice {
	return Choice{Way: None, Label: label(None, ""), Reason: reason, Tools: m.tools}
}

func label(w Way, tool string) string {
	switch w {
	case Native:
		return "native (" + tool + ")"
	case Tmux:
		return "tmux + terminal"
	case Screen:
		return "screen + terminal"
	case OSC52:
		return "terminal (OSC 52)"
	case None:
	}
	return "none"
}

// remote says why this session counts as one over SSH, or "".
func (m *machine) remote() string {
	for _, name := range []string{"SSH_CONNECTION", "SSH_TTY"} {
		if m.getenv(name) != "" {
			return name + " is set"
		}
	}
	// sshd forwards X11 from display 10 upwards (X11DisplayOffset in sshd_config). sudo keeps DISPLAY.
	if rest, ok := strings.CutPrefix(m.getenv("DISPLAY"), "localhost:"); ok {
		number, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.Atoi(number); err == nil && n >= 10 {
			return "DISPLAY is forwarded"
		}
	}
	if m.Ancestors != nil {
		for _, name := range m.Ancestors() {
			switch name {
			case "sshd", "sshd-session", "dropbear", "mosh-server":
				return "started under " + name
			}
		}
	}
	return ""
}

// cannotOSC says why an escape sequence cannot reach a clipboard here, or "".
func (m *machine) cannotOSC() string {
	term := m.getenv("TERM")
	switch {
	case m.NoTerminal:
		return "there is no terminal to ask"
	case term == "linux":
		return "the Linux console has no clipboard (TERM=linux)"
	case term == "dumb":
		return "the terminal takes no escape sequences (TERM=dumb)"
	case term == "" && m.GOOS != "windows":
		return "the kind of terminal is unknown (TERM is not set)"
	}
	return ""
}

// oscAdvice is what OSC 52 depends on here, for Reason.
func (m *machine) oscAdvice() string {
	switch m.wrapping() {
	case plainAndTmux:
		return " A tmux stands between (TERM=" + m.getenv("TERM") + "): it passes this on only with `set-clipboard on` or `allow-passthrough on`."
	case plainAndScreen:
		return " A screen or a tmux stands between (TERM=" + m.getenv("TERM") + "): a tmux passes this on only with `set-clipboard on`."
	case plain, inScreen:
	}
	return " Whether the terminal obeys cannot be seen from here."
}

func (m *machine) wrapping() wrapping {
	term := m.getenv("TERM")
	switch {
	case m.getenv("STY") != "" && !strings.HasPrefix(term, "tmux"):
		return inScreen
	case m.getenv("TMUX") != "" || strings.HasPrefix(term, "tmux"):
		return plainAndTmux
	case strings.HasPrefix(term, "screen"):
		return plainAndScreen
	}
	return plain
}

// knowsLoadBufferW reports whether this tmux has `load-buffer -w`, new in tmux 3.2. version is what `tmux -V` prints:
// "tmux 3.3a", "tmux next-3.4", "tmux openbsd-7.3". What cannot be read counts as new.
func knowsLoadBufferW(version string) bool {
	number := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(version), "tmux "), "next-")
	major, rest, ok := strings.Cut(number, ".")
	if !ok {
		return true
	}
	minor := rest
	if i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		minor = rest[:i]
	}
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	if errA != nil || errB != nil {
		return true
	}
	return a > 3 || a == 3 && b >= 2
}
