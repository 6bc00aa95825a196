//go:build linux || darwin

package bench

// StepKinds are the key presses that Steps measures: a move of the cursor, a
// page, and a mark.
var StepKinds = []string{"move", "page", "mark"}

// Steps measures n key presses of each of StepKinds in each subject. Moves and
// marks are each followed, unmeasured, by a key press that takes the move back;
// pages go on. All subjects run at the same time and take turns in batches. The
// result is by subject, then by kind.
func Steps(subjects []Subject, c *Crowd, n, cols, rows int) ([][]Presses, error) {
	lives, err := launchAll(subjects, c, cols, rows)
	defer closeAll(lives)
	if err != nil {
		return nil, err
	}
	all := make([][]Presses, len(lives))
	for i, l := range lives {
		all[i] = make([]Presses, len(StepKinds))
		if err := l.down(2); err != nil {
			return nil, err
		}
	}
	for kind := range StepKinds {
		for done := 0; done < n; done += batch {
			for i, l := range lives {
				key, back := step(l.subject, kind)
				if err := all[i][kind].add(l, min(batch, n-done), key, back); err != nil {
					return nil, err
				}
			}
		}
	}
	return all, nil
}

// step is the key of a kind of press, and the key that takes its move back. A
// mark moves on by one row, and the next time it is taken off again.
func step(s Subject, kind int) (key, back string) {
	return []string{s.Down, s.Tall.Page, s.Tall.Mark}[kind], []string{s.Up, "", s.Up}[kind]
}

// launchAll starts the subjects and waits until each has all rows.
func launchAll(subjects []Subject, c *Crowd, cols, rows int) ([]*live, error) {
	var lives []*live
	for _, s := range subjects {
		l, err := launch(s, cols, rows)
		if err != nil {
			return lives, err
		}
		lives = append(lives, l)
		if _, err := l.moments(loadQuiet, counted(s, len(c.Keys))); err != nil {
			return lives, err
		}
	}
	return lives, nil
}

func closeAll(lives []*live) {
	for _, l := range lives {
		l.close()
	}
}
