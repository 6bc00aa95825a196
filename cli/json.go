package cli

import (
	"context"
	"iter"

	"clavier/export"
	"clavier/model"
)

// issuedJSON is a new key together with its secret, which is on its way to whoever asked for it on standard output.
type issuedJSON struct {
	export.Object
	Secret string `json:"secret"`
}

// judged is how keys are judged in what scripts get: by the settings, which were read before there were keys.
func (a *app) judged() export.View {
	view := export.View{Now: a.now(), Rule: model.DefaultStaleRule}
	if a.loaded != nil {
		view.Rule = a.loaded.Stale
	}
	return view
}

// exportKeys writes the keys to standard output as they come.
func (a *app) exportKeys(ctx context.Context, format export.Format, keys iter.Seq[model.Key]) error {
	_, err := exportAll(ctx, a.streams.Out, format, a.judged(), keys)
	return err
}
