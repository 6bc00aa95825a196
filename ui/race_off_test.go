//go:build !race

package ui

// thorough is true where sweeps look at everything; see race_on_test.go.
const thorough = true
