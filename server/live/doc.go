// Package live holds the live keys of a key service in memory, so that a presented secret is judged without asking a store.
//
// A key takes about 150 bytes, and nothing in it is for the garbage collector to follow: entries stand in slices of numbers,
// their texts end to end in long strings, and tables of 32-bit words lead to them.
package live
