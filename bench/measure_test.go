//go:build linux || darwin

package bench

import (
	"testing"
	"time"
)

func TestQuantileIsTheNearestRank(t *testing.T) {
	var hundred Sample
	for i := 100; i > 0; i-- {
		hundred = append(hundred, time.Duration(i))
	}
	tests := []struct {
		s    Sample
		q    float64
		want time.Duration
	}{
		{nil, 0.5, 0}, {Sample{7}, 0.99, 7}, {hundred, 0.5, 50}, {hundred, 0.99, 99}, {hundred, 1, 100}, {hundred, 0, 1},
		{Sample{3, 1, 2}, 0.5, 2},
	}
	for _, tt := range tests {
		if got := tt.s.Quantile(tt.q); got != tt.want {
			t.Errorf("quantile %v of %d durations is %d, want %d", tt.q, len(tt.s), got, tt.want)
		}
	}
}

// TestAnswerLeavesNoQueryTwice holds the scanner to queries cut anywhere.
func TestAnswerLeavesNoQueryTwice(t *testing.T) {
	x := &session{answers: Never}
	stream := []byte("\x1b]11;?\x1b\\\x1b[6ntext")
	for cut := range stream {
		tail := x.answer(append([]byte(nil), stream[:cut]...))
		tail = x.answer(append(tail, stream[cut:]...))
		for _, q := range queries {
			if len(q.ask) <= len(tail) && string(tail[:len(q.ask)]) == q.ask {
				t.Errorf("cut at %d: %q would be answered again", cut, q.ask)
			}
		}
	}
}
