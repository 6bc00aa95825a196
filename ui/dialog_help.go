package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// helpDialog lists the bindings that apply where it was opened.
type helpDialog struct {
	list   []binding
	scroll int
}

func (d *helpDialog) bindings(*app) []binding {
	return []binding{
		bind("scroll", func(*app) tea.Cmd { d.scroll++; return nil }, "down", "j", "pgdown", " ").as("j/k"),
		bind("up", func(*app) tea.Cmd { d.scroll = max(d.scroll-1, 0); return nil }, "up", "k", "pgup").inHelp(),
		closing(d, "close", "esc", "?", "q", "enter").as("esc"),
	}
}

func (d *helpDialog) content(a *app, w int) content {
	c := content{title: "Keys", scroll: &d.scroll}
	label := 0
	for _, b := range d.list {
		label = max(label, width(b.Help().Key))
	}
	label = min(label, max(w/2, 1))
	for _, b := range d.list {
		text := b.Help().Desc
		if b.why != "" {
			text += ": " + model.Display(b.why)
		}
		for i, line := range wrap(text, max(w-label-2, 1)) {
			head := spaces(label)
			if i == 0 {
				head = a.theme.key.on(fit(b.Help().Key, label))
			}
			if b.why != "" {
				line = a.theme.muted.on(line)
			}
			c.body = append(c.body, head+"  "+line)
		}
	}
	return c
}
