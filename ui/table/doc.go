// Package table holds the keys of a list in columns and searches them: up to a million and more, at a fraction of what
// a slice of [model.Key] takes, and without a copy of a row being made.
//
// One goroutine owns a [Table] and changes it: the program's Update. Whatever takes long works on a [Snapshot], which
// never changes, beside it: [Snapshot.Search] gives a [Search], whose [Listing] holds the rows that match, in order.
// A [Block] is made from keys beside the screen too, and then added at once.
//
// A [Row] names a key. Columns are kept in chunks of at most 8192 rows, without pointers; a chunk that a snapshot holds is
// copied, column by column, before it changes.
package table
