package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// bulkProgress shows how far the deletion of many keys has come.
type bulkProgress struct {
	job      *bulkJob
	todo     []int // places in job.targets
	queue    *bulkQueue
	workers  int // that still run
	stopping bool
}

func (p *bulkProgress) bindings(*app) []binding {
	stop := bind("stop", p.stop, "esc")
	if p.stopping {
		stop = stop.unless("it stops as soon as the keys under way are done")
	}
	return []binding{stop}
}

// stop lets no other key be deleted. Those under way are not given up: what came of them would not be known.
func (p *bulkProgress) stop(*app) tea.Cmd {
	p.queue.stop()
	p.stopping = true
	return nil
}

func (p *bulkProgress) content(a *app, w int) content {
	c := content{title: "Deleting " + manyKeys(len(p.todo)), danger: true}
	done, failed := p.queue.counts()
	sum := count(done) + " of " + count(len(p.todo))
	if failed > 0 {
		sum += " · " + count(failed) + " failed"
	}
	c.body = []string{bar(done, len(p.todo), w, a.theme), cut(sum, w)}
	c.focus = 1
	c.foot = a.theme.muted.on("esc stops before the next one")
	if p.stopping {
		c.foot = "stopping: the keys under way are finished …"
	}
	return c
}

// bar draws how much of a whole is done, w cells wide.
func bar(done, whole, w int, t theme) string {
	inside := max(w-len("[]"), 0)
	full := inside * done / max(whole, 1)
	return cut("["+t.good.on(strings.Repeat("#", full))+t.muted.on(strings.Repeat(".", inside-full))+"]", w)
}
