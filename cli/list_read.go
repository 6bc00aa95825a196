package cli

import (
	"context"
	"errors"
	"fmt"

	"clavier/client"
	"clavier/model"
	"clavier/ui/table"
)

// readAll reads the keys of a profile into a table, page by page, and shows each page to seen.
func readAll(ctx context.Context, p client.Pager, into *table.Table, seen func(model.Page)) error {
	for page, err := range p.Pages(ctx) {
		if err != nil {
			return err
		}
		into.Add(table.NewBlock(page.Keys))
		seen(page)
	}
	return nil
}

// readList reads the keys of the profile that is meant into a table, or what is remembered of them. What it returns remembers the
// list of a key service, and is for when the list has been shown.
func (a *app) readList(ctx context.Context, remembered bool, into *table.Table) (save func(), err error) {
	profile, err := a.profile()
	switch {
	case err != nil:
		return nil, err
	case remembered && !isService(profile):
		return nil, usagef("--remembered is for the keys of a key service, and those of the profile %s are on this machine", quote(profile.Name))
	}
	nothing := func() {}
	if !isService(profile) {
		return nothing, a.within(ctx, func(p *place) error { return readAll(ctx, p, into, func(model.Page) {}) })
	}
	m := newMemory(profile)
	m.now = a.now
	if remembered {
		return nothing, a.recall(m, profile.Name, into)
	}
	all := m.read()
	if err := a.within(ctx, func(p *place) error { return readAll(ctx, p, into, all.add) }); err != nil {
		return nil, a.orRemembered(err, m)
	}
	all.done()
	return func() {
		if err := m.save(ctx); err != nil {
			a.sayf("the list could not be remembered: %v", err)
		}
	}, nil
}

// recall puts what is remembered into a table, and says how old it is.
func (a *app) recall(m *memory, profile string, into *table.Table) error {
	list, err := m.recalled()
	switch {
	case err != nil:
		return err
	case list.At.IsZero():
		return fmt.Errorf("no list of the profile %s is remembered: it was not listed yet", profile)
	}
	into.Add(table.NewBlock(list.Keys))
	a.sayf("these are the keys as they were %s ago, at %s", model.Age(list.At, a.now()), a.moment(list.At))
	if list.Total > len(list.Keys) {
		a.sayf("the newest %d of %d keys are remembered", len(list.Keys), list.Total)
	}
	return nil
}

// orRemembered adds to the sentence about a key service that cannot be reached, or cannot answer for its keys, how these can be seen
// all the same.
func (a *app) orRemembered(err error, m *memory) error {
	if !errors.Is(err, model.ErrUnreachable) && !errors.Is(err, model.ErrUnsure) && !errors.Is(err, model.ErrStoreAway) {
		return err
	}
	list, failed := m.recalled()
	if failed != nil || list.At.IsZero() {
		return err
	}
	return fmt.Errorf("%w (clavier list --remembered shows the keys as they were %s ago)", err, model.Age(list.At, a.now()))
}
