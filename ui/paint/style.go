package paint

import "strconv"

// color is a colour as the terminal is told it: 0 is the default, 1 to 256 an
// index of the palette plus one, and rgbColor|0xRRGGBB a direct colour.
type color uint32

const rgbColor color = 1 << 24

// attr is a set of text attributes.
type attr uint8

const (
	bold attr = 1 << iota
	faint
	italic
	underline
	blink
	reverse
	strike

	// onBlank are those that can be seen on a blank cell.
	onBlank = underline | reverse | strike
)

// onOff holds the SGR codes of each attribute, in the order of the constants.
var onOff = [...]struct {
	bit     attr
	on, off int
}{
	{bold, 1, 22}, {faint, 2, 22}, {italic, 3, 23}, {underline, 4, 24},
	{blink, 5, 25}, {reverse, 7, 27}, {strike, 9, 29},
}

// style is how a cell looks.
type style struct {
	fg, bg color
	attr   attr
}

// forBlank removes what cannot be seen on a blank cell.
func (s style) forBlank() style {
	if s.attr&onBlank == 0 {
		return style{bg: s.bg}
	}
	return s
}

// appendSGR appends the shorter of the two sequences that turn the pen from
// one style into another: the changes, or a reset and all of the target.
func appendSGR(dst []byte, from, to style) []byte {
	if from == to {
		return dst
	}
	if to == (style{}) {
		return append(dst, "\x1b[m"...)
	}
	var scratch [2][64]byte
	delta := appendDelta(scratch[0][:0], from, to)
	whole := appendDelta(append(scratch[1][:0], "0;"...), style{}, to)
	if len(whole) < len(delta) {
		delta = whole
	}
	dst = append(dst, "\x1b["...)
	dst = append(dst, delta[:len(delta)-1]...)
	return append(dst, 'm')
}

// appendDelta appends the parameters, each followed by a semicolon.
func appendDelta(dst []byte, from, to style) []byte {
	gone := from.attr &^ to.attr
	kept := from.attr
	if gone&(bold|faint) != 0 {
		// 22 ends both, so the one that stays is set again.
		dst = append(dst, "22;"...)
		gone &^= bold | faint
		kept &^= bold | faint
	}
	for _, a := range onOff {
		switch {
		case gone&a.bit != 0:
			dst = appendParam(dst, a.off)
		case to.attr&^kept&a.bit != 0:
			dst = appendParam(dst, a.on)
		}
	}
	if from.fg != to.fg {
		dst = appendColor(dst, to.fg, 30, 90)
	}
	if from.bg != to.bg {
		dst = appendColor(dst, to.bg, 40, 100)
	}
	return dst
}

// appendColor appends the parameters of a colour; base and bright are the
// codes of the first of the eight normal and the eight bright colours.
func appendColor(dst []byte, c color, base, bright int) []byte {
	switch {
	case c == 0:
		return appendParam(dst, base+9)
	case c&rgbColor != 0:
		dst = appendParam(dst, base+8)
		dst = appendParam(dst, 2)
		dst = appendParam(dst, int(c>>16&0xff))
		dst = appendParam(dst, int(c>>8&0xff))
		return appendParam(dst, int(c&0xff))
	case c <= 8:
		return appendParam(dst, base+int(c)-1)
	case c <= 16:
		return appendParam(dst, bright+int(c)-9)
	default:
		dst = appendParam(dst, base+8)
		dst = appendParam(dst, 5)
		return appendParam(dst, int(c)-1)
	}
}

func appendParam(dst []byte, n int) []byte {
	return append(strconv.AppendInt(dst, int64(n), 10), ';')
}

// applySGR returns the pen after the parameters of one SGR sequence, as they
// stand between "ESC [" and "m". Unknown codes change nothing; conceal is one
// of them, so that no content can hide itself.
func applySGR(pen style, params string) style {
	p := sgrParams{rest: params}
	for p.next() {
		switch n := p.value; {
		case n == 0:
			pen = style{}
		case n == 4 && p.sub:
			if p.next() && p.value == 0 { // the kind of line; 0 is none
				pen.attr &^= underline
			} else {
				pen.attr |= underline
			}
		case n <= 29:
			pen.attr = applyAttr(pen.attr, n)
		case n >= 30 && n <= 37:
			pen.fg = color(n - 30 + 1)
		case n >= 40 && n <= 47:
			pen.bg = color(n - 40 + 1)
		case n >= 90 && n <= 97:
			pen.fg = color(n - 90 + 9)
		case n >= 100 && n <= 107:
			pen.bg = color(n - 100 + 9)
		case n == 39:
			pen.fg = 0
		case n == 49:
			pen.bg = 0
		case n == 38:
			pen.fg = p.color(pen.fg)
		case n == 48:
			pen.bg = p.color(pen.bg)
		case n == 58:
			p.color(0)
		}
		p.skipSub()
	}
	return pen
}

// applyAttr returns the attributes after one code below 30.
func applyAttr(set attr, code int) attr {
	switch code {
	case 6: // fast blinking
		return set | blink
	case 21: // two lines
		return set | underline
	}
	for _, a := range onOff {
		switch code {
		case a.on:
			set |= a.bit
		case a.off:
			set &^= a.bit
		}
	}
	return set
}

// sgrParams walks over parameters, which semicolons part, and their
// sub-parameters, which colons part.
type sgrParams struct {
	rest  string
	done  bool
	value int
	sub   bool // the next value is a sub-parameter of this one
}

// next moves to the next value; an empty one is 0.
func (p *sgrParams) next() bool {
	if p.done {
		return false
	}
	p.value = 0
	for i := 0; i < len(p.rest); i++ {
		c := p.rest[i]
		if c == ';' || c == ':' {
			p.sub = c == ':'
			p.rest = p.rest[i+1:]
			return true
		}
		if c >= '0' && c <= '9' && p.value < 1<<16 {
			p.value = p.value*10 + int(c-'0')
		}
	}
	p.rest, p.done, p.sub = "", true, false
	return true
}

func (p *sgrParams) skipSub() {
	for p.sub && p.next() {
	}
}

// color reads what follows 38, 48 or 58, in the form with semicolons or in
// the form with colons (with or without the colour space); old is returned
// for anything malformed.
func (p *sgrParams) color(old color) color {
	colons := p.sub
	if !p.next() {
		return old
	}
	kind := p.value
	var v [4]int
	want, n := 3, 0
	if kind == 5 {
		want = 1
	}
	if kind != 5 && kind != 2 {
		return old
	}
	if colons {
		for n < len(v) && p.sub && p.next() {
			v[n] = p.value
			n++
		}
		if kind == 2 && n == 4 { // the first is the colour space
			v[0], v[1], v[2], n = v[1], v[2], v[3], 3
		}
	} else {
		for n < want && p.next() {
			v[n] = p.value
			n++
		}
	}
	if n < want {
		return old
	}
	for _, c := range v[:want] {
		if c > 255 {
			return old
		}
	}
	if kind == 5 {
		return color(v[0] + 1)
	}
	return rgbColor | color(v[0]<<16|v[1]<<8|v[2])
}
