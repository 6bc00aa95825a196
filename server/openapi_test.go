package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"clavier/model"
	"clavier/wire"
)

// TestDocument holds that the document is one of OpenAPI 3.1, and that it tells of everything that is answered.
func TestDocument(t *testing.T) {
	m := manageOver(t, newFakeStore())
	if ok, errs := m.valid.ValidateDocument(); !ok {
		for _, err := range errs {
			t.Errorf("%s: %s: %v", err.Message, err.Reason, err.SchemaValidationErrors)
		}
	}
	a := m.send("", http.MethodGet, wire.PathOpenAPI, nil).want(http.StatusOK)
	var document struct {
		OpenAPI string `json:"openapi"`
		Info    struct {
			Version string `json:"version"`
		} `json:"info"`
		Paths      map[string]map[string]any `json:"paths"`
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Enum []string `json:"enum"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(a.body, &document); err != nil {
		t.Fatal(err)
	}
	if document.OpenAPI != "3.1.0" || document.Info.Version != "1.2.3" {
		t.Errorf("the document is one of OpenAPI %s, of the version %s", document.OpenAPI, document.Info.Version)
	}
	for _, path := range []string{
		wire.PathKeys, wire.PathKeys + "/{id}", wire.PathKeys + "/{id}/sealed", wire.PathKeys + "/{id}/expiry", wire.PathKeys + "/{id}/use",
		wire.PathLookup, wire.PathState, wire.PathChanges, wire.PathActivity, wire.PathRotations, wire.PathRotations + "/{old_id}/steps/{step}",
		wire.PathAnswers, wire.PathVerify, wire.PathOpenAPI, wire.PathHealth, wire.PathReady, "/problems/{code}",
	} {
		if len(document.Paths[path]) == 0 {
			t.Errorf("the document does not know %s", path)
		}
		delete(document.Paths, path)
	}
	if len(document.Paths) != 0 {
		t.Errorf("the document has paths too many: %v", document.Paths)
	}
	for _, schema := range []string{"Key", "Record"} {
		if got := document.Components.Schemas[schema].Properties["role"].Enum; !slices.Equal(got, model.RoleWords()) {
			t.Errorf("the roles of a %s are %v", schema, got)
		}
	}
	if _, there := document.Components.Schemas["ErrorModel"]; there {
		t.Error("the document knows problems that are none of ours")
	}
}

// TestExplainedProblems holds that each kind of problem is explained where its type leads.
func TestExplainedProblems(t *testing.T) {
	m := manageOver(t, newFakeStore())
	for _, kind := range wire.Kinds() {
		a := m.send("", http.MethodGet, kind.Type(), nil).want(http.StatusOK)
		if len(a.body) < len(kind.Title) || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s is explained by %q", kind.Code, a.body)
		}
	}
}
