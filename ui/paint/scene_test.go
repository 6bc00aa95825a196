package paint

import (
	"fmt"
	"strings"
)

// scene is a list as clavier draws it, for measuring.
type scene struct {
	width, height int
	rows, top     int
	cursor        int
	names         func(i int) string
}

func newScene(width, height, rows int) *scene {
	return &scene{width: width, height: height, rows: rows,
		names: func(i int) string { return fmt.Sprintf("production-%d", i) }}
}

// body is how many rows of the list are seen.
func (s *scene) body() int { return max(1, s.height-5) }

func (s *scene) move(by int) {
	s.cursor = max(0, min(s.rows-1, s.cursor+by))
	s.top = max(min(s.top, s.cursor), s.cursor-s.body()+1)
}

func (s *scene) content() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\x1b[1m clavier\x1b[0m  local · this machine%*s\n", s.width-40, fmt.Sprintf("%d keys", s.rows))
	b.WriteString(" \x1b[1;4m1 API keys\x1b[0m   2 My APIs   3 Activity\n")
	fmt.Fprintf(&b, "\x1b[2m   %-40s%-20s%-18s%-6s%s\x1b[0m\n", "NAME", "KEY", "CREATED", "AGE", "LAST USED")
	for i := s.top; i < s.top+s.body(); i++ {
		if i >= s.rows {
			b.WriteString("\n")
			continue
		}
		hint := fmt.Sprintf("clv_…%04d", i*7919%10000)
		rest := fmt.Sprintf("%-20s%-18s%-6s%s", hint, fmt.Sprintf("2026-%02d-%02d %02d:12", i%12+1, i%28+1, i%24),
			fmt.Sprintf("%dd", i%300), fmt.Sprintf("%dm ago", i%60))
		if i == s.cursor {
			fmt.Fprintf(&b, " \x1b[1;36m> %-40s\x1b[0m%s\n", s.names(i), rest)
		} else {
			fmt.Fprintf(&b, "   %-40s%s\n", s.names(i), rest)
		}
	}
	b.WriteString("\n\x1b[2m n new  c copy  r rotate  d delete  space mark  / filter  s sort  ? help  q quit\x1b[0m")
	return b.String()
}
