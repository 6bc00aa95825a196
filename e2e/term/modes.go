package term

import (
	"fmt"
	"sort"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

const syncMode = 2026

// named are the modes a program may leave on, and how a person would name them.
var named = map[int]string{
	1:        "application cursor keys",
	6:        "origin mode",
	9:        "mouse (9)",
	47:       "alternate screen",
	66:       "application keypad",
	1000:     "mouse (1000)",
	1001:     "mouse (1001)",
	1002:     "mouse (1002)",
	1003:     "mouse (1003)",
	1004:     "focus reporting",
	1005:     "mouse (1005)",
	1006:     "mouse (1006)",
	1015:     "mouse (1015)",
	1047:     "alternate screen",
	1049:     "alternate screen",
	2004:     "bracketed paste",
	syncMode: "synchronized output",
	2031:     "colour scheme reports",
	2048:     "in-band resize",
}

// modes is what the stream has switched on or off so far.
type modes struct {
	on           map[int]bool
	noWrap       bool
	cursorHidden bool
	region       bool
	kitty        int
}

func newModes() modes { return modes{on: map[int]bool{}} }

func (m *modes) wraps() bool { return !m.noWrap }

func (m *modes) set(mode ansi.Mode, on bool) {
	if _, dec := mode.(ansi.DECMode); !dec {
		return
	}
	n := mode.Mode()
	switch n {
	case 7:
		m.noWrap = !on
	case 25:
		m.cursorHidden = !on
	}
	m.on[n] = on
}

// left lists, sorted, what differs from a terminal that nobody has touched.
func (m *modes) left(pen uv.Style) []string {
	seen := map[string]bool{}
	for n, on := range m.on {
		if name := named[n]; on && name != "" {
			seen[name] = true
		}
	}
	if m.noWrap {
		seen["no automatic wrap"] = true
	}
	if m.cursorHidden {
		seen["cursor hidden"] = true
	}
	if m.region {
		seen["scroll region"] = true
	}
	if m.kitty > 0 {
		seen[fmt.Sprintf("kitty keyboard (%d)", m.kitty)] = true
	}
	if !pen.IsZero() {
		seen["text style"] = true
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// LeftOn names what the stream has switched on and not off again: alternate
// screen, bracketed paste, mouse, focus reporting, hidden cursor, scroll
// region, text style and so on. It is empty for a terminal that is whole.
func (e *Emulator) LeftOn() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.modes.left(e.pen)
}

// Mode tells whether DEC private mode n is on now.
func (e *Emulator) Mode(n int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch n {
	case 7:
		return !e.modes.noWrap
	case 25:
		return !e.modes.cursorHidden
	}
	return e.modes.on[n]
}
