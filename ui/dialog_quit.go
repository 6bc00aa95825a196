package ui

import tea "github.com/charmbracelet/bubbletea"

// quitDialog asks before the program is left while a key is being made or deleted. The answer is No unless it is y.
type quitDialog struct{ doing string }

func (d *quitDialog) bindings(*app) []binding {
	return []binding{
		closing(d, "stay", "n", "esc", "enter").as("n"),
		bind("leave", func(*app) tea.Cmd { return tea.Quit }, "y"),
	}
}

func (d *quitDialog) content(_ *app, w int) content {
	return content{
		title: "Leave now?",
		body: wrap("clavier is still "+d.doing+". Leaving now gives it up: whether it was done, the list shows next time.",
			w),
	}
}
