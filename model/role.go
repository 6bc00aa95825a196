package model

import (
	"fmt"
	"strings"
)

// Role says what a key may ask of a key service beside being verified. A higher role may all that a lower one may; a key
// never makes a key of a higher role than its own.
type Role uint8

// The roles of a key.
const (
	// RoleUse is a key that opens APIs, and may do nothing with other keys. It is the zero value.
	RoleUse Role = iota
	// RoleRead may also list keys and read sealed secrets and activity.
	RoleRead
	// RoleManage may also make, end and delete keys.
	RoleManage
)

// roleWords are what ParseRole takes, by Role.
var roleWords = []string{"use", "read", "manage"}

// RoleWords returns what ParseRole takes, the weakest first.
func RoleWords() []string { return append([]string(nil), roleWords...) }

// String returns "use", "read" or "manage".
func (r Role) String() string {
	if int(r) >= len(roleWords) {
		return fmt.Sprintf("Role(%d)", uint8(r))
	}
	return roleWords[r]
}

// ParseRole reads use, read or manage. The error is a sentence that says what is allowed.
func ParseRole(text string) (Role, error) {
	for i, word := range roleWords {
		if text == word {
			return Role(i), nil
		}
	}
	hint := ""
	if near := Nearest(text, roleWords); near != "" {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	return 0, fmt.Errorf("the role of a key is one of %s, not %s%s", strings.Join(roleWords, ", "), quoteShort(text), hint)
}
