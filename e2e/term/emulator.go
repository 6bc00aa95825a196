package term

import (
	"encoding/base64"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// Clip is one OSC 52 request that the program sent to the terminal.
type Clip struct {
	// Selection is the target as sent: "c", "p", "" and so on.
	Selection string
	// Text is what would be in the clipboard now, decoded. It is empty for a
	// query, for a clear and for a payload that is no base64.
	Text string
	// Query is true when the program asked to read the clipboard.
	Query bool
	// Payload is the third field as it was sent.
	Payload string
}

// Emulator is a terminal in memory: bytes in, screen out. It is charmbracelet's
// x/vt with four corrections that matter to a test: a character that combines
// with an ASCII letter stays in that letter's cell, a cluster or a rune split
// over two writes is joined, a wide character that ends a line leaves the wrap
// pending, and one that does not fit goes to the next line.
//
// Widths are those of grapheme clusters. Emulator is safe for concurrent use.
type Emulator struct {
	mu      sync.Mutex
	vt      *vt.Emulator
	answers func([]byte)
	done    chan struct{}

	held    []byte     // the first bytes of a rune whose rest has not arrived
	state   ansi.State // of the escape sequence a write ended in
	phantom bool       // the last column is written and the wrap is pending
	wide    bool       // ... by a wide character, which x/vt does not keep
	last    cluster    // the last text written, if nothing came after it

	modes modes
	clips []Clip
	title string
	bells int
	pen   uv.Style // the current style, and the one DECSC saved
	saved uv.Style
}

// cluster is text in a cell that a following rune may still extend.
type cluster struct {
	text string
	x, y int
}

// NewEmulator returns a terminal of cols by rows. answer, if not nil, is called
// with each answer to a query (DA1, DA2, DSR, CPR, DECRQM, OSC 10 and 11), from
// a goroutine of the emulator. Close ends that goroutine.
func NewEmulator(cols, rows int, answer func([]byte)) *Emulator {
	e := &Emulator{
		vt:      vt.NewEmulator(cols, rows),
		answers: answer,
		done:    make(chan struct{}),
		modes:   newModes(),
	}
	e.watch()
	go e.pump()
	return e
}

// Close ends the emulator. The screen can still be read.
func (e *Emulator) Close() {
	// Closing x/vt itself would race with the reader of its answers.
	if w, ok := e.vt.InputPipe().(io.Closer); ok {
		_ = w.Close()
	}
	<-e.done
}

func (e *Emulator) pump() {
	defer close(e.done)
	buf := make([]byte, 1024)
	for {
		n, err := e.vt.Read(buf)
		if n > 0 && e.answers != nil {
			e.answers(append([]byte(nil), buf[:n]...))
		}
		if err != nil {
			return
		}
	}
}

// watch registers what x/vt does not report or reports only in part.
func (e *Emulator) watch() {
	e.vt.SetCallbacks(vt.Callbacks{
		Bell:        func() { e.bells++ },
		EnableMode:  func(m ansi.Mode) { e.setMode(m, true) },
		DisableMode: func(m ansi.Mode) { e.setMode(m, false) },
	})
	e.vt.RegisterEscHandler('7', func() bool { e.saved = e.pen; return false })
	e.vt.RegisterEscHandler('8', func() bool { e.pen = e.saved; return false })
	e.vt.RegisterEscHandler('c', func() bool {
		e.pen, e.saved, e.modes = uv.Style{}, uv.Style{}, newModes()
		return false
	})
	for _, cmd := range []int{0, 2} {
		e.vt.RegisterOscHandler(cmd, func(data []byte) bool {
			if _, title, ok := strings.Cut(string(data), ";"); ok {
				e.title = title
			}
			return false
		})
	}
	e.vt.RegisterOscHandler(52, func(data []byte) bool {
		e.clips = append(e.clips, parseClip(string(data)))
		return true
	})
	e.vt.RegisterCsiHandler('m', func(params ansi.Params) bool {
		uv.ReadStyle(params, &e.pen)
		return false
	})
	e.vt.RegisterCsiHandler('r', func(params ansi.Params) bool {
		top, _, _ := params.Param(0, 1)
		bottom, _, _ := params.Param(1, e.vt.Height())
		e.modes.region = max(top, 1) > 1 || (bottom > 0 && bottom < e.vt.Height())
		return false
	})
	e.vt.RegisterCsiHandler(ansi.Command('>', 0, 'u'), func(ansi.Params) bool {
		e.modes.kitty++
		return true
	})
	e.vt.RegisterCsiHandler(ansi.Command('<', 0, 'u'), func(params ansi.Params) bool {
		n, _, _ := params.Param(0, 1)
		e.modes.kitty = max(0, e.modes.kitty-max(n, 1))
		return true
	})
	// x/vt answers the operating status in the private form.
	e.vt.RegisterCsiHandler('n', func(params ansi.Params) bool {
		if n, _, _ := params.Param(0, 0); n != 5 {
			return false
		}
		_, _ = io.WriteString(e.vt.InputPipe(), "\x1b[0n")
		return true
	})
	// x/vt does not know synchronized output; current terminals do.
	e.vt.RegisterCsiHandler(ansi.Command('?', '$', 'p'), func(params ansi.Params) bool {
		if n, _, ok := params.Param(0, 0); !ok || n != syncMode {
			return false
		}
		setting := ansi.ModeReset
		if e.modes.on[syncMode] {
			setting = ansi.ModeSet
		}
		_, _ = io.WriteString(e.vt.InputPipe(), ansi.ReportMode(ansi.DECMode(syncMode), setting))
		return true
	})
}

// setMode follows a mode change. x/vt keeps one cursor a screen; a terminal has
// one visibility and one style for both, so they are kept here.
func (e *Emulator) setMode(m ansi.Mode, on bool) {
	if was := e.modes.on[m.Mode()]; was != on && (m.Mode() == 1048 || m.Mode() == 1049) {
		if on {
			e.saved = e.pen
		} else {
			e.pen = e.saved
		}
	}
	e.modes.set(m, on)
}

// parseClip reads the data of an OSC 52, command number included.
func parseClip(data string) Clip {
	fields := strings.SplitN(data, ";", 3)
	if len(fields) < 3 {
		return Clip{Payload: data}
	}
	c := Clip{Selection: fields[1], Payload: fields[2], Query: fields[2] == "?"}
	if text, err := base64.StdEncoding.DecodeString(fields[2]); err == nil && !c.Query {
		c.Text = string(text)
	}
	return c
}

// Write puts bytes on the screen. It never fails.
func (e *Emulator) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := p
	if len(e.held) > 0 {
		b = slices.Concat(e.held, p)
		e.held = nil
	}
	for len(b) > 0 {
		b = b[e.step(b):]
	}
	return len(p), nil
}

