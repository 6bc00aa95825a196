//go:build linux

package main

import (
	"fmt"
	"time"

	"clavier/bench"
)

// sizes are the numbers of keys that starts are measured with. The first one is
// taken as what a program weighs without keys.
var sizes = []int{10, 1_000, 100_000, 1_000_000}

// most is the number of keys that everything must be quick with.
const most = 1_000_000

// weighed is how many starts of each program are weighed.
const weighed = 3

// crowd is n keys, made once.
func (r *run) crowd(n int) (*bench.Crowd, error) {
	if c := r.crowds[n]; c != nil {
		return c, nil
	}
	c, err := bench.NewCrowd(r.cache, n)
	if err == nil {
		r.crowds[n] = c
	}
	return c, err
}

// rivals are clavier, which comes first, and each fzf over the same keys. Those
// that look for substrings as clavier does come too if exact.
func (r *run) rivals(n int, exact bool) (*bench.Crowd, []bench.Subject, error) {
	c, err := r.crowd(n)
	if err != nil {
		return nil, nil, err
	}
	own, err := bench.ClavierCrowd(r.dir, c)
	if err != nil {
		return nil, nil, err
	}
	all := []bench.Subject{own}
	for _, bin := range r.fzfs {
		for _, e := range []bool{false, true} {
			if e && !exact {
				continue
			}
			s, err := bench.FzfNames(bin, c, e)
			if err != nil {
				return nil, nil, err
			}
			all = append(all, s)
		}
	}
	return c, all, nil
}

// fastest is the smallest of what value says of the programs that clavier is
// compared with.
func fastest(n int, value func(i int) time.Duration) time.Duration {
	least := value(1)
	for i := 2; i < n; i++ {
		least = min(least, value(i))
	}
	return least
}

// manyRounds is how many times each program is started with many keys.
func (r *run) manyRounds() int { return max(r.rounds/10, 1) }

// loads measures starts and memory at all sizes.
func loads(r *run) error {
	var own []int64 // the weight of each program with the fewest keys
	for _, n := range sizes {
		c, all, err := r.rivals(n, false)
		if err != nil {
			return err
		}
		found, err := bench.Loads(all, c, r.manyRounds(), min(weighed, r.manyRounds()), cols, rows)
		if err != nil {
			return err
		}
		if own == nil {
			for i := range found {
				own = append(own, found[i].Weight())
			}
		}
		table(fmt.Sprintf("start, %d keys", n), "first rows p50 (ms)", "p90 (ms)", "to fastest fzf",
			"all counted p50 (ms)", "p90 (ms)", "to fastest fzf", "resident (MB)", "a key (bytes)")
		first := func(i int) time.Duration { return found[i].First.Median() }
		whole := func(i int) time.Duration { return found[i].All.Median() }
		fastestFirst, fastestWhole := fastest(len(all), first), fastest(len(all), whole)
		perKey := func(i int) float64 { return float64(found[i].Weight()-own[i]) / float64(n) }
		for i, s := range all {
			each := ""
			if n > sizes[0] {
				each = fmt.Sprintf("%.0f", perKey(i))
			}
			fmt.Printf("| %s | %s | %s | %.2f | %s | %s | %.2f | %.1f | %s |\n", s.Name,
				ms(first(i)), ms(found[i].First.Quantile(0.9)), ratio(first(i), fastestFirst),
				ms(whole(i)), ms(found[i].All.Quantile(0.9)), ratio(whole(i), fastestWhole),
				mb(found[i].Weight()), each)
		}
		r.found.below(1, ratio(first(0), fastestFirst), "", fmt.Sprintf("first rows of %d keys, to the fastest fzf", n))
		if limit := map[int]float64{100_000: 2, most: 3}[n]; limit > 0 {
			r.found.atMost(limit, ratio(whole(0), fastestWhole), "", fmt.Sprintf("all of %d keys counted, to the fastest fzf", n))
			r.found.atMost(350, perKey(0), " bytes", fmt.Sprintf("memory a key, of %d", n))
		}
	}
	return nil
}

