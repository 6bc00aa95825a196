package cli

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// writeTable writes rows as columns that are two spaces apart and as wide as their widest cell, in terminal cells. The
// cells are displayable already. It makes one write.
func writeTable(w io.Writer, rows [][]string) error {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		gap := 0 // spaces due before the next cell, so that no line ends in spaces
		for i, cell := range row {
			if cell != "" {
				b.WriteString(strings.Repeat(" ", gap) + cell)
				gap = 0
			}
			gap += widths[i] - ansi.StringWidth(cell) + 2
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