// step consumes one escape sequence, one run of ASCII or one cluster.
func (e *Emulator) step(b []byte) int {
	if e.state == ansi.NormalState {
		switch c := b[0]; {
		case c >= 0x20 && c < 0x7f, c >= utf8.RuneSelf && (utf8.RuneStart(c) && c >= 0xc0):
			return e.text(b)
		}
	}
	seq, _, n, state := ansi.DecodeSequence(b, e.state, nil)
	e.state = state
	_, _ = e.vt.Write(seq)
	e.last = cluster{}
	if final := b[n-1]; state == ansi.NormalState && final != 'm' && final != 'h' && final != 'l' && final != '\a' {
		e.phantom, e.wide = false, false
	}
	return n
}

func (e *Emulator) text(b []byte) int {
	if e.last.text != "" {
		if n := e.extend(b); n > 0 {
			return n
		}
	}
	// A run of ASCII needs no care, but for its last letter, which may be the
	// base of a combining character.
	n := 0
	for n < len(b) && b[n] >= 0x20 && b[n] < 0x7f {
		n++
	}
	if n < len(b) && b[n] >= utf8.RuneSelf && n > 0 {
		n--
	}
	if n > 0 {
		e.ascii(b[:n])
		return n
	}
	whole := len(b) - incomplete(b[max(0, len(b)-utf8.UTFMax):])
	if whole == 0 {
		e.held = append([]byte(nil), b...)
		return len(b)
	}
	b = b[:whole]
	text, width := ansi.FirstGraphemeCluster(b, ansi.GraphemeWidth)
	e.cluster(string(text), width)
	return len(text)
}

