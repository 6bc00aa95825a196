// Package pgtest starts PostgreSQL servers for tests: each in a temporary directory of its own, on a socket there, and on a
// port of the loopback address that the kernel chose. It stops nothing but what it started.
//
// Most tests take a database of the common server of their process, which TestMain stops:
//
//	func TestMain(m *testing.M) {
//		code := m.Run()
//		pgtest.Clean()
//		os.Exit(code)
//	}
//
//	func TestSomething(t *testing.T) {
//		url := pgtest.Shared(t).NewDatabase(t)
//	}
//
// A test that stops or cuts a server takes one of its own with [Start].
package pgtest
