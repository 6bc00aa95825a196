package ui

import (
	"fmt"
	"time"

	"clavier/model"
)

// rotateMargin is how far what a step says stands from the edge.
const rotateMargin = 4

// rotateMost is how wide the guide is at most, borders included: the two keys stand side by side in it, with their ends.
const rotateMost = 88

func (d *rotateDialog) most() int { return rotateMost }

// rotateSteps are the steps in their order.
var rotateSteps = []model.Step{model.StepCreate, model.StepHandOver, model.StepCheck, model.StepWatch, model.StepDelete}

// stateOf says how far a step is: done with its moment, now, left out, or to come.
func (d *rotateDialog) stateOf(a *app, step model.Step) string {
	r, next := d.rotation, d.next(a)
	at := map[model.Step]time.Time{
		model.StepCreate: r.BeganAt, model.StepHandOver: r.HandedOverAt, model.StepCheck: r.CheckedAt, model.StepWatch: r.WatchedAt,
	}[step]
	switch {
	case d.begun && !at.IsZero():
		return "done " + at.In(a.opts.Location).Format(timeFormat)
	case step == next:
		return "now"
	case step < next:
		return "left out"
	}
	return "to come"
}

func (d *rotateDialog) content(a *app, w int) content {
	c := content{title: "Rotate " + model.Display(d.old.Name), problem: d.problem}
	if d.gone != "" {
		c.problem = d.gone
	}
	c.foot = d.foot(a)
	c.window = func(room int) ([]string, *point) { return d.window(a, w, room) }
	return c
}

// foot says what is going on, or what enter does.
func (d *rotateDialog) foot(a *app) string {
	switch {
	case d.gone != "" || a.height < bulkLow:
		return ""
	case d.op != 0 && !d.begun:
		return "making the new key …"
	case d.op != 0:
		return "noting it …"
	case d.begun:
		return ""
	case d.whyNotYet(a) != "":
		return a.theme.muted.on("[ make the new key ]")
	}
	return "[ enter makes the new key ]"
}

// window lays the guide out in this many lines: the step that is looked at with what it says, whatever else has room.
func (d *rotateDialog) window(a *app, w, room int) (lines []string, cursor *point) {
	if room >= 10 {
		lines = append(lines, d.side(a, "Old", d.old, w), d.side(a, "New", d.successor, w), "")
	}
	from, to := 0, 0
	for _, step := range rotateSteps {
		line := fmt.Sprintf("%d %-9s  %s", step, step, d.stateOf(a, step))
		if step != d.step {
			lines = append(lines, cut("  "+line, w))
			continue
		}
		from = len(lines)
		lines = append(lines, a.theme.selected.on(cut("> "+line, w)))
		panel, at := d.panel(a, max(w-rotateMargin, 1))
		for i, text := range panel {
			if at != nil && at.y == i {
				cursor = &point{rotateMargin + at.x, len(lines)}
			}
			lines = append(lines, cut(spaces(rotateMargin)+text, w))
		}
		to = len(lines) - 1
	}
	if len(lines) <= room {
		return lines, cursor
	}
	top := max(min(from, len(lines)-room), 0)
	if to-from < room { // then all that the step says is in sight, with what stands before it
		top = max(to-room+1, 0)
	}
	if cursor != nil {
		top = scrolled(top, cursor.y, len(lines), room)
		cursor = &point{cursor.x, cursor.y - top}
	}
	return lines[top:min(top+room, len(lines))], cursor
}

// side is one of the two keys: its name, hint, last use and end.
func (d *rotateDialog) side(a *app, label string, key model.Key, w int) string {
	label = a.theme.muted.on(fit(label, 5))
	if key.ID == "" {
		return label + a.theme.muted.on("not made yet")
	}
	now := a.now()
	text := fit(cut(model.Display(key.Name), nameMost), min(max(width(model.Display(d.old.Name)), width(model.Display(d.successor.Name))), nameMost)) +
		"  " + cut(model.Display(key.Hint), 16) + "  used " + key.LastUse.Used(now)
	if end := d.endOf(a, key); end != "" {
		text += "  " + a.theme.warning.on(end)
	}
	return cut(label+text, w)
}

