// Package wire is what a key service and its clients say to each other: paths, headers, JSON bodies and problems, and how they
// become the types of package model. It has no connection and no server in it.
//
// Times are RFC 3339 in UTC with up to nine digits of a second; digests are lower-case hexadecimal; sealed secrets are
// base64. Marks and cursors are opaque texts.
package wire
