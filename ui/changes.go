package ui

import (
	"context"
	"errors"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// watch asks for the version of the keys, unless they were never read, the person has given that up, or a question is
// still open. After a reading that failed, an answer is reason enough to ask what there is.
func (a *app) watch() tea.Cmd {
	service, ok := a.service.(watcher)
	if !ok || !a.list.loaded || a.reading != nil || a.watchOp != 0 || a.changesOp != 0 || errors.Is(a.list.err, errGivenUp) ||
		a.bulkRunning() || a.resting() {
		return nil
	}
	var cmd tea.Cmd
	a.watchOp, cmd = begin(a, opQuiet, "looking for changes", service.Version,
		func(a *app, version int64, err error) tea.Cmd {
			a.watchOp = 0
			switch {
			case err != nil && a.remote():
				return a.notUpToDate(err)
			case err != nil: // a store of this machine is asked again with the next tick
				return nil
			case version == a.version && a.list.err == nil:
				a.link.asked = a.now()
				return nil
			}
			return a.catchUp()
		})
	return cmd
}

// changed is what happened since the last question, and the version before it was asked.
type changed struct {
	model.Changes
	version int64
}

// catchUp brings the list up to date, after a write of ours or of another program: by what has changed since if the
// provider tells, else by reading all keys again. While they are being read, or after the person has given that up, only
// what is known already is shown.
func (a *app) catchUp() tea.Cmd {
	l := &a.list
	if a.reading != nil {
		a.reading.behind = true
		return a.refresh()
	}
	if errors.Is(l.err, errGivenUp) {
		return a.refresh()
	}
	service, ok := a.service.(follower)
	if !ok || l.mark == 0 || !l.whole {
		return tea.Batch(a.refresh(), a.reload(opQuiet))
	}
	a.drop(a.changesOp)
	provider, since := a.service, l.mark
	var cmd tea.Cmd
	a.changesOp, cmd = begin(a, opQuiet, "asking for changes",
		func(ctx context.Context) (c changed, err error) {
			if w, ok := provider.(watcher); ok {
				if c.version, err = w.Version(ctx); err != nil {
					return c, err
				}
			}
			c.Changes, err = service.Changes(ctx, since)
			return c, err
		}, (*app).onChanges)
	return tea.Batch(a.refresh(), cmd)
}

func (a *app) onChanges(c changed, err error) tea.Cmd {
	l := &a.list
	a.changesOp = 0
	switch {
	case err != nil:
		return a.notUpToDate(err)
	case c.All:
		return a.reload(opQuiet)
	}
	a.version, l.mark = c.version, c.Mark
	a.upToDate(a.now())
	if len(c.Keys) == 0 && len(c.Gone) == 0 {
		return nil
	}
	l.apply(c.Changes)
	return tea.Batch(a.follow(), a.refresh())
}

// follow brings the dialogs that speak of a key up to date with the list, and closes those whose key is gone, or says so
// where the person is typing.
func (a *app) follow() tea.Cmd {
	var cmds []tea.Cmd
	for _, open := range slices.Backward(slices.Clone(a.dialogs)) {
		if d, ok := open.(follows); ok {
			cmds = append(cmds, d.follow(a))
			continue
		}
		var key *model.Key
		switch d := open.(type) {
		case *detailsDialog:
			key = &d.key
		case *deleteDialog:
			if d.op != 0 {
				continue
			}
			key = &d.key
			d.ask(a)
		default:
			continue
		}
		if now, ok := a.list.find(key.ID); ok {
			*key = now
			continue
		}
		if d, ok := open.(*deleteDialog); ok {
			d.gone = true
			continue
		}
		a.close(open)
		a.say(toneWarning, model.Display(key.Name)+" was deleted by another program")
	}
	return tea.Batch(append(cmds, a.loadRotations())...)
}
