package ui

import (
	"cmp"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// cancelHelp is the help of a binding that gives up what is going on.
const cancelHelp = "cancel"

// everywhere are the bindings that no dialog takes away.
func everywhere() []binding {
	return []binding{
		bind("quit", (*app).quit, "ctrl+c").inHelp(),
		bind("suspend", (*app).suspend, "ctrl+z").inHelp(),
		bind("repaint", func(a *app) tea.Cmd {
			a.repaint()
			if a.opts.StockRenderer {
				return tea.ClearScreen
			}
			return nil
		}, "ctrl+l").inHelp(),
	}
}

// bindings are the keys that apply now: those of the top dialog, else of the filter while it is typed, else of the view.
func (a *app) bindings() []binding {
	if d := a.top(); d != nil {
		return d.bindings(a)
	}
	if a.filtering() {
		return a.filterBindings()
	}
	var list []binding
	switch a.view {
	case apisView:
		list = a.apiBindings()
	case activityView:
		list = a.activityBindings()
	default:
		list = a.keyBindings()
	}
	// Out of what one is in comes first: the footer keeps that longest.
	if _, busy := a.waiting(a.now()); busy {
		list = append([]binding{bind(cancelHelp, (*app).cancelWaiting, "esc")}, list...)
	} else if back, ok := a.backBinding(); ok && a.view == keysView {
		list = append([]binding{back}, list...)
	}
	return append(list,
		a.viewBinding(keysView, "1", "API keys"),
		a.viewBinding(apisView, "2", "My APIs"),
		a.viewBinding(activityView, "3", "Activity").unless(a.whyNoActivity()),
		bind("open the provider's page", (*app).openConsole, "o").inHelp().unless(a.whyNoConsole()),
		bind("look up a secret", (*app).openLookup, "L").inHelp().unless(a.whyNoLookup()),
		bind("profiles", (*app).openProfiles, "p").inHelp().unless(a.whyNoProfiles()),
		bind("reload", func(a *app) tea.Cmd { return a.reload(opRead) }, "ctrl+r").inHelp(),
		bind("help", (*app).openHelp, "?"),
		bind("quit", (*app).quit, "q"),
	)
}

// keyBindings are the keys of the key list.
func (a *app) keyBindings() []binding {
	l := &a.list
	empty, none := "", "" // why nothing can be asked of the list; why nothing can be done with a key
	key, ok := l.selected()
	switch {
	case !l.loaded && l.err != nil:
		empty = "the keys could not be read; ctrl+r tries again"
	case l.whole && l.newest().Len() == 0:
		empty = "there is no key here; n makes one"
		if a.whyNoNew() != "" {
			empty = "there is no key here; i imports one"
		}
	case !ok && (!l.loaded || l.listing == nil):
		none = "the keys are still being read"
	case !ok:
		none = "no key is shown; esc shows more"
	}
	if empty != "" {
		none = empty
	}
	noSecret := none
	if noSecret == "" {
		noSecret = a.whyNoSecret()
	}
	stale := "only the stale keys"
	if l.asked.stale {
		stale = "all keys again"
	}
	return append([]binding{
		bind("new", func(a *app) tea.Cmd {
			a.open(newNewDialog())
			return nil
		}, "n").unless(cmp.Or(a.whyNoNew(), a.whyNoChange())),
		a.importBinding(),
		bind("copy", func(a *app) tea.Cmd { return a.copyKey(key) }, "c", "y").as("c").unless(noSecret).after(needPage),
		a.rotateBinding(key, none).after(needPage),
		a.deleteBinding(key, none),
		bind("mark", (*app).mark, " ").unless(none).after(needPage),
		a.tryBinding(),
		bind("filter", (*app).editFilter, "/").unless(empty),
		bind("sort", (*app).nextOrder, "s").unless(empty),
		bind("details", func(a *app) tea.Cmd {
			a.open(&detailsDialog{key: key})
			return a.readAnswers(opQuiet)
		}, "enter").unless(none).after(needPage),
		a.rotationsBinding(),
		bind("export", (*app).openExport, "e").inHelp().unless(a.whyNoExport(none)).after(needAll),
		bind("turn the order round", (*app).turnOrder, "S").inHelp().unless(empty),
		bind(stale, (*app).toggleStale, "!").inHelp().unless(empty),
		bind("mark all that are shown", (*app).markShown, "a").inHelp().unless(none).after(needAll),
		bind("turn the marks round", (*app).invertMarks, "A").inHelp().unless(none).after(needAll),
	}, moves(a.list.move, a.listRows, func() int { return len(l.rows()) })...)
}

// importBinding takes a secret that was made elsewhere. Where no key is made here it stands in the footer in place of new.
func (a *app) importBinding() binding {
	b := bind("import", (*app).openImport, "i").unless(cmp.Or(a.whyNoImport(), a.whyNoChange()))
	if a.whyNoNew() == "" {
		return b.inHelp()
	}
	return b
}

// deleteBinding deletes what is marked, else the key under the cursor.
func (a *app) deleteBinding(key model.Key, none string) binding {
	if n := a.list.table.MarkedCount(); n > 0 {
		return bind("delete "+count(n)+" marked", func(a *app) tea.Cmd {
			return a.openBulkDelete(a.list.table.MarkedRows())
		}, "d", "delete").as("d").unless(a.whyNoTouch()).after(needAll)
	}
	return bind("delete", func(a *app) tea.Cmd { return a.openDelete(key) }, "d", "delete").as("d").unless(cmp.Or(none, a.whyNoTouch())).after(needPage)
}

// moves are the keys that move a cursor: move changes it by rows, page counts the visible ones, count all.
func moves(move func(int), page, count func() int) []binding {
	by := func(delta func() int) func(*app) tea.Cmd {
		return func(*app) tea.Cmd {
			move(delta())
			return nil
		}
	}
	one := func(n int) func() int { return func() int { return n } }
	return []binding{
		bind("down", by(one(1)), "j", "down").inHelp().after(needPage),
		bind("up", by(one(-1)), "k", "up").inHelp().after(needPage),
		bind("first", by(func() int { return -count() }), "g", "home").inHelp().after(needPage),
		bind("last", by(count), "G", "end").inHelp().after(needAll),
		bind("half a page down", by(func() int { return max(page()/2, 1) }), "ctrl+d").inHelp().after(needPage),
		bind("half a page up", by(func() int { return -max(page()/2, 1) }), "ctrl+u").inHelp().after(needPage),
		bind("page down", by(func() int { return max(page(), 1) }), "pgdown", "ctrl+f").inHelp().after(needPage),
		bind("page up", by(func() int { return -max(page(), 1) }), "pgup", "ctrl+b").inHelp().after(needPage),
	}
}

// viewBinding is the key that shows a view.
func (a *app) viewBinding(v viewID, key, name string) binding {
	return bind(name, func(a *app) tea.Cmd {
		a.view = v
		switch v {
		case apisView:
			return a.readAnswers(opRead)
		case activityView:
			return a.reloadActivity()
		default:
			return nil
		}
	}, key).inHelp()
}

func (a *app) whyNoProfiles() string {
	if a.opts.Switch == nil || len(a.opts.Profiles) < 2 && a.opts.AddService == nil {
		return "this is the only profile; clavier profile add NAME makes another"
	}
	return ""
}

func (a *app) openHelp() tea.Cmd {
	d := &helpDialog{list: append(a.bindings(), everywhere()...)}
	a.open(d)
	return nil
}

// quit leaves the program, and asks first while a key is being made or deleted.
func (a *app) quit() tea.Cmd {
	if _, asked := a.top().(*quitDialog); asked {
		return tea.Quit
	}
	if doing, ok := a.writing(); ok {
		a.open(&quitDialog{doing: doing.label})
		return nil
	}
	return tea.Quit
}

// cancelWaiting gives up what the spinner shows.
func (a *app) cancelWaiting() tea.Cmd {
	if doing, ok := a.waiting(a.now()); ok {
		a.cancel(doing.id)
		a.say(toneWarning, "gave up "+doing.label)
	}
	return nil
}
