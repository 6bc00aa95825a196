package ui

import (
	"time"

	"clavier/model"
)

// unknown stands for a moment that nobody knows.
const unknown = "unknown"

// The words for what a key is beside its status.
const (
	wordDead     = "dead"
	wordRotating = "rotating"
	wordImported = "imported"
	wordManage   = "manage" // the longest of the roles that are shown
)

// wordGap separates two words in the row of a key.
const wordGap = ", "

// rowWords are what stands in the row of a key: the most important word of those that are true, and whether it is stale.
// There is nothing if there is nothing to say. Dead stands before expired: it is the only one that was seen from outside.
// Where both do not fit into width, the first stands alone.
func (a *app) rowWords(key model.Key, now time.Time, width int) (words string, s style) {
	status, stale := key.StatusAt(now), staleWords[a.opts.Stale.Judge(key, now)]
	s = a.theme.warning
	switch {
	case key.Dead:
		words, s = wordDead, a.theme.danger
	case status != model.StatusActive:
		words = string(status)
	case key.Rotating:
		words, s = wordRotating, a.theme.good
	case stale == "" && key.Role != model.RoleUse && len(key.Role.String()) <= width:
		return key.Role.String(), style{}
	default:
		return stale, s
	}
	if stale != "" && len(words)+len(wordGap)+len(stale) <= width {
		words += wordGap + stale
	}
	return words, s
}

// wordWidth is how wide the column of these words is; 0 if no key has one. With both, two of them stand side by side.
func (k look) wordWidth(both bool) int {
	unusual, stale := 0, 0
	if k.extent.Unusual {
		unusual = len(wordRotating) // disabled is as long
	}
	switch {
	case k.stale.ByAge > 0:
		stale = len(staleWords[model.StaleByAge])
	case k.stale.All > 0:
		stale = len(staleWords[model.Stale])
	}
	if both && unusual > 0 && stale > 0 {
		return unusual + len(wordGap) + stale
	}
	if k.traits.roles && (both || k.onlyRoles()) {
		return max(unusual, stale, len(wordManage))
	}
	return max(unusual, stale)
}

// onlyRoles reports whether the column of these words holds nothing but roles.
func (k look) onlyRoles() bool {
	return k.traits.roles && !k.extent.Unusual && k.stale.All == 0
}

// statusText says all of what the status of a key is: "active", "dead, expired", "active, rotating".
func statusText(key model.Key, now time.Time) string {
	status := key.StatusAt(now)
	text := string(status)
	switch {
	case key.Dead && status == model.StatusActive:
		text = wordDead
	case key.Dead:
		text = wordDead + ", " + text
	}
	if key.Rotating {
		text += ", " + wordRotating
	}
	return text
}

// roleText says what a role is.
func roleText(role model.Role) string {
	switch role {
	case model.RoleManage:
		return role.String() + ": it may also make, end and delete keys"
	case model.RoleRead:
		return role.String() + ": it may also list keys and read sealed secrets"
	case model.RoleUse:
		return role.String() + ": it opens APIs"
	default: // of a newer service
		return role.String()
	}
}

// moment shows a time in the zone of the screen.
func (a *app) moment(at time.Time, format string) string {
	if at.IsZero() {
		return unknown
	}
	return at.In(a.opts.Location).Format(format)
}

// age shows how long ago something was.
func age(at, now time.Time) string {
	if at.IsZero() {
		return unknown
	}
	return model.Age(at, now)
}

// made says when a key was made, and how old it is.
func (a *app) made(key model.Key, now time.Time) string {
	if key.CreatedAt.IsZero() {
		return unknown
	}
	return a.moment(key.CreatedAt, timeFormat) + ", " + model.Age(key.CreatedAt, now) + " old"
}
