package ui

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"clavier/model"
	"clavier/ui/table"
)

// Exported is what an export has written.
type Exported struct {
	// Path is the file, as a person would name it.
	Path string
	// Keys is how many keys are in it.
	Keys int
}

// FileExistsError says that an export would replace a file. It was left alone: ask, and export again with replace.
type FileExistsError struct {
	// Path is the file, as a person would name it.
	Path string
	// Target is what would be replaced, if Path is a symbolic link to it; else empty.
	Target string
	// Size is how long that file is, in bytes, and Changed when it was changed last.
	Size    int64
	Changed time.Time
}

// Error says that there is such a file.
func (e *FileExistsError) Error() string { return e.Path + " exists already" }

// replaceWord is what must be typed to replace a file.
const replaceWord = "replace"

// exportDialog asks for the name of a file and writes the listed keys into it. If there is such a file, it asks for a word
// before it replaces it: enter, typed ahead, does nothing.
type exportDialog struct {
	field   field
	problem string
	exists  *FileExistsError // what would be replaced, while that is asked; else nil
	word    field            // what is typed then

	op    opID // the writing under way, or 0
	total int  // how many keys it writes
	done  *atomic.Int64
}

// openExport asks where the listed keys are to be written.
func (a *app) openExport() tea.Cmd {
	d := &exportDialog{field: newField(false), word: newField(false)}
	d.field.set("keys-" + a.now().In(a.opts.Location).Format(dateFormat) + ".csv")
	a.open(d)
	return nil
}

// whyNoExport says why nothing can be exported, if so; none says why no key is listed.
func (a *app) whyNoExport(none string) string {
	if a.opts.Export == nil {
		return "keys cannot be written to files here"
	}
	return none
}

func (d *exportDialog) press(_ *app, msg tea.KeyMsg) {
	f := &d.field
	if d.exists != nil {
		f = &d.word
	}
	if d.op != 0 {
		return
	}
	before := f.value()
	if problem := f.press(msg); problem != "" || f.value() != before { // moving about answers nothing
		d.problem = problem
	}
}

func (d *exportDialog) bindings(a *app) []binding {
	switch {
	case d.op != 0:
		return []binding{bind(cancelHelp, func(a *app) tea.Cmd { a.cancel(d.op); return nil }, "esc")}
	case d.exists != nil:
		replace := bind("replace the file", func(a *app) tea.Cmd { return d.submit(a, true) }, "enter")
		if !d.armed() {
			replace = replace.unless("type the word " + replaceWord + " first")
		}
		return []binding{replace, bind("another name", d.askAnew, "esc")}
	}
	return []binding{
		bind("write", func(a *app) tea.Cmd { return d.submit(a, false) }, "enter").unless(a.whyNotAll()),
		closing(d, "leave", "esc"),
	}
}

// armed reports whether the word that replaces a file was typed.
func (d *exportDialog) armed() bool { return d.word.value() == replaceWord }

// askAnew goes back from the question to the name.
func (d *exportDialog) askAnew(*app) tea.Cmd {
	d.exists, d.problem = nil, ""
	d.word.clear()
	return nil
}

// whyNotAll says why the listed keys may not be all that there are: a file cannot be looked at again when they are.
func (a *app) whyNotAll() string {
	switch {
	case a.list.whole:
		return ""
	case a.reading == nil:
		return "not all keys could be read: leave this, and ctrl+r reads them again"
	case a.reading.total == 0:
		return "the keys are still being read"
	}
	return fmt.Sprintf("the keys are still being read: %s of %s", count(a.reading.got), count(a.reading.total))
}

// submit writes the keys that are listed at this moment.
func (d *exportDialog) submit(a *app, replace bool) tea.Cmd {
	listing := a.list.listing
	if listing == nil || d.field.value() == "" {
		d.problem = "a file needs a name"
		return nil
	}
	d.problem = ""
	d.total, d.done = listing.Len(), &atomic.Int64{}
	path, write, snapshot, done := d.field.value(), a.opts.Export, a.list.table.Snapshot(), d.done
	var cmd tea.Cmd
	d.op, cmd = begin(a, opRead, "writing "+model.Display(path),
		func(ctx context.Context) (Exported, error) {
			if !listing.Complete() { // it follows a change, and is on its way
				listing, _ = snapshot.Search(listing.Request(), listing).Run(ctx, 0)
			}
			return write(ctx, path, replace, counted(listed(snapshot, listing), done))
		}, d.written)
	return cmd
}

