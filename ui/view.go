package ui

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"clavier/model"
	"clavier/ui/paint"
)

// The smallest screen that the program draws on.
const (
	minWidth  = 20
	minHeight = 5
)

// areas are the rows of the screen from top to bottom. The frame is always exactly as high as the screen: the rows of
// the list take what the others leave, and the others go one by one as the screen gets lower.
type areas struct{ views, heads, blank, list int }

func layout(height int) areas {
	var r areas
	r.list = height - 3 // header, status, footer
	if height >= 6 {
		r.heads, r.list = 1, r.list-1
	}
	if height >= 8 {
		r.views, r.list = 1, r.list-1
	}
	if height >= 12 {
		r.blank, r.list = 1, r.list-1
	}
	return r
}

// listRows is how many rows of the list are visible, which is what a page is.
func (a *app) listRows() int { return max(layout(a.height).list, 1) }

// View returns the frame, exactly as wide and high as the screen.
func (a *app) View() (frame string) {
	defer func() {
		if r := recover(); r != nil {
			a.crashes.add("drawing the screen", debug.Stack())
			text := cut("clavier failed inside; ctrl+c leaves and prints the trace", max(a.width, 1))
			frame = text + strings.Repeat("\n", max(a.height-1, 0))
		}
	}()
	lines, cursor := a.compose()
	a.cursorAt = cursor
	if a.opts.StockRenderer && cursor != nil {
		lines[cursor.y] = drawCursor(lines[cursor.y], cursor.x, a.width, a.theme.cursor)
	}
	return strings.Join(lines, "\n")
}

// Cursor places the terminal's own cursor in the text field that has the focus, as the last View drew it.
func (a *app) Cursor() paint.Cursor {
	if a.cursorAt == nil {
		return paint.Cursor{}
	}
	return paint.Cursor{X: a.cursorAt.x, Y: a.cursorAt.y, Visible: true}
}

// compose draws the view and the top dialog over it.
func (a *app) compose() (lines []string, cursor *point) {
	if a.width < minWidth || a.height < minHeight {
		return a.tooSmall(), nil
	}
	now := a.now()
	rows := layout(a.height)
	lines = make([]string, 0, a.height)
	lines = append(lines, a.header())
	if rows.views > 0 {
		lines = append(lines, a.viewTabs())
	}
	head, body := a.body(rows.list, now)
	if rows.heads > 0 {
		lines = append(lines, a.theme.muted.on(cut(head, a.width)))
	}
	if len(body) > rows.list && body[0] == "" {
		body = body[1:]
	}
	for len(body) < rows.list {
		body = append(body, "")
	}
	lines = append(lines, body[:rows.list]...)
	if rows.blank > 0 {
		lines = append(lines, "")
	}
	lines = append(lines, a.statusLine(now), a.footer(a.width))
	if a.view == keysView {
		cursor = a.drawFilter(lines, now)
	}
	for i, line := range lines {
		// A cell takes a byte at least, so most lines need no measuring.
		if len(line) > a.width {
			lines[i] = ansi.Truncate(line, a.width, "")
		}
	}
	if d := a.top(); d != nil {
		// The status and the footer stay in sight, and where there is room so does the header: whose keys these are.
		top := 0
		if rows.blank > 0 {
			top = 1
		}
		if cursor = a.overlay(lines[top:len(lines)-2], d); cursor != nil {
			cursor.y += top
		}
	}
	return lines, cursor
}

// tooSmall says in one sentence that the screen is, as far as that fits.
func (a *app) tooSmall() []string {
	text := fmt.Sprintf("clavier needs %d columns and %d rows.", minWidth, minHeight)
	lines := wrap(text, max(a.width, 1))
	for i, line := range lines {
		lines[i] = ansi.Truncate(line, max(a.width, 1), "")
	}
	for len(lines) < a.height {
		lines = append(lines, "")
	}
	return lines[:max(min(len(lines), a.height), 1)]
}

// viewTabs names the views and shows which one this is: by brackets and by style.
func (a *app) viewTabs() string {
	var b strings.Builder
	for _, v := range []struct {
		id   viewID
		name string
	}{{keysView, "1 API keys"}, {apisView, "2 My APIs"}, {activityView, "3 Activity"}} {
		if v.id == a.view {
			b.WriteString(a.theme.active.on("[" + v.name + "]"))
		} else {
			b.WriteString(" " + v.name + " ")
		}
		b.WriteString(" ")
	}
	return b.String()
}

