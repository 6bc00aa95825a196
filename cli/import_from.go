package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"clavier/dotenv"
	"clavier/model"
)

// candidate is a variable of a .env file, and the name that its key gets.
type candidate struct {
	dotenv.Entry
	name string
}

// importFrom imports variables of a .env file.
func (a *app) importFrom(ctx context.Context, o importOptions, args []string) error {
	described, err := a.described(o)
	if err != nil {
		return err
	}
	if o.all && len(args) > 0 {
		return usagef("--all means every variable: leave it out, or the names")
	}
	all, err := a.candidates(o.from)
	if err != nil {
		return err
	}
	picked, err := a.pickVariables(o, all, args)
	if err != nil {
		return err
	}
	failed := 0
	err = a.within(ctx, func(p *place) error {
		for _, c := range picked {
			in := described
			in.Name, in.Secret = model.Name(c.name), c.Value
			err := a.keep(ctx, p, in)
			switch {
			case errors.Is(err, model.ErrHeld):
				a.sayf("%s (line %d): %v", quote(c.Name), c.Line, err)
			case errors.Is(err, model.ErrName), errors.Is(err, model.ErrNameTaken):
				failed++
				a.sayf("%s (line %d) was not imported: %v (%s=NAME)", quote(c.Name), c.Line, err, c.Name)
			case errors.Is(err, model.ErrImport):
				failed++
				a.sayf("%s (line %d) was not imported: %v", quote(c.Name), c.Line, err)
			case err != nil:
				return notDone(fmt.Sprintf("%s (line %d)", quote(c.Name), c.Line), "imported", err)
			case c.Expands:
				a.sayf("%s (line %d) has a $ or ` that some programs take for a variable: it is kept as it stands", quote(c.Name), c.Line)
			}
		}
		return nil
	})
	if err == nil && failed > 0 {
		return fmt.Errorf("%d of %d variables were not imported", failed, len(picked))
	}
	return err
}

// candidates returns the variables of a .env file that have a value, each once: the last one counts, as for those who read it.
func (a *app) candidates(path string) ([]candidate, error) {
	shown := model.Display(path)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s", shown)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", shown, err)
	}
	defer func() { _ = file.Close() }()
	entries, err := dotenv.Read(file)
	if err != nil {
		return nil, fmt.Errorf("nothing was imported: %s: %w", shown, err)
	}
	at := map[string]int{}
	var all []candidate
	for _, entry := range entries {
		i, again := at[entry.Name]
		switch {
		case again:
			all[i].Entry = entry
		default:
			at[entry.Name] = len(all)
			all = append(all, candidate{entry, entry.Name})
		}
	}
	filled := all[:0]
	for _, c := range all {
		if !c.Value.IsZero() {
			filled = append(filled, c)
		}
	}
	if len(filled) == 0 {
		return nil, fmt.Errorf("%s has no variable with a value", shown)
	}
	return filled, nil
}

// pickVariables returns the candidates that are meant: by --all, by the arguments, or by what the person picks on the terminal.
func (a *app) pickVariables(o importOptions, all []candidate, args []string) ([]candidate, error) {
	switch {
	case o.all:
		return all, nil
	case len(args) > 0:
		return pickNamed(o.from, all, args)
	case !isTerminal(a.streams.In):
		return nil, usagef("name the variables to import, or give --all: %s has %s", model.Display(o.from), variableNames(all))
	}
	terminal, err := a.terminal()
	if err != nil {
		return nil, err
	}
	var question strings.Builder
	for i, c := range all {
		fmt.Fprintf(&question, "%3d  %s  %s\n", i+1, c.Name, model.Display(c.Value.Hint()))
	}
	question.WriteString("Import which? (such as 1 3-5, or all; enter for none): ")
	for {
		answer, err := terminal.ask(question.String())
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(answer) == "" {
			return nil, errors.New("nothing was imported")
		}
		picked, err := pickNumbered(all, answer)
		if err == nil {
			return picked, nil
		}
		question.Reset()
		fmt.Fprintf(&question, "%v. Import which? ", err)
	}
}

// pickNamed returns the candidates that the arguments name.
func pickNamed(path string, all []candidate, args []string) ([]candidate, error) {
	var picked []candidate
next:
	for _, arg := range args {
		variable, name, renamed := strings.Cut(arg, "=")
		for _, c := range all {
			if c.Name != variable {
				continue
			}
			if renamed {
				if _, err := model.ParseName(name); err != nil {
					return nil, fmt.Errorf("%s: %w", c.Name, err)
				}
				c.name = name
			}
			picked = append(picked, c)
			continue next
		}
		return nil, fmt.Errorf("nothing was imported: %s has no variable %s with a value; it has %s",
			model.Display(path), quote(variable), variableNames(all))
	}
	return picked, nil
}

// pickNumbered returns the candidates of an answer such as "1 3-5" or "all", each once, in their order.
func pickNumbered(all []candidate, answer string) ([]candidate, error) {
	if strings.EqualFold(strings.TrimSpace(answer), "all") {
		return all, nil
	}
	marked := make([]bool, len(all))
	for _, term := range strings.FieldsFunc(answer, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }) {
		first, last, isRange := strings.Cut(term, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, toErr := strconv.Atoi(last)
		if err != nil || toErr != nil || from < 1 || to > len(all) || from > to {
			return nil, fmt.Errorf("%s is no number from 1 to %d", quote(term), len(all))
		}
		for i := from; i <= to; i++ {
			marked[i-1] = true
		}
	}
	var picked []candidate
	for i, c := range all {
		if marked[i] {
			picked = append(picked, c)
		}
	}
	return picked, nil
}

func variableNames(all []candidate) string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}
