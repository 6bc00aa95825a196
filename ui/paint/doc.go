// Package paint draws frames as the fewest bytes: it compares the cells of a
// frame with the cells on the screen and writes only what differs.
//
// Bubble Tea v1 keeps the input, the raw mode, the alternate screen and the
// life cycle. [Output] is given to tea.WithOutput: mode sequences, which the
// stock renderer sends with WriteString, go through; its frames, which it
// sends with Write, are dropped. [Wrap] makes a model that paints right after
// every Update instead of waiting for the renderer's clock. Use it with
// tea.WithAltScreen and tea.WithFPS(1), so that the idle clock ticks as
// rarely as it can. Without [Wrap] and [Output] the same model runs under the
// stock renderer.
//
// What the package holds:
//
//   - Nothing is painted unless the alternate screen is on, and the screen is
//     emptied before that screen is left, so that no frame reaches scrollback.
//     It is emptied line by line: on a terminal without an alternate screen,
//     "erase all" and scrolling text out at the top save what they remove.
//   - Of a frame's content only printable clusters and SGR are understood. All
//     other controls and format characters are dropped.
//   - The cursor's advance is never trusted after a cluster on whose width
//     terminals disagree.
//
// A write happens in the goroutine that calls Paint: Bubble Tea's event loop.
// While a terminal does not take bytes (a stopped tty, a dead link), Update
// waits, and with it every key and signal that arrives as a message; the stock
// renderer waits in the same place, on its mutex. Nothing is lost: keys are
// handled when the terminal takes bytes again or fails.
package paint
