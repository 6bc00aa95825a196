package paint

import tea "github.com/charmbracelet/bubbletea"

// CursorPlacer is a model that has a place for the terminal's own cursor.
// Models without it have the cursor hidden.
type CursorPlacer interface {
	// Cursor says where the cursor stands in what View last returned.
	Cursor() Cursor
}

// Wrap returns a model that passes every message to m and paints m's View on o
// right after. Its own View never changes, so that the stock renderer has
// nothing to draw.
//
// If o can tell its size, m gets it as a tea.WindowSizeMsg from Init, and the
// first frame is on the screen before Bubble Tea has asked. After a suspend,
// an external command, a resize and tea.ClearScreen everything is painted
// anew.
//
// Bubble Tea hands a tea.SuspendMsg to Update only when the program has been
// resumed: m must hide what is not to be seen then before it asks for the
// suspend.
func Wrap(m tea.Model, o *Output) tea.Model {
	return &model{inner: m, out: o}
}

// Unwrap returns the model inside one that Wrap made, as tea.Program.Run
// returns it, and any other model as it is.
func Unwrap(m tea.Model) tea.Model {
	if w, ok := m.(*model); ok {
		return w.inner
	}
	return m
}

// model is a pointer so that Init can deliver the first size.
type model struct {
	inner         tea.Model
	out           *Output
	width, height int
	sized         bool // by Init: Bubble Tea's own first size only confirms it
}

func (m *model) Init() tea.Cmd {
	cmd := m.inner.Init()
	w, h, ok := m.out.Size()
	if !ok {
		return cmd
	}
	m.sized = true
	return tea.Batch(cmd, m.update(tea.WindowSizeMsg{Width: w, Height: h}))
}

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		confirmed := m.sized && size.Width == m.width && size.Height == m.height
		m.sized = false
		if !confirmed {
			m.out.Invalidate()
		}
	}
	return m, m.update(msg)
}

// update runs the inner Update and paints.
func (m *model) update(msg tea.Msg) tea.Cmd {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		m.width, m.height = size.Width, size.Height
	}
	var cmd tea.Cmd
	m.inner, cmd = m.inner.Update(msg)
	if m.width > 0 && m.height > 0 {
		f := Frame{Content: m.inner.View()}
		if c, ok := m.inner.(CursorPlacer); ok {
			f.Cursor = c.Cursor()
		}
		// A terminal that fails ends the program through its input; until
		// then the next message paints again.
		_ = m.out.Paint(f, m.width, m.height)
	}
	return cmd
}

func (m *model) View() string { return "" }
