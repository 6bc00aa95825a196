package reach

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"clavier/model"
)

// RetryAfter reads when an answer asks to be tried again, in seconds or as a date (RFC 9110, section 10.2.3), as the pause from
// now on. It is false if the answer does not say, or says a moment that has passed.
func RetryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	text := header.Get("Retry-After")
	var pause time.Duration
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		pause = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		pause = at.Sub(now).Round(time.Second)
	}
	return pause, pause > 0
}

// maxHost is the most of a foreign host's name that is shown: the most that a name has (RFC 1035).
const maxHost = 253

// Target says in a few words where a redirect leads, and is empty if it cannot say that without showing the secret that was
// sent.
func Target(r *http.Response, secret string) string {
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