// incomplete counts the bytes at the end of b that begin a rune whose rest is
// missing.
func incomplete(b []byte) int {
	for i, c := range slices.Backward(b) {
		if utf8.RuneStart(c) {
			if c >= 0xc0 && !utf8.FullRune(b[i:]) {
				return len(b) - i
			}
			return 0
		}
	}
	return 0
}

func (e *Emulator) ascii(run []byte) {
	e.wrapWide()
	before := e.vt.CursorPosition()
	_, _ = e.vt.Write(run)
	w := e.vt.Width()
	col := before.X
	if e.phantom {
		col = w
	}
	e.phantom = e.modes.wraps() && (col+len(run))%w == 0
	e.remember(string(run[len(run)-1]))
}

// cluster writes one cluster that is not plain ASCII.
func (e *Emulator) cluster(text string, width int) {
	e.wrapWide()
	w := e.vt.Width()
	before := e.vt.CursorPosition()
	if width > 1 && width <= w && !e.phantom && before.X+width > w && e.modes.wraps() {
		_, _ = e.vt.WriteString("\r\x1bD")
		before = e.vt.CursorPosition()
	}
	if text[0] < utf8.RuneSelf {
		_, _ = e.vt.WriteString(text[:1])
	} else {
		_, _ = e.vt.WriteString(text)
	}
	col := before.X
	if e.phantom {
		col = 0
	}
	e.phantom = e.modes.wraps() && col+width >= w
	e.wide = e.phantom && width > 1
	e.remember(text)
	if text[0] < utf8.RuneSelf {
		e.patch(text)
	}
}

// wrapWide carries out the wrap that a wide character left pending.
func (e *Emulator) wrapWide() {
	if e.wide {
		_, _ = e.vt.WriteString("\r\x1bD")
		e.phantom, e.wide = false, false
	}
}

// remember notes where the text just written stands.
func (e *Emulator) remember(text string) {
	at := e.vt.CursorPosition()
	x := at.X - 1
	if e.phantom {
		x = at.X
	}
	for x > 0 && e.vt.CellAt(x, at.Y) != nil && e.vt.CellAt(x, at.Y).Width == 0 {
		x--
	}
	e.last = cluster{text: text, x: max(x, 0), y: at.Y}
}

// extend adds to the last cluster what belongs to it at the start of b and
// returns the bytes used.
func (e *Emulator) extend(b []byte) int {
	b = b[:len(b)-incomplete(b[max(0, len(b)-utf8.UTFMax):])]
	joined, _ := ansi.FirstGraphemeCluster(append([]byte(e.last.text), b...), ansi.GraphemeWidth)
	n := len(joined) - len(e.last.text)
	if n <= 0 {
		return 0
	}
	e.patch(string(joined))
	return n
}

// patch replaces the text of the last written cell. When the cluster became
// wider, the cursor follows.
func (e *Emulator) patch(text string) {
	cell := e.vt.CellAt(e.last.x, e.last.y)
	if cell == nil {
		return
	}
	c := cell.Clone()
	c.Content = text
	if width := ansi.StringWidth(text); width > c.Width && e.last.x+width <= e.vt.Width() {
		c.Width = width
		e.vt.SetCell(e.last.x, e.last.y, c)
		if e.last.x+width < e.vt.Width() {
			_, _ = e.vt.WriteString("\x1b[C")
		} else {
			e.phantom, e.wide = true, true
		}
	} else {
		e.vt.SetCell(e.last.x, e.last.y, c)
	}
	e.last.text = text
}

// Resize changes the size as a terminal window does. It does not reflow.
func (e *Emulator) Resize(cols, rows int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.vt.Resize(cols, rows)
	e.phantom, e.wide, e.last = false, false, cluster{}
	e.modes.region = false
}

// Clips returns the OSC 52 requests seen so far.
func (e *Emulator) Clips() []Clip {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Clip(nil), e.clips...)
}

// Bells returns how often the bell rang.
func (e *Emulator) Bells() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.bells
}
