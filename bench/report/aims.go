//go:build linux

package main

import "fmt"

// clavier is where the program stands among the subjects of short lists, and
// fzf what it is compared with; stock is the smallest Bubble Tea program.
const (
	fzf = iota
	stock
	clavier
)

// relation says on which side of its limit an aim is met.
type relation string

const (
	atMost  relation = "at most"
	atLeast relation = "at least"
	below   relation = "under"
)

// verdict is one aim, and what was found.
type verdict struct {
	aim string
	relation
	limit, found float64
	unit         string
}

// verdicts are all aims in the order in which they were measured.
type verdicts []verdict

// atMost notes an aim that is met up to the limit.
func (v *verdicts) atMost(limit, found float64, unit, aim string) {
	*v = append(*v, verdict{aim, atMost, limit, found, unit})
}

// atLeast notes an aim that is met from the limit on.
func (v *verdicts) atLeast(limit, found float64, unit, aim string) {
	*v = append(*v, verdict{aim, atLeast, limit, found, unit})
}

// below notes an aim that is met only under the limit.
func (v *verdicts) below(limit, found float64, unit, aim string) {
	*v = append(*v, verdict{aim, below, limit, found, unit})
}

func (v verdict) met() bool {
	switch v.relation {
	case below:
		return v.found < v.limit
	case atLeast:
		return v.found >= v.limit
	default:
		return v.found <= v.limit
	}
}

func (v *verdicts) print() {
	if len(*v) == 0 {
		return
	}
	table("aim", "limit", "measured", "")
	for _, v := range *v {
		outcome := "met"
		if !v.met() {
			outcome = "**missed**"
		}
		fmt.Printf("| %s | %s %g%s | %.2f%s | %s |\n", v.aim, v.relation, v.limit, v.unit, v.found, v.unit, outcome)
	}
}
