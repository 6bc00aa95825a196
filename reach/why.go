package reach

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"clavier/model"
)

// ErrNotLoopback is that a host is this machine by its name alone: nothing was sent to where the name leads.
var ErrNotLoopback = errors.New("the name of this machine leads to another")

// errRefusedOnWindows is WSAECONNREFUSED, which package syscall does not take for ECONNREFUSED.
const errRefusedOnWindows = syscall.Errno(10061)

// Why says in a few words why a request over a [Transport] got no answer; sent is whether its headers went out. The context is
// that of the request, which ends after limits.All. Text of the other side never stands in it, as it could hold a secret
// that was sent.
func Why(ctx context.Context, err error, sent bool, limits Limits) string {
	limits = limits.OrDefaults()
	dns, dialing, broken, errno := (*net.DNSError)(nil), (*dialError)(nil), (*net.OpError)(nil), syscall.Errno(0)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return "it was given up before an answer came"
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("no answer came within %v", limits.All)
	case errors.Is(err, ErrNotLoopback):
		return ErrNotLoopback.Error()
	case errors.As(err, &dns):
		return dnsCause(dns)
	}
	if why := tlsCause(err); why != "" {
		return why
	}
	isDialing := errors.As(err, &dialing)
	switch {
	case TimedOut(err) && sent:
		return fmt.Sprintf("no answer came within %v", limits.Headers)
	case TimedOut(err) && isDialing:
		return fmt.Sprintf("no connection could be made within %v", limits.Connect)
	case TimedOut(err):
		return fmt.Sprintf("no secure connection could be made within %v", limits.Connect)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, errRefusedOnWindows):
		return "the connection was refused"
	case isDialing && errors.As(err, &errno):
		return "no connection could be made: " + model.Display(errno.Error())
	case isDialing:
		return "no connection could be made"
	case strings.Contains(err.Error(), "headers exceeded"):
		return fmt.Sprintf("the answer has headers of more than %d bytes", limits.HeaderBytes)
	case errors.As(err, &broken), errors.As(err, &errno), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection ended before an answer came"
	case sent:
		return "what came is no HTTP answer"
	default:
		return "the request could not be sent"
	}
}

// TimedOut reports whether an error is that a time ran out.
func TimedOut(err error) bool {
	timeout := net.Error(nil)
	return errors.As(err, &timeout) && timeout.Timeout()
}

func dnsCause(err *net.DNSError) string {
	switch name := model.Display(err.Name); {
	case err.IsNotFound:
		return "there is no machine named " + name
	case err.IsTimeout:
		return "the name " + name + " could not be looked up in time"
	default:
		return "the name " + name + " cannot be looked up"
	}
}

// tlsCause says why there is no trusted, encrypted connection; it is empty if that is not it.
func tlsCause(err error) string {
	host, invalid, unknown := x509.HostnameError{}, x509.CertificateInvalidError{}, x509.UnknownAuthorityError{}
	verification, record, alert := (*tls.CertificateVerificationError)(nil), tls.RecordHeaderError{}, tls.AlertError(0)
	const untrusted = "the server cannot be trusted: its certificate "
	switch {
	case errors.As(err, &host):
		return untrusted + "is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return untrusted + "has expired or is not valid yet"
	case errors.As(err, &unknown):
		return untrusted + "is signed by nobody that this system knows"
	case errors.As(err, &verification):
		return untrusted + "is not valid"
	case errors.As(err, &record):
		return "the server does not speak TLS there"
	case errors.As(err, &alert), strings.Contains(err.Error(), "tls: "):
		if strings.Contains(err.Error(), "version") {
			return "the server speaks no TLS from version 1.2 on"
		}
		return "no secure connection could be agreed on"
	}
	return ""
}

// LookAtAddress is what to do about an answer that no key service gives.
const LookAtAddress = "look at the address"

// Advice says in a few words what to do about an error of a request over a [Transport].
func Advice(err error) string {
	host, unknown, record := x509.HostnameError{}, x509.UnknownAuthorityError{}, tls.RecordHeaderError{}
	dns := (*net.DNSError)(nil)
	switch {
	case errors.As(err, &unknown):
		return "name the authority that signed it, if you trust it: clavier profile add has --ca FILE, and a profile the setting ca"
	case errors.As(err, &host), errors.As(err, &record), errors.As(err, &dns) && dns.IsNotFound:
		return LookAtAddress
	default:
		return "try again"
	}
}

// Passing reports whether what an error tells of may pass within moments: it is no certificate, no name that leads nowhere and
// no time that ran out.
func Passing(err error) bool {
	dns := (*net.DNSError)(nil)
	return !TimedOut(err) && tlsCause(err) == "" && !errors.Is(err, ErrNotLoopback) && (!errors.As(err, &dns) || !dns.IsNotFound)
}