// filters measures typing.
func filters(r *run) error {
	for _, n := range []int{100_000, most} {
		c, all, err := r.rivals(n, true)
		if err != nil {
			return err
		}
		found, err := bench.Filtering(all, c, bench.Queries, cols, rows)
		if err != nil {
			return err
		}
		table(fmt.Sprintf("key press in the filter to final frame, %d keys", n), "p50 (ms)", "p90 (ms)", "slowest (ms)",
			"p50 to clavier", "p90 to clavier", "presses")
		p50 := func(i int) time.Duration { return found[i].Times.Median() }
		p90 := func(i int) time.Duration { return found[i].Times.Quantile(0.9) }
		for i, s := range all {
			fmt.Printf("| %s | %s | %s | %s | %.1f | %.1f | %d |\n", s.Name, ms(p50(i)), ms(p90(i)), ms(found[i].Times.Quantile(1)),
				ratio(p50(i), p50(0)), ratio(p90(i), p90(0)), len(found[i].Times))
		}
		what := fmt.Sprintf("of a key press in the filter among %d keys, the fastest fzf to clavier", n)
		r.found.atLeast(5, ratio(fastest(len(all), p50), p50(0)), "", "p50 "+what)
		r.found.atLeast(5, ratio(fastest(len(all), p90), p90(0)), "", "p90 "+what)
	}
	return nil
}

// moves measures key presses that change no more than the screen.
func moves(r *run) error {
	c, all, err := r.rivals(most, false)
	if err != nil {
		return err
	}
	found, err := bench.Steps(all, c, r.presses, cols, rows)
	if err != nil {
		return err
	}
	head := []string{fmt.Sprintf("key press to changed frame, %d keys", most)}
	for _, kind := range bench.StepKinds {
		head = append(head, kind+" p50 (ms)", "p99 (ms)", "processor p99 (ms)", "bytes")
	}
	table(head...)
	for i, s := range all {
		fmt.Printf("| %s |", s.Name)
		for kind := range bench.StepKinds {
			fmt.Printf(" %s |", pressCells(found[i][kind]))
		}
		fmt.Println()
	}
	for kind, name := range bench.StepKinds {
		p50 := func(i int) time.Duration { return found[i][kind].Times.Median() }
		r.found.atMost(1, ratio(p50(0), fastest(len(all), p50)), "", fmt.Sprintf("p50 of %s among %d keys, to the fastest fzf", name, most))
	}
	return nil
}

// wholes measures what touches every key.
func wholes(r *run) error {
	c, all, err := r.rivals(most, false)
	if err != nil {
		return err
	}
	found, err := bench.Wholes(all, c, r.manyRounds(), cols, rows)
	if err != nil {
		return err
	}
	table(fmt.Sprintf("key press to final frame, %d keys", most), "program", "p50 (ms)", "slowest (ms)")
	for _, w := range found {
		fmt.Printf("| %s | %s | %s | %s |\n", w.What, w.Subject, ms(w.Times.Median()), ms(w.Times.Quantile(1)))
		if w.Subject == all[0].Name {
			r.found.below(250, float64(w.Times.Median())/float64(time.Millisecond), " ms", fmt.Sprintf("%s, %d keys", w.What, most))
		}
	}
	return nil
}

// deletes measures a bulk deletion.
func deletes(r *run) error {
	const doomed, among = 1_000, 100_000
	c, err := r.crowd(among)
	if err != nil {
		return err
	}
	times, err := bench.Deletes(r.dir, c, doomed, max(r.manyRounds()/2, 1), cols, rows)
	if err != nil {
		return err
	}
	table("bulk delete, each key durable", "p50 (ms)", "slowest (ms)")
	fmt.Printf("| %d of %d keys | %s | %s |\n", doomed, among+doomed, ms(times.Median()), ms(times.Quantile(1)))
	r.found.below(2, times.Median().Seconds(), " s", fmt.Sprintf("bulk delete of %d keys", doomed))
	return nil
}
