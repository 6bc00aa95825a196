package ui

import (
	"errors"

	"clavier/model"
)

// ServiceField is what of a NewService a person typed.
type ServiceField int

// The fields of a NewService.
const (
	ServiceName ServiceField = iota
	ServiceAddress
	ServiceToken
)

// FieldError is what Options.AddService says of what was typed into one field.
type FieldError struct {
	Field ServiceField
	// Text is the sentence.
	Text string
}

// Error returns the sentence.
func (e *FieldError) Error() string { return e.Text }

// keyAsAddress is said of an address that looks like a key, which is not repeated.
const keyAsAddress = "this looks like a key and belongs into the third field, Token"

// refuse shows what is wrong, and gives the focus to the field that it is about.
func (d *serviceDialog) refuse(err error) {
	d.problem = sentence(err)
	if wrong := (*FieldError)(nil); errors.As(err, &wrong) {
		d.form.at = int(wrong.Field)
	}
}

// isKey reports whether the address is a key, and says so.
func (d *serviceDialog) isKey() bool {
	if !model.LooksSecret(d.form.value(int(ServiceAddress))) {
		return false
	}
	d.refuse(&FieldError{ServiceAddress, keyAsAddress})
	return true
}
