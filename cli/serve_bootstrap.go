package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"clavier/model"
	"clavier/seal"
	"clavier/server"
)

// managementName is what the first key that may manage others is called.
const managementName = "management"

// bootstrap makes a key of the role manage if there is no live one, and hands its secret over: on a terminal, or in the file that
// the flags name. The secret is handed over before the key is stored, so that no crash leaves a key that nobody has; what is
// handed over without becoming a key is worthless.
func (a *app) bootstrap(ctx context.Context, records server.Store, options serveFlags, log *slog.Logger) error {
	managed, err := isManaged(ctx, records, a.now())
	if err != nil || managed {
		return err
	}
	if options.bootstrapFile == "" && !isTerminal(a.streams.Out) {
		return errors.New("the store has no key that may manage others, and there is nowhere to put a new one: " +
			"name a file with --bootstrap-file, or start this once on a terminal")
	}
	secret, err := model.DrawSecret(rand.Reader, model.DefaultPrefix)
	if err != nil {
		return err
	}
	record, err := a.managementRecord(secret)
	if err != nil {
		return err
	}
	takeBack, err := a.handOverManagement(secret, options.bootstrapFile)
	if err != nil {
		return err
	}
	made, err := a.storeManagement(ctx, records, record)
	switch {
	case errors.Is(err, model.ErrOutcomeUnknown): // the next start sees whether there is a key; nobody else has its secret
		return fmt.Errorf("nobody knows whether the management key was made: keep its secret, and start again: %w", err)
	case err != nil:
		takeBack()
		return fmt.Errorf("the management key was not made: %w", err)
	case made == "":
		takeBack()
		log.Info("another service on this store has made the management key")
		return nil
	}
	attributes := []any{slog.String("name", made), slog.String("hint", record.Key.Hint)}
	if options.bootstrapFile != "" {
		attributes = append(attributes, slog.String("file", options.bootstrapFile))
	}
	log.Info("made the management key", attributes...)
	return nil
}

// isManaged reports whether a live key may manage others. The first such key is among the oldest, which most stores give first.
func isManaged(ctx context.Context, records server.Store, now time.Time) (bool, error) {
	for page, err := range records.Digests(ctx) {
		if err != nil {
			return false, err
		}
		for _, key := range page.Keys {
			if key.Key.Role == model.RoleManage && !key.Key.Imported && key.Key.StatusAt(now) == model.StatusActive {
				return true, nil
			}
		}
	}
	return false, nil
}

// managementRecord returns the record of a management key. Its secret is sealed to nobody: the service is not to have it.
func (a *app) managementRecord(secret model.Secret) (model.Record, error) {
	sealed, err := seal.Discard(secret)
	if err != nil {
		return model.Record{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return model.Record{}, fmt.Errorf("draw an id: %w", err)
	}
	at := a.now().UTC().Truncate(time.Millisecond)
	return model.Record{
		Key: model.Key{
			ID: id.String(), Name: managementName, Hint: secret.Hint(), Owner: actor().By, CreatedAt: at,
			LastUse: model.LastUse{Reported: true}, Role: model.RoleManage,
		},
		Sealed: sealed, At: at,
	}, nil
}

// storeManagement stores the management key and returns its name, which has a number if another key has the name already. It is
// empty if another service was faster: two that start together make one key.
func (a *app) storeManagement(ctx context.Context, records server.Store, record model.Record) (string, error) {
	for n := 2; ; n++ {
		_, err := records.PutNew(ctx, record, "", actor())
		if !errors.Is(err, model.ErrNameTaken) {
			return record.Key.Name, err
		}
		managed, err := isManaged(ctx, records, a.now())
		if err != nil || managed {
			return "", err
		}
		record.Key.Name = fmt.Sprintf("%s %d", managementName, n)
	}
}

// handOverManagement gives the secret to the person: in a file if one is named, else on the terminal. What it returns takes that
// back as far as it can be.
func (a *app) handOverManagement(secret model.Secret, file string) (takeBack func(), err error) {
	if file != "" {
		if err := writeNewFile(file, secret); err != nil {
			return nil, err
		}
		return func() { _ = os.Remove(file) }, nil
	}
	a.sayf("this key may manage all others; it is shown once:")
	if err := a.writeSecret(secret); err != nil {
		return nil, a.printed(err)
	}
	return func() { a.sayf("the key that was shown is none: forget it") }, nil
}

// writeNewFile writes a secret and a line end into a file that was not there, mode 0600, durably.
func writeNewFile(path string, secret model.Secret) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("no live key of the store may manage keys, so that a new one is wanted; but the --bootstrap-file %s is there already, "+
			"and is not overwritten: move it away, or name another one", model.Display(path))
	}
	if err != nil {
		return fmt.Errorf("--bootstrap-file: %w", err)
	}
	err = file.Chmod(0o600) // a umask may have taken rights from the owner
	if err == nil {
		_, err = file.WriteString(secret.Reveal() + "\n")
	}
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		_ = os.Remove(path)
		return fmt.Errorf("--bootstrap-file: %w", err)
	}
	return nil
}
