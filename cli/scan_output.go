package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"clavier/export"
	"clavier/model"
	"clavier/scan"
)

// foundHit is a hit and the key that it is of.
type foundHit struct {
	scan.Hit
	holder

	live   bool
	status string
	rotate string // the command that rotates the key; empty if it does not work any more
}

// describe says of each hit which key it is, as the key is now.
func (k *knownKeys) describe(ctx context.Context, hits []scan.Hit) ([]foundHit, error) {
	commands := map[string]string{}
	all := make([]foundHit, 0, len(hits))
	for _, hit := range hits {
		f := foundHit{Hit: hit, holder: k.found[hit.Key]}
		f.live, f.status = liveness(f.key, k.app.now())
		if f.live {
			command, ok := commands[hit.Key]
			if !ok {
				var err error
				if command, err = k.rotation(ctx, f.holder); err != nil {
					return nil, err
				}
				commands[hit.Key] = command
			}
			f.rotate = command
		}
		all = append(all, f)
	}
	return all, nil
}

// writeScan prints one line for each place, and tells the person what was not looked at. The versions of a file in history that hold
// the same secret are one line.
func (a *app) writeScan(hits []foundHit, result scan.Result, what scanning) error {
	type version struct{ kind, repo, path, key string }
	versions := map[version]int{}
	of := func(h foundHit) version { return version{string(h.Kind), h.Repo, h.Path, h.Key} }
	folds := func(h foundHit) bool { return h.Kind == scan.KindHistory }
	for _, hit := range hits {
		versions[of(hit)]++
	}
	var b strings.Builder
	seen := map[version]bool{}
	for _, hit := range hits {
		if folds(hit) && seen[of(hit)] {
			continue
		}
		seen[of(hit)] = true
		fmt.Fprintf(&b, "%s: %s (%s), %s", shownAt(hit.Hit), quote(hit.key.Name), model.Display(hit.place.profile.Name), hit.status)
		if more := versions[of(hit)] - 1; folds(hit) && more > 0 {
			fmt.Fprintf(&b, ", and %s later in this file", number(more, "place"))
		}
		if hit.rotate != "" {
			b.WriteString("; rotate it: " + hit.rotate)
		}
		b.WriteByte('\n')
	}
	if _, err := io.WriteString(a.streams.Out, b.String()); err != nil {
		return err
	}
	a.sayPlaces("left alone", result.LeftAlone)
	a.sayPlaces("not read", result.Unread)
	for _, note := range result.Notes {
		a.sayf("%s", note)
	}
	if len(hits) == 0 && len(result.Unread) == 0 && !what.staged {
		a.sayf("no secret of yours in %s", number(int(result.Files), map[bool]string{false: "file", true: "object"}[what.history]))
	}
	return nil
}

// sayPlaces names the first of the places that were not looked at, and how many more there are.
func (a *app) sayPlaces(what string, places []scan.Place) {
	const most = 10
	for i, place := range places {
		if i == most {
			a.sayf("%s: %d more (--json names all)", what, len(places)-most)
			return
		}
		a.sayf("%s: %s: %s", what, place.Path, place.Why)
	}
}

// scanJSON is a scan as scripts get it.
type scanJSON struct {
	Hits      []hitJSON   `json:"hits"`
	LeftAlone []placeJSON `json:"left_alone"`
	Unread    []placeJSON `json:"unread"`
	Notes     []string    `json:"notes"`
	Files     int64       `json:"files"`
	Bytes     int64       `json:"bytes"`
	Complete  bool        `json:"complete"`
}

type hitJSON struct {
	Kind   string  `json:"kind"`
	Repo   *string `json:"repo"`
	Path   string  `json:"path"`
	Line   int     `json:"line"`
	Column int     `json:"column"`
	Commit *string `json:"commit"`
	keyJSON
	Rotate *string `json:"rotate"`
}

// keyJSON is the key that a secret is of.
type keyJSON struct {
	Key      string `json:"key"`
	ID       string `json:"id"`
	Profile  string `json:"profile"`
	Hint     string `json:"hint"`
	Imported bool   `json:"imported"`
	Live     bool   `json:"live"`
	Status   string `json:"status"`
}

type placeJSON struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

func (a *app) keyJSON(h holder) keyJSON {
	live, status := liveness(h.key, a.now())
	return keyJSON{
		Key: h.key.Name, ID: h.key.ID, Profile: h.place.profile.Name, Hint: h.key.Hint, Imported: h.key.Imported,
		Live: live, Status: status,
	}
}

func (a *app) writeScanJSON(hits []foundHit, result scan.Result) error {
	out := scanJSON{
		Hits: []hitJSON{}, LeftAlone: placesJSON(result.LeftAlone), Unread: placesJSON(result.Unread), Notes: []string{},
		Files: result.Files, Bytes: result.Bytes, Complete: len(result.Unread) == 0,
	}
	out.Notes = append(out.Notes, result.Notes...)
	for _, hit := range hits {
		out.Hits = append(out.Hits, hitJSON{
			Kind: string(hit.Kind), Repo: unlessEmpty(hit.Repo), Path: hit.Path, Line: hit.Line, Column: hit.Column,
			Commit: unlessEmpty(hit.Commit), keyJSON: a.keyJSON(hit.holder), Rotate: unlessEmpty(hit.rotate),
		})
	}
	return export.WriteJSON(a.streams.Out, out)
}

func placesJSON(places []scan.Place) []placeJSON {
	all := make([]placeJSON, 0, len(places))
	for _, place := range places {
		all = append(all, placeJSON(place))
	}
	return all
}

// unlessEmpty is null in JSON for what there is not.
func unlessEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
