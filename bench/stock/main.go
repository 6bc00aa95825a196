// Command stock is the smallest Bubble Tea v1 list, drawn by Bubble Tea's own
// renderer: what clavier is measured against. Its argument is the number of
// rows.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

type model struct {
	rows, at, top int
	cols, height  int
}

func (m model) Init() tea.Cmd { return nil }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.cols, m.height = msg.Width, msg.Height
	case tea.KeyMsg:
		switch msg.String() {
		case "j":
			m.at = min(m.at+1, m.rows-1)
		case "k":
			m.at = max(m.at-1, 0)
		case "q", "ctrl+c":
			return m, tea.Quit
		}
	}
	visible := max(1, m.height-3)
	m.top = min(max(m.top, m.at-visible+1), m.at)
	return m, nil
}

func (m model) View() string {
	if m.height == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(" stock\n   NAME         KEY           CREATED            AGE    LAST USED\n")
	for i := m.top; i < m.top+m.height-3; i++ {
		switch {
		case i >= m.rows:
		case i == m.at:
			fmt.Fprintf(&b, "\x1b[7m > %s\x1b[m", row(i))
		default:
			b.WriteString("   " + row(i))
		}
		b.WriteByte('\n')
	}
	b.WriteString(" j down  k up  q quit")
	return b.String()
}

func row(i int) string {
	return fmt.Sprintf("key-%06d   clv_…%04d     2026-11-02 17:40   20d    never", i, i%10000)
}

func main() {
	rows, err := strconv.Atoi(strings.Join(os.Args[1:], " "))
	if err != nil || rows < 1 {
		fmt.Fprintln(os.Stderr, "stock: the one argument is the number of rows")
		os.Exit(2)
	}
	if _, err := tea.NewProgram(model{rows: rows}, tea.WithAltScreen()).Run(); err != nil {
		fmt.Fprintln(os.Stderr, "stock:", err)
		os.Exit(1)
	}
}
