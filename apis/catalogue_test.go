package apis

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"clavier/model"
)

// TestCatalogue: every entry can be sent, has a name of its own, and speaks to Mindee alone, as it documents.
func TestCatalogue(t *testing.T) {
	for _, preset := range model.Presets() {
		if len(Catalogue(preset.Name)) == 0 {
			t.Errorf("%s has no catalogue", preset.Name)
		}
	}
	if len(Catalogue("nobody")) != 0 {
		t.Error("a preset that is not there has a catalogue")
	}
	list := Catalogue(model.PresetMindee)
	seen := map[string]bool{}
	for i, api := range list {
		if err := model.CheckAPI(api); err != nil {
			t.Errorf("%s: %v", api.Name, err)
		}
		if seen[strings.ToLower(api.Name)] || api.About == "" {
			t.Errorf("%s is there twice, or says nothing of itself", api.Name)
		}
		seen[strings.ToLower(api.Name)] = true
		want := model.API{
			Name: api.Name, Method: "POST", URL: "https://api.mindee.net/v1/products/mindee/" + api.Name + "/predict", Header: "Authorization",
			Scheme: "Token", Alive: []int{400, 422}, Dead: []int{401},
		}
		if i == 0 {
			want = model.API{Name: "search/models", Method: "GET", URL: "https://api-v2.mindee.net/v2/search/models", Header: "Authorization", Alive: []int{200}, Dead: []int{401}}
		}
		if api.Method != want.Method || api.URL != want.URL || api.Header != want.Header || api.Scheme != want.Scheme ||
			!slices.Equal(api.Alive, want.Alive) || !slices.Equal(api.Dead, want.Dead) {
			t.Errorf("got %+v, want %+v", api, want)
		}
		if u, err := url.Parse(api.URL); err != nil || !strings.HasSuffix(u.Host, ".mindee.net") {
			t.Errorf("%s goes to %s", api.Name, api.URL)
		}
	}
	for _, name := range []string{"invoices/v4", "expense_receipts/v5", "bank_account_details/v2", "financial_document/v1", "passport/v1", "international_id/v2"} {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
	if api, ok := Default(model.PresetMindee); !ok || api.Name != list[0].Name {
		t.Errorf("the default is %+v", api)
	}
	if _, ok := Default(""); ok {
		t.Error("no preset has a default")
	}
	list[0].Alive[0] = 1
	if Catalogue(model.PresetMindee)[0].Alive[0] != 200 {
		t.Error("the catalogue hands itself out")
	}
}
