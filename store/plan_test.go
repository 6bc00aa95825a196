package store

import (
	"fmt"
	"strings"
	"testing"
)

// No statement that is used again and again reads a whole table: what it costs must not grow with the store.
func TestStatementsUseIndexes(t *testing.T) {
	s := open(t, newPath(t))
	fillWith(t, s, 300)
	may := map[string]string{
		"sqlFirstPage": "SCAN keys USING INDEX keys_newest",                    // which its limit ends
		"sqlActivity":  "SCAN activity",                                        // the same, in the order of the table
		"sqlAnswers":   "SCAN answers USING INDEX answers_latest",              // which its limit ends
		"sqlInTheWay":  "SCAN CONSTANT ROW",                                    // which is no table
		"sqlUnerased":  "SCAN activity USING COVERING INDEX activity_unerased", // which is all but empty
		"sqlErased":    "SCAN activity USING INDEX activity_unerased",
	}
	queries := map[string]string{
		"sqlGet": sqlGet, "sqlFind": sqlFind, "sqlRecord": sqlRecord, "sqlSealed": sqlSealed,
		"sqlInTheWay": sqlInTheWay, "sqlLastUsed": sqlLastUsed, "sqlTouch": sqlTouch, "sqlInsertKey": sqlInsertKey,
		"sqlDoomed": sqlDoomed, "sqlDelete": sqlDelete, "sqlFirstPage": sqlFirstPage, "sqlKeysAfter": sqlKeysAfter,
		"sqlPart": sqlPart, "sqlChangedKeys": sqlChangedKeys, "sqlGone": sqlGone, "sqlReuseSlot": sqlReuseSlot,
		"sqlNewSlot": sqlNewSlot, "sqlEraseSlot": sqlEraseSlot, "sqlInsertActivity": sqlInsertActivity, "sqlActivity": sqlActivity,
		"sqlLastSeq": sqlLastSeq, "sqlUnerased": sqlUnerased, "sqlUnerasedID": sqlUnerasedID, "sqlErased": sqlErased,
		"sqlEnd": sqlEnd, "sqlNote": sqlNote, "sqlBeginRotation": sqlBeginRotation, "sqlSuccessor": sqlSuccessor, "sqlTraits": sqlTraits,
		"sqlAfter": sqlAfter, "sqlDigests": sqlDigests, "sqlChangedDigests": sqlChangedDigests, "sqlNoteUse": sqlNoteUse,
		"sqlInsertRefusal": sqlInsertRefusal, "sqlSetTraits": sqlSetTraits, "sqlKeepAnswer": sqlKeepAnswer, "sqlAnswers": sqlAnswers, "sqlDeletedID": sqlDeletedID,
		// What the triggers on a deletion do.
		"rotation by old": `DELETE FROM rotations WHERE old_id = $1`, "rotation by new": `DELETE FROM rotations WHERE new_id = $1`,
		"answers by key": `DELETE FROM answers WHERE key_id = $1`,
	}
	for step, query := range sqlStep {
		queries["read "+step.String()], queries["note "+step.String()] = query.read, query.note
	}
	for name, query := range queries {
		for _, line := range planOf(t, s, query) {
			walks := strings.HasPrefix(line, "SCAN") || strings.Contains(line, "TEMP B-TREE FOR ORDER BY") ||
				strings.Contains(line, "(rowid<?)") // from the beginning
			if walks && may[name] != line {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

// planOf returns how SQLite means to run a statement.
func planOf(t *testing.T, s *Store, query string) (lines []string) {
	t.Helper()
	var args []any
	for strings.Contains(query, fmt.Sprint("$", len(args)+1)) {
		args = append(args, nil)
	}
	rows, err := s.db.Query("EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var line string
		if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}
