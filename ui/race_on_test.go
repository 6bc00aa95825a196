//go:build race

package ui

// thorough is false where the race detector makes every frame ten times as slow: sweeps then take a sample.
const thorough = false
