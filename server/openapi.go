package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"clavier/wire"
)

// bodyWait is how long a body may take to arrive.
const bodyWait = 30 * time.Second

// The ways to present a key, by their names in the document.
const (
	bearerScheme = "bearer"
	headerScheme = "header"
)

// apiConfig is the API without its operations: JSON alone, no pages for people, every problem one of ours.
func apiConfig(version string) huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "clavier key service", Version: version,
				Description: "Keys that are verified here, and how they are managed. The service never sees a secret that its clients make: " +
					"they send its SHA-256, and the secret sealed to its owner. Times are RFC 3339 in UTC; marks and cursors are opaque.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearerScheme: {Type: "http", Scheme: "bearer", Description: "A live key, behind Bearer or Token."},
					headerScheme: {Type: "apiKey", In: "header", Name: "X-API-Key", Description: "A live key."},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{fromHuma},
	}
}

// describeOperation says what an operation takes and answers.
func describeOperation(api huma.API, op operation) huma.Operation {
	described := huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Summary: op.summary,
		Description:     fmt.Sprintf("The presented key needs the role %s.", op.role),
		Tags:            []string{"manage"},
		DefaultStatus:   op.status,
		MaxBodyBytes:    op.body + 1, // takeBody has bounded it; one that has just that size is to pass
		BodyReadTimeout: bodyWait,
		// A misspelt filter must not look like none.
		RejectUnknownQueryParameters: true,
		Security:                     []map[string][]string{{bearerScheme: {}}, {headerScheme: {}}},
		Parameters:                   []*huma.Param{actorParam()},
		Responses:                    map[string]*huma.Response{},
	}
	if op.action == "" {
		described.Parameters = nil
	}
	statuses := append([]int{
		http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusInternalServerError,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}, op.others...)
	if op.body > 0 {
		statuses = append(statuses, http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	for _, status := range statuses {
		described.Responses[strconv.Itoa(status)] = problemResponse(api, status)
	}
	if op.method == http.MethodPut && op.body > 0 { // the record was there already
		described.Responses[strconv.Itoa(http.StatusOK)] = &huma.Response{
			Description: "The same record was there already, and nothing was changed.",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: schemaOf[wire.Key](api)}},
		}
	}
	return described
}

// actorParam is the header in which a client says who makes a change.
func actorParam() *huma.Param {
	return &huma.Param{
		Name: wire.HeaderActor, In: "header", Schema: &huma.Schema{Type: huma.TypeString},
		Description: "Who makes the change and from where, as the client says: two percent-encoded texts with an @ between them.",
	}
}

func problemResponse(api huma.API, status int) *huma.Response {
	response := &huma.Response{
		Description: http.StatusText(status),
		Content:     map[string]*huma.MediaType{wire.ProblemType: {Schema: schemaOf[wire.Problem](api)}},
	}
	switch status {
	case http.StatusUnauthorized:
		response.Headers = map[string]*huma.Header{"WWW-Authenticate": textHeader("How to present a key.")}
	case http.StatusServiceUnavailable:
		response.Headers = map[string]*huma.Header{"Retry-After": textHeader("After how many seconds to ask again.")}
	}
	return response
}

func textHeader(about string) *huma.Header {
	return &huma.Header{Description: about, Schema: &huma.Schema{Type: huma.TypeString}}
}

func schemaOf[T any](api huma.API) *huma.Schema {
	return api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
}

// describe writes the document, with what is no operation of the API: verifying, and whether the service lives.
func (m *manage) describe() []byte {
	document := m.api.OpenAPI()
	document.AddOperation(m.verifyOperation())
	for _, op := range []struct{ id, path, summary string }{
		{"get-health", wire.PathHealth, "Tell whether the process lives."},
		{"get-readiness", wire.PathReady, "Tell whether the service can answer for keys."},
		{"explain-problem", problemPath, "Explain a kind of problem."},
		{"get-document", wire.PathOpenAPI, "This document."},
	} {
		document.AddOperation(m.openOperation(op.id, op.path, op.summary))
	}
	schemas := document.Components.Schemas.Map()
	delete(schemas, "ErrorModel") // of huma; every problem is one of ours
	delete(schemas, "ErrorDetail")
	text, err := json.Marshal(document)
	if err != nil {
		panic(fmt.Sprintf("the document of the API cannot be written: %v", err)) // it is made of our own types alone
	}
	return text
}

// verifyOperation describes what the other half answers.
func (m *manage) verifyOperation() *huma.Operation {
	none := &huma.Response{Description: "No key, or none that is live, is presented. The same for every reason."}
	none.Headers = map[string]*huma.Header{"WWW-Authenticate": textHeader("How to present a key.")}
	return &huma.Operation{
		OperationID: "verify-key", Method: http.MethodGet, Path: wire.PathVerify, Tags: []string{"verify"},
		Summary: "Tell whether the presented secret belongs to a live key.",
		Description: "Any method, and any path below this one, is answered the same way, and no body is read: so a proxy can ask about whatever " +
			"request it has before it. Two different secrets at once are none.",
		Security: []map[string][]string{{bearerScheme: {}}, {headerScheme: {}}},
		Responses: map[string]*huma.Response{
			"200": {Description: "It does.", Headers: map[string]*huma.Header{
				wire.HeaderKeyID:   textHeader("The id of the key."),
				wire.HeaderKeyName: textHeader("Its name, percent-encoded."),
				wire.HeaderKeyRole: textHeader("Its role."),
			}},
			"401": none,
			"503": {Description: "The service cannot be sure which keys are live. Let nobody in."},
		},
	}
}

// openOperation describes what is answered to everybody.
func (m *manage) openOperation(id, path, summary string) *huma.Operation {
	op := &huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: path, Summary: summary, Tags: []string{"service"}, Security: []map[string][]string{},
		Responses: map[string]*huma.Response{"200": {
			Description: http.StatusText(http.StatusOK),
			Content:     map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}},
		}},
	}
	switch path {
	case wire.PathReady:
		op.Responses["503"] = problemResponse(m.api, http.StatusServiceUnavailable)
	case problemPath:
		op.Responses["404"] = problemResponse(m.api, http.StatusNotFound)
		op.Parameters = []*huma.Param{{
			Name: "code", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}, Description: "What follows the last slash of a problem's type.",
		}}
	case wire.PathOpenAPI:
		op.Responses["200"].Content = map[string]*huma.MediaType{documentType: {Schema: &huma.Schema{Type: huma.TypeObject}}}
	}
	return op
}

// documentType is the media type of the document.
const documentType = "application/json"

func (m *manage) serveDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", documentType)
	_, _ = w.Write(m.document) // whoever has gone does not read it
}
