package model

import "strings"

// maxNearLen is the most bytes of a text that Nearest compares.
const maxNearLen = 64

// Nearest returns the one of the known words that text was most likely meant to be, for the sentence that refuses it: at
// most two characters amiss, whatever the case; the first of several. It is empty if no word is that near.
func Nearest(text string, known []string) string {
	if len(text) > maxNearLen {
		return ""
	}
	best, bestAt := "", 3
	for _, word := range known {
		if d := distance(strings.ToLower(text), strings.ToLower(word)); d < bestAt && d < len(word) {
			best, bestAt = word, d
		}
	}
	return best
}

// distance is the number of bytes to insert, delete or replace to turn a into b (Levenshtein, 1965).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
