package ui

import (
	"strconv"
	"strings"
	"time"

	"clavier/model"
	"clavier/ui/table"
)

// recentUse is how long after its last use a key counts as in use: it is not deleted with others unless its own name is
// typed.
const recentUse = 7 * 24 * time.Hour

// reasons are why a key must be confirmed by itself before it is deleted with others.
type reasons uint8

const (
	inUse     reasons = 1 << iota // used within recentUse
	protected                     // the profile's patterns match its name
)

// words says the reasons as the table of a dialog shows them.
func (r reasons) words() string {
	var words []string
	if r&inUse != 0 {
		words = append(words, "in use")
	}
	if r&protected != 0 {
		words = append(words, "protected")
	}
	return strings.Join(words, ", ")
}

// reasonsFor returns why the key must be confirmed by itself. A last use in the future, which a wrong clock makes, is
// recent.
func reasonsFor(key model.Key, protect model.Patterns, now time.Time) reasons {
	var r reasons
	if used := key.LastUse; used.Reported && !used.At.IsZero() && now.Sub(used.At) <= recentUse {
		r |= inUse
	}
	if protect.Match(key.Name) {
		r |= protected
	}
	return r
}

// countKeys is a number of keys as it is typed: "1 key", "12000 keys".
func countKeys(n int) string {
	if n == 1 {
		return "1 key"
	}
	return strconv.Itoa(n) + " keys"
}

// manyKeys is a number of keys as it is read: "1 key", "12 000 keys".
func manyKeys(n int) string {
	if n == 1 {
		return "1 key"
	}
	return count(n) + " keys"
}

// bulkSentence is what must be typed to delete this many keys; nothing if there are none.
func bulkSentence(n int) string {
	if n == 0 {
		return ""
	}
	return "delete " + countKeys(n)
}

// lookUp returns the key that had this row, if the list still has it. A list that was read anew has other rows.
func lookUp(keys *table.Table, id string, row table.Row) (model.Key, bool) {
	if key, ok := keys.Key(row); ok && key.ID == id {
		return key, true
	}
	row, ok := keys.Find(id)
	if !ok {
		return model.Key{}, false
	}
	return keys.Key(row)
}

// bulkRunning reports whether many keys are being deleted. What other programs do is read once, afterwards.
func (a *app) bulkRunning() bool {
	for _, d := range a.dialogs {
		if _, ok := d.(*bulkProgress); ok {
			return true
		}
	}
	return false
}
