package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"clavier/config"
	"clavier/export"
	"clavier/model"
	"clavier/seal"
	"clavier/wire"
)

// maxListFile bounds what is read of a remembered list, in bytes: mostRemembered keys with the longest names take a fifth of it.
const maxListFile = 32 << 20

// listFile is a remembered list on disk. It holds no secret, sealed or not.
type listFile struct {
	// URL is the address of the service that it is of: the list of another one is worth nothing.
	URL   string     `json:"url"`
	At    time.Time  `json:"at"`
	Total int        `json:"total"`
	Keys  []wire.Key `json:"keys"`
}

// saveList replaces the remembered list of a profile, durably and mode 0600, unless that is newer: another program may have been
// reached since, or this one suspended for a day. What is from after now is not newer: a clock was wrong when it was written.
func saveList(ctx context.Context, profile config.Profile, list model.Remembered, now time.Time) error {
	dir := filepath.Dir(profile.List)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if unlock, err := config.LockDir(dir); err == nil { // nobody else writes between looking and writing; a list is worth no failure
		defer unlock()
	}
	if at := listedAt(profile.List); at.After(list.At) && !at.After(now) {
		return nil
	}
	file := listFile{URL: profile.URL, At: list.At, Total: list.Total, Keys: make([]wire.Key, len(list.Keys))}
	for i, key := range list.Keys {
		file.Keys[i] = wire.KeyOf(key)
	}
	return export.Save(ctx, export.File{Path: profile.List}, true, func(w io.Writer) error {
		return json.NewEncoder(w).Encode(file)
	})
}

// listedAt returns the moment of the list in a file, whatever service that is of; the zero time for what is no list of ours.
func listedAt(path string) time.Time {
	content, err := readList(path)
	var list struct {
		At time.Time `json:"at"`
	}
	if err != nil || json.Unmarshal(content, &list) != nil {
		return time.Time{}
	}
	return list.At
}

// readList returns what is in the file of a list, which nobody else can read or change, and one byte more than it may have at most. It
// returns fs.ErrNotExist if there is none.
func readList(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the remembered list cannot be read: %w", err)
	}
	defer func() { _ = file.Close() }()
	if err := seal.CheckPrivate(path); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, maxListFile+1))
	if err != nil {
		return nil, fmt.Errorf("the remembered list cannot be read: %w", err)
	}
	return content, nil
}

// loadList returns the remembered list of a profile; the zero Remembered if there is none, or if it is of another service.
func loadList(profile config.Profile) (model.Remembered, error) {
	content, err := readList(profile.List)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return model.Remembered{}, nil
	case err != nil:
		return model.Remembered{}, err
	}
	list, err := parseList(content, profile.URL)
	if err != nil {
		return model.Remembered{}, fmt.Errorf("the remembered list %s is damaged (%w): remove it, the next list makes it anew", profile.List, err)
	}
	return list, nil
}

func parseList(content []byte, url string) (model.Remembered, error) {
	var file listFile
	switch err := json.Unmarshal(content, &file); {
	case len(content) > maxListFile:
		return model.Remembered{}, errors.New("it is too large")
	case err != nil:
		return model.Remembered{}, errors.New("it is no JSON object of a list")
	case file.URL != url:
		return model.Remembered{}, nil
	}
	keys, err := wire.ModelKeys(file.Keys)
	if err != nil {
		return model.Remembered{}, err
	}
	return model.Remembered{Keys: keys, At: file.At.UTC(), Total: max(file.Total, len(keys))}, nil
}
