// Package export writes keys for other programs: as CSV or JSON, on a stream or into a file of one's own. What it writes
// never holds a secret, and can be shown on a terminal as it is: names are other people's text.
package export

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"clavier/model"
)

// Format is how keys are written.
type Format int

// The formats.
const (
	// CSV is RFC 4180 in UTF-8, with a line of headings; see Columns.
	CSV Format = iota + 1
	// JSON is an array of objects; see Object.
	JSON
)

// ErrFormat is what FormatOf returns: ask for another name.
var ErrFormat = errors.New("the end of a file's name decides its format: .csv or .json")

// FormatOf returns the format of a file from the end of its name: .csv or .json, in any case. It returns ErrFormat if
// the name ends otherwise.
func FormatOf(path string) (Format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		return CSV, nil
	case ".json":
		return JSON, nil
	}
	return 0, ErrFormat
}

// View is what the status and the staleness of a key are told by.
type View struct {
	// Now is the moment of the export.
	Now time.Time
	// Rule says which keys are stale.
	Rule model.StaleRule
}

// bufferSize is how much is written at once, in bytes.
const bufferSize = 64 << 10

// Writer writes keys one after the other and holds none of them. Nothing is complete before Close.
type Writer struct {
	view  View
	out   *bufio.Writer
	csv   *csv.Writer // nil for JSON
	cells []string
	json  *objectWriter // nil for CSV
	count int
}

// NewWriter returns a writer to w.
func NewWriter(w io.Writer, format Format, view View) (*Writer, error) {
	x := &Writer{view: view, out: bufio.NewWriterSize(w, bufferSize)}
	switch format {
	case CSV:
		x.csv = csv.NewWriter(x.out)
		x.csv.UseCRLF = true // RFC 4180, section 2.1
		return x, x.csv.Write(columns)
	case JSON:
		x.json = newObjectWriter(x.out)
		return x, nil
	}
	return nil, fmt.Errorf("export: there is no format %d", format)
}

// Add writes a key. It returns the error of the stream.
func (x *Writer) Add(key model.Key) error {
	x.count++
	if x.csv != nil {
		x.cells = appendCells(x.cells[:0], x.view.Object(key))
		return x.csv.Write(x.cells)
	}
	return x.json.add(x.view.Object(key))
}

// Count returns how many keys were added.
func (x *Writer) Count() int { return x.count }

// Close writes what is left, and the end. It does not close the stream.
func (x *Writer) Close() error {
	if x.csv != nil {
		x.csv.Flush()
		if err := x.csv.Error(); err != nil {
			return err
		}
	} else if err := x.json.end(); err != nil {
		return err
	}
	return x.out.Flush()
}
