package export

import (
	"time"

	"clavier/model"
)

// Object is a key as scripts get it. Times are RFC 3339 in UTC, in whole seconds.
type Object struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Hint string `json:"hint"`
	// Owner is null if the provider does not tell.
	Owner     *string `json:"owner"`
	CreatedAt *string `json:"created_at"`
	// LastUsedAt is null if the key was never used, or if that is not known; LastUse says which.
	LastUsedAt *string `json:"last_used_at"`
	// LastUse is one of "used", "never" and "not reported".
	LastUse string `json:"last_use"`
	// ExpiresAt is null if the key has no end.
	ExpiresAt *string      `json:"expires_at"`
	Status    model.Status `json:"status"`
	// Stale is what the rule says at the moment of the export. Where the last use is not reported it is judged by age.
	Stale bool `json:"stale"`
	// Imported is true if the secret was made elsewhere and is only kept here; CreatedAt is null if nobody knows when.
	Imported bool `json:"imported"`
	// Rotating is true if the key is part of an unfinished rotation.
	Rotating bool `json:"rotating"`
	// Dead is true if an API refused the key when it was last tried.
	Dead bool `json:"dead"`
	// Note says where an imported key is managed; null if nobody wrote that.
	Note *string `json:"note"`
	// Role is what the key may ask of a key service: "use", "read" or "manage".
	Role string `json:"role"`
}

// The values of Object.LastUse.
const (
	lastUsed        = "used"
	lastNever       = "never"
	lastNotReported = "not reported"
)

// Object returns the key as scripts get it.
func (v View) Object(key model.Key) Object {
	o := Object{
		ID:        key.ID,
		Name:      key.Name,
		Hint:      key.Hint,
		CreatedAt: timeText(key.CreatedAt),
		ExpiresAt: timeText(key.ExpiresAt),
		Status:    key.StatusAt(v.Now),
		Stale:     v.Rule.Judge(key, v.Now) != model.Fresh,
		Imported:  key.Imported,
		Rotating:  key.Rotating,
		Dead:      key.Dead,
		Role:      key.Role.String(),
	}
	if key.Owner != "" {
		o.Owner = &key.Owner
	}
	if key.Note != "" {
		o.Note = &key.Note
	}
	switch {
	case !key.LastUse.Reported:
		o.LastUse = lastNotReported
	case key.LastUse.Never():
		o.LastUse = lastNever
	default:
		o.LastUse, o.LastUsedAt = lastUsed, timeText(key.LastUse.At)
	}
	return o
}

func timeText(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	text := at.UTC().Format(time.RFC3339)
	return &text
}
