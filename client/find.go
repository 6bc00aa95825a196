package client

import (
	"fmt"

	"clavier/model"
)

// Find returns the key that a person means by nameOrID: the one with exactly this id, else the one with exactly this name
// (after NFC). It returns model.ErrNotFound, or model.ErrAmbiguous if several keys have the name.
func Find(keys []model.Key, nameOrID string) (model.Key, error) {
	var found []model.Key
	for _, key := range keys {
		if key.ID == nameOrID && nameOrID != "" {
			return key, nil
		}
		if model.SameName(key.Name, nameOrID) {
			found = append(found, key)
		}
	}
	switch len(found) {
	case 0:
		return model.Key{}, fmt.Errorf("%w: %s; see clavier list", model.ErrNotFound, quote(nameOrID))
	case 1:
		return found[0], nil
	default:
		return model.Key{}, fmt.Errorf("%w: %s; give its id, see clavier list --json", model.ErrAmbiguous, quote(nameOrID))
	}
}

func quote(s string) string { return `"` + model.Display(s) + `"` }
