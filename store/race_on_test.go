//go:build race

package store

// raced: the race detector makes everything, the started programs too, several times slower.
const raced = true
