//go:build linux

package main

import "fmt"

// clavier is where the program stands among the subjects, and fzf what it is
// compared with; stock is the smallest Bubble Tea program.
const (
	fzf = iota
	stock
	clavier
)

// verdict is one aim, and what was found.
type verdict struct {
	aim   string
	limit float64
	found float64
	unit  string
	below bool // the limit itself is missed already
}

// verdicts are all aims in the order in which they were measured.
type verdicts []verdict

// atMost notes an aim that is met up to the limit.
func (v *verdicts) atMost(limit, found float64, unit, aim string) {
	*v = append(*v, verdict{aim, limit, found, unit, false})
}

// below notes an aim that is met only under the limit.
func (v *verdicts) below(limit, found float64, unit, aim string) {
	*v = append(*v, verdict{aim, limit, found, unit, true})
}

func (v verdict) met() bool {
	if v.below {
		return v.found < v.limit
	}
	return v.found <= v.limit
}

func (v *verdicts) print() {
	table("aim", "limit", "measured", "")
	for _, v := range *v {
		relation, outcome := "at most", "met"
		if v.below {
			relation = "under"
		}
		if !v.met() {
			outcome = "**missed**"
		}
		fmt.Printf("| %s | %s %g%s | %.2f%s | %s |\n", v.aim, relation, v.limit, v.unit, v.found, v.unit, outcome)
	}
}
