package reach

import (
	"errors"
	"testing"
)

// TestLoopbackByNameMustBeIt: a name of this machine that leads elsewhere gets nothing.
func TestLoopbackByNameMustBeIt(t *testing.T) {
	for _, address := range []string{"192.0.2.1:80", "[2001:db8::1]:80", "nonsense", "[fe80::1%eth0]:80"} {
		if err := loopbackOnly("tcp", address, nil); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"127.0.0.1:80", "127.9.9.9:1", "[::1]:443"} {
		if err := loopbackOnly("tcp", address, nil); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for address, checked := range map[string]bool{
		"localhost:80": true, "LOCALHOST:1": true, "127.0.0.1:80": true, "[::1]:80": true, "api.example:443": false, "192.0.2.1:443": false,
	} {
		if (dialerFor(address).Control != nil) != checked {
			t.Errorf("%s is looked at: %t", address, !checked)
		}
	}
}