// body draws the view: its headings and its rows, or what stands in their place.
func (a *app) body(rows int, now time.Time) (head string, lines []string) {
	if a.view == apisView {
		if len(a.opts.APIs) == 0 {
			return "", a.noAPIs()
		}
		return a.apiRows(a.width, rows, now)
	}
	if a.view == activityView {
		switch {
		case a.activity.err != nil && !a.activity.loaded:
			return "", a.failure("The activity could not be read.", a.activity.err)
		case a.activity.loaded && len(a.activity.lines) == 0:
			return "", a.paragraph("Nothing has happened yet: keys made and keys deleted are noted here.")
		}
		return a.activityRows(a.width, rows)
	}
	switch {
	case a.list.err != nil && !a.list.loaded:
		return "", a.failure("The keys could not be read.", a.list.err)
	case a.list.whole && a.list.newest().Len() == 0:
		return "", a.paragraph(a.noKeys())
	case a.list.listing == nil:
		return "", nil
	case a.list.listing.Complete() && a.list.listing.Len() == 0:
		return "", a.paragraph(a.whyNothing())
	}
	l := &a.list
	l.scroll(rows)
	cols, listed := columns(a.width, a.look()), l.rows()
	for i := l.top; i < len(listed) && len(lines) < rows; i++ {
		if key, ok := l.at(i); ok {
			lines = append(lines, a.row(key, cols, i == l.cursor, l.table.Marked(listed[i]), now))
		}
	}
	return headings(cols), lines
}

// noKeys says how a profile without keys gets the first one.
func (a *app) noKeys() string {
	why := a.whyNoNew()
	switch {
	case a.whyNoChange() != "":
		return "No API keys yet: " + a.whyNoChange() + "."
	case why == "":
		return "No API keys yet. Press n to make the first one."
	case a.opts.Console == "" || a.whyNoImport() != "":
		return "No API keys yet: " + why + "."
	default:
		return "No API keys yet. They are made at " + a.consoleHost() + ": press o to open that page, and i to import a key."
	}
}

// whyNothing says why no key is listed although there are keys, and how to see them.
func (a *app) whyNothing() string {
	switch q := a.list.shown; {
	case a.link.recalled && a.list.newest().Len() == 0:
		return "There was no key when " + a.host() + " was last reached."
	case q.filter != "" && q.stale:
		return "No stale key matches. esc drops the filter."
	case q.filter != "":
		return "No key matches. esc drops the filter."
	case q.stale:
		return "No key is stale. esc shows all of them."
	}
	return "No key is left."
}

// failure says what went wrong, why, and what to do.
func (a *app) failure(what string, err error) []string {
	lines := a.paragraph(what)
	for i, line := range lines {
		lines[i] = a.theme.danger.on(line)
	}
	what = "ctrl+r tries again."
	if errors.Is(err, model.ErrToken) {
		what = "Have another token made, and give it to the profile: " + a.tokenCommand() + ". Then ctrl+r tries again."
	}
	return append(lines, a.paragraph(sentence(err), what)[1:]...)
}

// paragraph lays sentences out with a margin, each on lines of its own.
func (a *app) paragraph(sentences ...string) []string {
	lines := []string{""}
	for _, s := range sentences {
		for _, line := range wrap(s, max(a.width-2*margin, 1)) {
			lines = append(lines, spaces(margin)+line)
		}
	}
	return lines
}

// statusLine says what is going on, else what just happened.
func (a *app) statusLine(now time.Time) string {
	if doing, ok := a.waiting(now); ok && !a.status.answers(doing, now) {
		return " " + spinnerFrames[a.spinFrame%len(spinnerFrames)] + " " + a.doing(doing, now, max(a.width-len(" / "), 1))
	}
	text, ok := a.copiedStatus(now)
	if !ok {
		text = a.status.text
	}
	if why := a.whyLost(); why != "" && a.list.loaded && (text == "" || text == why) {
		for _, shorter := range []string{"offline; ctrl+r tries again", "offline, ctrl+r"} {
			if a.offline() && width(why) >= a.width {
				why = shorter
			}
		}
		return " " + a.theme.danger.on(cut(why, a.width-1))
	}
	if text == "" && a.list.loaded && a.list.err != nil {
		return " " + a.theme.danger.on(cut("not up to date, ctrl+r tries again: "+sentence(a.list.err), a.width-1))
	}
	if text == "" {
		return ""
	}
	s := map[tone]style{toneGood: a.theme.good, toneWarning: a.theme.warning, toneDanger: a.theme.danger}[a.status.tone]
	return " " + s.on(cut(text, a.width-1))
}

// doing says what is going on. Where w cells do not hold all of it, that a service has it wait stands there longest.
func (a *app) doing(o op, now time.Time, w int) string {
	esc := ""
	if b, ok := find(a.bindings(), tea.KeyMsg{Type: tea.KeyEsc}); ok && b.Help().Desc == cancelHelp {
		esc = " · esc cancels"
	}
	asks := o.delay.asks(now, w)
	if asks == "" {
		return o.label + esc
	}
	for _, text := range []string{o.label + " · " + asks + esc, o.label + " · " + asks, asks + esc} {
		if width(text) <= w {
			return text
		}
	}
	return asks
}

// drawCursor shows a cursor where the renderer cannot place the terminal's own.
func drawCursor(line string, x, w int, s style) string {
	under, _ := ansi.FirstGraphemeCluster(ansi.Strip(ansi.TruncateLeft(line, x, "")), ansi.GraphemeWidth)
	if under == "" {
		under = " "
	}
	return splice(fit(line, w), s.on(under), x, w)
}

// sentence turns an error into outside text made displayable: it may quote names and paths.
func sentence(err error) string { return model.Display(err.Error()) }
