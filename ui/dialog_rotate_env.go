package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
)

// openEnvFile asks for the file that the successor's secret is written into. The variable is empty, so that nothing is armed
// when the dialog opens.
func (d *rotateDialog) openEnvFile(a *app) tea.Cmd {
	e := newEnvFileDialog(d.successor, "")
	e.fetch = d.withSecret
	e.done = func(a *app, said string) tea.Cmd { return d.done(a, model.StepHandOver, said) }
	a.open(e)
	return nil
}
