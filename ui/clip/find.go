package clip

// nativeFinding is which tool github.com/atotto/clipboard takes on this machine, and whether it can work.
type nativeFinding struct {
	tool   string
	usable bool
	why    string // half a sentence, either way
}

// findNative follows the order of atotto's init, which is fixed when the program starts: on a Unix with
// WAYLAND_DISPLAY, wl-copy with wl-paste; then xclip, xsel, termux, and clip.exe with powershell.exe (WSL). atotto does
// not look at DISPLAY, so a machine with xclip and no X server gets xclip, which then fails: that is found out here.
func (m *machine) findNative() nativeFinding {
	switch m.GOOS {
	case "windows":
		return nativeFinding{tool: "Windows", usable: true, why: "Windows has a clipboard"}
	case "darwin":
		return m.pair("pbcopy", "pbpaste")
	}
	if m.getenv("WAYLAND_DISPLAY") != "" {
		if f := m.pair("wl-copy", "wl-paste"); f.usable {
			return f
		}
	}
	for _, name := range []string{"xclip", "xsel"} {
		if m.look(name) == "" {
			continue
		}
		if m.getenv("DISPLAY") == "" {
			return nativeFinding{tool: name, why: name + " is here but there is no X display (DISPLAY is not set)"}
		}
		return nativeFinding{tool: name, usable: true, why: name + " is here"}
	}
	for _, p := range [][2]string{{"termux-clipboard-set", "termux-clipboard-get"}, {"clip.exe", "powershell.exe"}} {
		if f := m.pair(p[0], p[1]); f.usable {
			return f
		}
	}
	return nativeFinding{why: "no clipboard tool was found (wl-copy, xclip, xsel)"}
}

// pair is a tool of two programs, one that sets and one that reads.
func (m *machine) pair(set, get string) nativeFinding {
	setPath, getPath := m.look(set), m.look(get)
	if setPath == "" || getPath == "" {
		return nativeFinding{why: set + " and " + get + " are not both on the PATH"}
	}
	return nativeFinding{tool: set, usable: true, why: set + " is here"}
}
