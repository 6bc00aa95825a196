package table

import (
	"fmt"
	"testing"

	"clavier/model"
)

// TestRareIsTheTablesOwn holds that what few keys have changes in one table, and neither in its snapshots nor in another
// table with the same block.
func TestRareIsTheTablesOwn(t *testing.T) {
	block := NewBlock([]model.Key{{ID: "a", Note: "console"}, {ID: "b"}, {ID: "c", Rotating: true, Imported: true}})
	var one, other Table
	one.Add(block)
	other.Add(block)
	before := one.Snapshot()
	one.Apply(model.Changes{Keys: []model.Key{{ID: "a"}, {ID: "b", Note: "vault", Dead: true, Role: model.RoleManage}, {ID: "c", Imported: true}, {ID: "d", Note: "new"}}})
	between := one.Snapshot()
	one.Put(model.Key{ID: "e", Rotating: true, Role: model.RoleRead})
	one.Put(model.Key{ID: "d", Note: "newer"})
	check := func(what string, read func(Row) (model.Key, bool), want ...model.Key) {
		t.Helper()
		for row, key := range want {
			r, _ := one.Find(key.ID)
			if got, ok := read(r); !ok || got != key {
				t.Errorf("%s: row %d is %+v, not %+v", what, row, got, key)
			}
		}
	}
	old := []model.Key{{ID: "a", Note: "console"}, {ID: "b"}, {ID: "c", Rotating: true, Imported: true}}
	changed := []model.Key{{ID: "a"}, {ID: "b", Note: "vault", Dead: true, Role: model.RoleManage}, {ID: "c", Imported: true}}
	check("the snapshot", before.Key, old...)
	check("the other table", other.Key, old...)
	check("the second snapshot", between.Key, append(changed, model.Key{ID: "d", Note: "new"})...)
	check("the table", one.Key, append(changed, model.Key{ID: "d", Note: "newer"}, model.Key{ID: "e", Rotating: true, Role: model.RoleRead})...)
	if one.DeadCount() != 1 || other.DeadCount() != 0 {
		t.Errorf("%d and %d keys are dead", one.DeadCount(), other.DeadCount())
	}
	row, _ := one.Find("b")
	one.Remove(row)
	if one.DeadCount() != 0 {
		t.Error("a deleted key counts as dead")
	}
}

// TestRareTakesMemoryForItselfOnly holds that keys that have nothing rare have no place for it.
func TestRareTakesMemoryForItselfOnly(t *testing.T) {
	var keys []model.Key
	for i := range 100 {
		keys = append(keys, model.Key{ID: fmt.Sprint(i), Imported: true, Dead: i%2 == 0})
	}
	var table Table
	table.Add(NewBlock(keys))
	if n := len(table.chunks[0].rare); n != 0 || table.chunks[0].rare != nil {
		t.Errorf("%d of 100 keys without notes have one", n)
	}
	table.Put(model.Key{ID: "7", Note: "x"})
	table.Put(model.Key{ID: "7"})
	if n := len(table.chunks[0].rare); n != 0 {
		t.Error("a note that was taken away stays")
	}
}
