package ui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/table"
)

// recalled is a list as it was remembered.
type recalled struct {
	block  *table.Block
	keys   int
	total  int
	at     time.Time
	traits traits
}

// beginProfile reads the keys of a profile that is shown from now on: what is remembered of them, and beside that what there is.
func (a *app) beginProfile() tea.Cmd {
	service, ok := a.service.(rememberer)
	if !ok {
		return a.reload(opRead)
	}
	var cmd tea.Cmd
	a.link.recallOp, cmd = begin(a, opQuiet, "reading what is remembered",
		func(ctx context.Context) (r recalled, err error) {
			list, err := service.Remembered(ctx)
			if err != nil || list.At.IsZero() {
				return r, err
			}
			r = recalled{keys: len(list.Keys), total: max(list.Total, len(list.Keys)), at: list.At, block: table.NewBlock(list.Keys)}
			r.traits.add(list.Keys...)
			return r, nil
		}, (*app).onRecalled)
	return tea.Batch(cmd, a.reload(opRead))
}

// onRecalled shows what was remembered, unless there is something newer. What cannot be read is as good as nothing.
func (a *app) onRecalled(r recalled, err error) tea.Cmd {
	l := &a.list
	a.link.recallOp = 0
	if err != nil || r.at.IsZero() || l.loaded || errors.Is(l.err, model.ErrToken) {
		return nil
	}
	if a.reading != nil && a.reading.got > 0 {
		return nil
	}
	l.table = &table.Table{}
	l.table.Add(r.block)
	l.traits = r.traits
	l.loaded = true
	a.link.recalled, a.link.asked, a.link.total = true, r.at, r.total
	if a.reading != nil {
		a.reading.into = &table.Table{}
		l.fresh = a.reading.into
	}
	return a.search()
}

// forgetList takes the keys off the screen: who is not let in has no business with what others have let in once.
func (a *app) forgetList() {
	a.endSearch()
	asked := a.list.asked
	a.list = newKeyList()
	a.list.asked = asked
	a.link.recalled, a.held = false, nil
}
