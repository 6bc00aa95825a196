package server

import (
	"fmt"
	"io"
	"net/http"

	"clavier/wire"
)

// problemPath is where a kind of problem is explained.
const problemPath = "/problems/{code}"

// explainProblem answers with what a kind of problem means.
func (m *manage) explainProblem(w http.ResponseWriter, r *http.Request) {
	for _, kind := range wire.Kinds() {
		if kind.Code == r.PathValue("code") {
			text := fmt.Sprintf("%s (status %d): %s.\n", kind.Code, kind.Status, kind.Title)
			if detail, ok := details[kind.Err]; ok {
				text += "\n" + detail + ".\n"
			}
			writeText(w, text)
			return
		}
	}
	plain(http.StatusNotFound, "there is no kind of problem with this name").write(w)
}

func writeText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text) // whoever has gone does not read it
}
