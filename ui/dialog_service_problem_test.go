package ui

import (
	"testing"
)

// TestServiceProblemTakesTheFocus: what is wrong with a field is said without a prefix, and the field has the focus.
func TestServiceProblemTakesTheFocus(t *testing.T) {
	for field, about := range map[ServiceField]string{
		ServiceName: "what you call the profile", ServiceAddress: "where the service is", ServiceToken: "it is sealed",
	} {
		w := &away{}
		s := start(t, three(t), w.service)
		s.fakes.fail("add", &FieldError{field, "this cannot be"})
		s.addService("ops", "https://keys.example.net", drawnToken(t))
		if field == ServiceToken {
			s.press("tab")
		}
		s.press("enter")
		s.shows("this cannot be", about)
	}
}

// TestKeyAsAddress: a key in the field of the address is told to be one, is not sent, and the sentence does not repeat it.
func TestKeyAsAddress(t *testing.T) {
	w := &away{}
	s := start(t, three(t), w.service)
	key := drawnToken(t)
	s.addService("ops", key, key)
	s.press("enter")
	s.shows("this looks like a key and belongs into the third field", "where the service is")
	if len(w.added) != 0 || s.fakes.called("add") != 0 {
		t.Error("it was sent")
	}
}
