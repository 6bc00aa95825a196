package apis

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"clavier/reach"
)

// failure says in one sentence why no answer came, and whether the secret may have gone out. Text of the other side never
// stands in it, as it could hold the secret again.
func (p *Prober) failure(ctx context.Context, err error, sent bool) string {
	why := reach.Why(ctx, err, sent, p.limits)
	if !sent {
		why += "; nothing was sent"
	}
	return why
}

// meaningless says what an answer is that means neither yes nor no.
func meaningless(r *http.Response, secret string, now time.Time) string {
	said := fmt.Sprintf("it answered %d", r.StatusCode)
	switch {
	case r.StatusCode >= 300 && r.StatusCode < 400:
		return said + ", a redirect" + reach.Target(r, secret) + ", and redirects are not followed"
	case r.StatusCode == http.StatusTooManyRequests:
		return said + ", too many requests" + retryAfter(r.Header, now)
	case r.StatusCode >= 500 && r.StatusCode < 600:
		return said + ", a failure of the server" + retryAfter(r.Header, now)
	default:
		return said + ", which stands neither for alive nor for dead"
	}
}

// maxRetryAfter is the longest pause that is told as it is.
const maxRetryAfter = 24 * time.Hour

// retryAfter says when to try again, as the answer says it. Nothing is tried again by itself.
func retryAfter(header http.Header, now time.Time) string {
	switch pause, told := reach.RetryAfter(header, now); {
	case !told:
		return "; try again later"
	case pause > maxRetryAfter:
		return "; try again in more than a day"
	default:
		return fmt.Sprintf("; try again in %v", pause)
	}
}
