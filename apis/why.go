package apis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"clavier/model"
)

var errNotLoopback = errors.New("the name of this machine leads to another")

// errRefusedOnWindows is WSAECONNREFUSED, which package syscall does not take for ECONNREFUSED.
const errRefusedOnWindows = syscall.Errno(10061)

// failure says in one sentence why no answer came, and whether the secret may have gone out. Text of the other side never
// stands in it, as it could hold the secret again.
func (p *Prober) failure(ctx context.Context, err error, sent bool) string {
	why := p.cause(ctx, err, sent)
	if !sent {
		why += "; nothing was sent"
	}
	return why
}

func (p *Prober) cause(ctx context.Context, err error, sent bool) string {
	dns, dialing, broken, errno := (*net.DNSError)(nil), (*dialError)(nil), (*net.OpError)(nil), syscall.Errno(0)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return "it was given up before an answer came"
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("no answer came within %v", p.limits.All)
	case errors.Is(err, errNotLoopback):
		return errNotLoopback.Error()
	case errors.As(err, &dns):
		return dnsCause(dns)
	}
	if why := tlsCause(err); why != "" {
		return why
	}
	isDialing := errors.As(err, &dialing)
	switch {
	case timedOut(err) && sent:
		return fmt.Sprintf("no answer came within %v", p.limits.Headers)
	case timedOut(err) && isDialing:
		return fmt.Sprintf("no connection could be made within %v", p.limits.Connect)
	case timedOut(err):
		return fmt.Sprintf("no secure connection could be made within %v", p.limits.Connect)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, errRefusedOnWindows):
		return "the connection was refused"
	case isDialing && errors.As(err, &errno):
		return "no connection could be made: " + model.Display(errno.Error())
	case isDialing:
		return "no connection could be made"
	case strings.Contains(err.Error(), "headers exceeded"):
		return fmt.Sprintf("the answer has headers of more than %d bytes", p.limits.HeaderBytes)
	case errors.As(err, &broken), errors.As(err, &errno), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection ended before an answer came"
	case sent:
		return "what came is no HTTP answer"
	default:
		return "the request could not be sent"
	}
}

func timedOut(err error) bool {
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

// meaningless says what an answer is that means neither yes nor no.
func meaningless(r *http.Response, secret string, now time.Time) string {
	said := fmt.Sprintf("it answered %d", r.StatusCode)
	switch {
	case r.StatusCode >= 300 && r.StatusCode < 400:
		return said + ", a redirect" + target(r, secret) + ", and redirects are not followed"
	case r.StatusCode == http.StatusTooManyRequests:
		return said + ", too many requests" + retryAfter(r.Header.Get("Retry-After"), now)
	case r.StatusCode >= 500 && r.StatusCode < 600:
		return said + ", a failure of the server" + retryAfter(r.Header.Get("Retry-After"), now)
	default:
		return said + ", which stands neither for alive nor for dead"
	}
}

// maxHost is the most of a foreign host's name that is shown: the most that a name has (RFC 1035).
const maxHost = 253

// target names the host that a redirect leads to, unless it would show the secret.
func target(r *http.Response, secret string) string {
	location, err := r.Location()
	if err != nil || location.Host == "" || len(location.Host) > maxHost || strings.Contains(strings.ToLower(location.Host), strings.ToLower(secret)) {
		return ""
	}
	if at := (&url.URL{Scheme: location.Scheme, Host: location.Host}).String(); location.Host == r.Request.URL.Host && location.Scheme == r.Request.URL.Scheme {
		return " to another page of its own"
	} else if location.Scheme == "https" || location.Scheme == "http" {
		return " to " + model.Display(at)
	}
	return ""
}

// maxRetryAfter is the longest pause that is told as it is.
const maxRetryAfter = 24 * time.Hour

// retryAfter says when to try again, as the header says it: in seconds or as a date (RFC 9110, section 10.2.3). Nothing is
// tried again by itself.
func retryAfter(header string, now time.Time) string {
	var pause time.Duration
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		pause = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		pause = at.Sub(now).Round(time.Second)
	}
	switch {
	case pause <= 0:
		return "; try again later"
	case pause > maxRetryAfter:
		return "; try again in more than a day"
	default:
		return fmt.Sprintf("; try again in %v", pause)
	}
}
