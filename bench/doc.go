// Package bench measures clavier, fzf and a stock Bubble Tea program the same
// way, interleaved in one run. Run it by hand:
//
//	go run ./bench/report          prints the tables of docs/performance.md
//	go test -bench . ./bench       the same as Go benchmarks
//
// All times are taken on the raw stream of a pseudo-terminal, when the bytes
// arrive; nothing is emulated while the clock runs. A first frame is complete
// when every text that the subject's first frame must show has arrived. The
// answer to a key press is complete with its last byte: the last one before
// the terminal is quiet for Quiet. What arrived is fed to a terminal emulator
// afterwards, and a key press after which the screen is the same as before is
// an error, so that an answer that shows nothing is never counted as fast.
package bench