// endOf says when a key stops working, if it does.
func (d *rotateDialog) endOf(a *app, key model.Key) string {
	switch {
	case key.StatusAt(a.now()) == model.StatusExpired:
		return "ended"
	case key.Disabled && !key.ExpiresAt.IsZero():
		return "revoked"
	case key.Disabled:
		return "disabled"
	case !key.ExpiresAt.IsZero():
		return "ends " + key.ExpiresAt.In(a.opts.Location).Format(timeFormat)
	case key.Dead:
		return "dead"
	}
	return ""
}

// panel is what the step that is looked at says, and where the cursor of its text field is.
func (d *rotateDialog) panel(a *app, w int) (lines []string, cursor *point) {
	say := func(s style, text string) {
		for _, line := range wrap(text, w) {
			lines = append(lines, s.on(line))
		}
	}
	choice := func(key, text, why string) {
		line := a.theme.key.on(key) + "  " + text
		if why != "" {
			line = a.theme.muted.on(key + "  " + text + ": " + why)
		}
		lines = append(lines, cut(line, w))
	}
	if d.note != "" && d.noted == d.step {
		say(a.theme.good, d.note)
	}
	switch d.step {
	case model.StepCreate:
		if d.begun {
			say(a.theme.muted, model.Display(d.successor.Name)+" takes the place of "+model.Display(d.old.Name)+". Both keys work.")
			return lines, nil
		}
		return d.startPanel(a, w)
	case model.StepHandOver:
		say(a.theme.muted, "Bring the new key to whatever uses the old one:")
		choice("c", "copy it", d.whyNoSecret(a))
		if a.opts.EnvFile != nil {
			choice("w", "write it into a .env file", d.whyNoSecret(a))
		}
		if a.opts.HandOver != nil {
			choice("x", "give it to a command", d.whyNoSecret(a))
		}
		if len(a.opts.Formats) > 0 {
			choice("l", "show lines that export it", d.whyNoSecret(a))
		}
		choice("o", "it is handed over, by whatever means", "")
	case model.StepCheck:
		return append(lines, d.checkPanel(a, w)...), nil
	case model.StepWatch:
		say(a.theme.muted, d.usedSince(a.now()))
		if end := d.endOf(a, d.old); end != "" {
			say(a.theme.warning, "The old key: "+end+".")
		}
		choice("e", "give the old key an end, or revoke it", d.whyNoEnd(a))
		choice("o", "watched enough", "")
	case model.StepDelete:
		say(a.theme.muted, "The last step: the old key is deleted for good. Its name is asked for.")
		choice("d", "delete the old key", "")
	}
	return lines, nil
}

// startPanel is the first step before the successor is made: its name, and its secret if that is made elsewhere.
func (d *rotateDialog) startPanel(a *app, w int) (lines []string, cursor *point) {
	draw := func(label string, f *field, focus bool) {
		label += ": "
		room := max(w-len(label), 1)
		text, x := f.draw(room)
		if focus && d.op == 0 && d.gone == "" {
			cursor = &point{min(len(label)+x, max(w-1, 0)), len(lines)}
		}
		lines = append(lines, label+a.theme.field.on(fit(text, room)))
	}
	draw("Name", &d.name, !d.inSecret)
	if d.elsewhere {
		draw("Secret", &d.secret, d.inSecret)
	}
	text := "The name of the new key; the old one keeps its own. Both work until the old one is ended or deleted."
	if d.elsewhere {
		text = "The old key is made elsewhere: make the new one there, and paste its secret. tab changes the field."
	}
	if _, err := model.ParseName(d.name.value()); err != nil {
		lines = append(lines, wrapIn(a.theme.danger, sentence(err), w)...)
	} else if a.list.newest().SameName(d.name.value()) > 0 {
		lines = append(lines, wrapIn(a.theme.danger, "another key of this profile has this name", w)...)
	}
	if weak := model.WeakSecret(d.secret.value()); d.elsewhere && weak != "" && d.secret.value() != "" {
		lines = append(lines, wrapIn(a.theme.warning, weak, w)...)
	}
	return append(lines, wrapIn(a.theme.muted, text, w)...), cursor
}

// wrapIn wraps a text in a style.
func wrapIn(s style, text string, w int) []string {
	lines := wrap(text, w)
	for i := range lines {
		lines[i] = s.on(lines[i])
	}
	return lines
}
