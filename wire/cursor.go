package wire

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"clavier/model"
)

var errCursor = errors.New("this is no cursor of a list of keys")

// unknownTime is the time of making of a key when nobody knows it, in a cursor.
const unknownTime = -1 << 63

// CursorText returns a cursor as it is sent; empty for the zero Cursor.
func CursorText(c model.Cursor) string {
	if c == (model.Cursor{}) {
		return ""
	}
	at := int64(unknownTime)
	if !c.CreatedAt.IsZero() {
		at = c.CreatedAt.UnixNano()
	}
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(at)), c.ID...))
}

// ParseCursor reads a cursor that was sent.
func ParseCursor(text string) (model.Cursor, error) {
	if text == "" {
		return model.Cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 8 || !ValidID(string(raw[8:])) {
		return model.Cursor{}, errCursor
	}
	c := model.Cursor{ID: string(raw[8:])}
	if at := int64(binary.BigEndian.Uint64(raw)); at != unknownTime {
		c.CreatedAt = time.Unix(0, at).UTC()
	}
	return c, nil
}

// ValidID reports whether a text is the id of a key as a service knows it: a UUID in its usual form (RFC 9562, section 4), in
// lower case. Nothing else ever stands in a path: some platforms answer a DELETE without an id by deleting everything.
func ValidID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