// listed are the keys of a listing, in its order, without those that are gone.
func listed(snapshot *table.Snapshot, listing *table.Listing) iter.Seq[model.Key] {
	return func(yield func(model.Key) bool) {
		for _, row := range listing.Rows() {
			if key, ok := snapshot.Key(row); ok && !yield(key) {
				return
			}
		}
	}
}

// counted counts the keys that are taken.
func counted(keys iter.Seq[model.Key], done *atomic.Int64) iter.Seq[model.Key] {
	return func(yield func(model.Key) bool) {
		for key := range keys {
			if !yield(key) {
				return
			}
			done.Add(1)
		}
	}
}

// written is the answer to submit.
func (d *exportDialog) written(a *app, file Exported, err error) tea.Cmd {
	d.op = 0
	exists := (*FileExistsError)(nil)
	switch {
	case errors.As(err, &exists):
		d.exists = exists
		d.word.clear()
		return nil
	case errors.Is(err, context.Canceled):
		d.askAnew(a)
		d.problem = "cancelled; nothing was written"
		return nil
	case err != nil:
		d.askAnew(a)
		d.problem = sentence(err)
		return nil
	}
	keys := "keys"
	if file.Keys == 1 {
		keys = "key"
	}
	a.say(toneGood, "wrote "+count(file.Keys)+" "+keys+" to "+model.Display(file.Path))
	a.close(d)
	return nil
}

func (d *exportDialog) content(a *app, w int) content {
	if d.exists != nil {
		return d.question(a, w)
	}
	c := content{title: "Export " + d.what(a), problem: d.problem}
	d.drawField(a, &c, &d.field, "File: ", w)
	for _, line := range wrap("The keys as they are listed, without their secrets. A name that ends in .csv is for spreadsheets, "+
		"one in .json for programs; ~ is your home directory.", w) {
		c.body = append(c.body, a.theme.muted.on(line))
	}
	if why := a.whyNotAll(); why != "" && d.op == 0 {
		c.foot = a.theme.muted.on(cut(why, w))
	}
	return c
}

// what names what is written: "12 keys".
func (d *exportDialog) what(a *app) string {
	n := d.total
	if d.op == 0 && a.list.listing != nil {
		n = a.list.listing.Len()
	}
	if n == 1 {
		return "1 key"
	}
	return count(n) + " keys"
}

// question asks for the word that replaces a file.
func (d *exportDialog) question(a *app, w int) content {
	c := content{title: "Replace " + model.Display(d.exists.Path) + "?", danger: true, problem: d.problem}
	text := fmt.Sprintf("There is such a file: %s, changed %s. What it holds is lost.", bytesText(d.exists.Size),
		d.exists.Changed.In(a.opts.Location).Format(timeFormat))
	if d.exists.Target != "" {
		text = fmt.Sprintf("It is a link to %s, and that file is replaced: %s, changed %s. What it holds is lost.",
			model.Display(d.exists.Target), bytesText(d.exists.Size), d.exists.Changed.In(a.opts.Location).Format(timeFormat))
	}
	c.body = append(c.body, wrap(text, w)...)
	c.body = append(c.body, wrap("Type the word "+replaceWord+" to replace it.", w)...)
	d.drawField(a, &c, &d.word, "Word: ", w)
	switch {
	case d.op != 0:
	case d.armed():
		c.foot = a.theme.danger.on("[ enter replaces the file ]")
	default:
		c.foot = a.theme.muted.on("[ replace ] waits for the word")
	}
	return c
}

// drawField adds the text field to a body, and what goes on while keys are written.
func (d *exportDialog) drawField(a *app, c *content, f *field, label string, w int) {
	text, x := f.draw(max(w-len(label), 1))
	c.body = append(c.body, label+a.theme.field.on(fit(text, max(w-len(label), 1))))
	c.focus = len(c.body) - 1
	if d.op == 0 {
		c.cursor = &point{len(label) + x, c.focus}
		return
	}
	done := int(d.done.Load())
	c.body = append(c.body, bar(done, d.total, w, a.theme))
	c.foot = "writing … " + count(done) + " of " + count(d.total)
}

// bytesText is a length in bytes for a person.
func bytesText(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return count(int(n)) + " bytes"
}
