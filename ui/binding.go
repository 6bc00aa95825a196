package ui

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// binding is a key and what it does: the same value is matched, shown in the footer and listed by help.
type binding struct {
	key.Binding
	do func(a *app) tea.Cmd
	// why is not empty if the binding does not apply now; it is the sentence that says so when the key is pressed.
	why string
	// minor bindings are in help and not in the footer.
	minor bool
	// needs is what must be on screen before the key does something.
	needs need
}

// bind returns a binding for keys, named as tea.KeyMsg names them. help is one or two words.
func bind(help string, do func(a *app) tea.Cmd, keys ...string) binding {
	return binding{
		Binding: key.NewBinding(key.WithKeys(keys...), key.WithHelp(labels(keys), help)),
		do:      do,
	}
}

// as names the keys on screen where their own names would not do, such as "j/k" for four of them.
func (b binding) as(label string) binding {
	b.SetHelp(label, b.Help().Desc)
	return b
}

// inHelp keeps the binding out of the footer.
func (b binding) inHelp() binding {
	b.minor = true
	return b
}

// unless switches the binding off for a reason, if there is one.
func (b binding) unless(why string) binding {
	b.why = why
	return b
}

// after holds the key back until what it acts on is on screen.
func (b binding) after(n need) binding {
	b.needs = n
	return b
}

// keyNames are the keys whose name in Bubble Tea is not what a person calls them.
var keyNames = map[string]string{" ": "space", "up": "↑", "down": "↓", "pgdown": "pgdn"}

func labels(keys []string) string {
	named := make([]string, len(keys))
	for i, k := range keys {
		named[i] = k
		if name, ok := keyNames[k]; ok {
			named[i] = name
		}
	}
	return strings.Join(named, "/")
}

// find returns the binding that a key belongs to. Several letters in one message are never a key, although Bubble Tea
// names them by their letters, and those may be "enter" or "ctrl+c".
func find(bindings []binding, msg tea.KeyMsg) (binding, bool) {
	if len(msg.Runes) > 1 {
		return binding{}, false
	}
	for _, b := range bindings {
		if key.Matches(msg, b.Binding) {
			return b, true
		}
	}
	return binding{}, false
}

// footer returns the bindings that apply now in at most w cells, whole ones only. The last two, by which one gets help
// and gets out, are kept longest.
func (a *app) footer(w int) string {
	var shown []binding
	for _, b := range a.bindings() {
		if !b.minor && b.why == "" {
			shown = append(shown, b)
		}
	}
	used := 1
	for _, b := range shown {
		used += b.width() + 2
	}
	for used-2 > w && len(shown) > 0 {
		i := max(len(shown)-3, 0)
		used -= shown[i].width() + 2
		shown = append(shown[:i], shown[i+1:]...)
	}
	parts := make([]string, len(shown))
	for i, b := range shown {
		parts[i] = a.theme.key.on(b.Help().Key) + " " + b.Help().Desc
	}
	return " " + strings.Join(parts, "  ")
}

// width is how many cells the binding takes in the footer.
func (b binding) width() int { return width(b.Help().Key) + 1 + width(b.Help().Desc) }
