package model

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The bounds of an API.
const (
	// MaxURLLen is the most bytes that the URL of an API has.
	MaxURLLen = 2048
	// MaxAboutLen is the most characters that the sentence about an API has.
	MaxAboutLen = 200

	maxTokenLen = 64
)

// APIError says which part of an API cannot be, and what is allowed.
type APIError struct {
	// Field is the part: name, method, url, header, scheme, alive, dead or about.
	Field string
	// Text is one sentence for a person. Text from the API stands in it quoted.
	Text string
}

// Error returns the sentence.
func (e *APIError) Error() string { return e.Text }

// APIMethods are the methods that an API may be tried with. DELETE is none of them: trying a key must never remove
// anything; nor are CONNECT, which would ask for a tunnel, and TRACE, which would send the secret back.
var APIMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "OPTIONS"}

// ownHeaders are written by the connection itself, or speak to what lies between: a secret in them would go astray.
var ownHeaders = []string{
	"Accept-Encoding", "Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authorization",
	"Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent",
}

// neverMeaning are the statuses below 500 that say nothing of a key, whatever the API: the client was too slow, too
// frequent, or a proxy spoke.
var neverMeaning = []int{407, 408, 425, 429}

// CheckAPI returns an *APIError if one request with a key cannot be sent by this description, or if its answers could be
// taken for what they are not: plain http to another machine, user info, a method that removes, a redirect or a server's
// failure that would count as an answer.
func CheckAPI(api API) error {
	if _, err := ParseName(api.Name); err != nil {
		return &APIError{"name", fmt.Sprintf(`"name" cannot be %s: %v`, quoteStart(api.Name), err)}
	}
	if name, _ := ParseName(api.Name); string(name) != api.Name {
		return &APIError{"name", `"name" is not in Unicode's form NFC: type it again`}
	}
	if !slices.Contains(APIMethods, api.Method) {
		return &APIError{"method", fmt.Sprintf(`"method" is one of %s, not %s`, strings.Join(APIMethods, ", "), quoteStart(api.Method))}
	}
	if text := wrongURL(api.URL); text != "" {
		return &APIError{"url", text}
	}
	if !isToken(api.Header) {
		return &APIError{"header", `"header" is the name of a header such as "Authorization", not ` + quoteStart(api.Header)}
	}
	if slices.ContainsFunc(ownHeaders, func(own string) bool { return strings.EqualFold(own, api.Header) }) {
		return &APIError{"header", fmt.Sprintf(`"header" cannot be %s, which belongs to the connection`, quoteStart(api.Header))}
	}
	if api.Scheme != "" && !isToken(api.Scheme) {
		return &APIError{"scheme", `"scheme" is one word such as "Bearer", or "" for the bare secret, not ` + quoteStart(api.Scheme)}
	}
	if len(api.Alive) == 0 {
		return &APIError{"alive", `"alive" needs a status that a live key gets, such as 200`}
	}
	if text := wrongStatuses("alive", api.Alive); text != "" {
		return &APIError{"alive", text}
	}
	if text := wrongStatuses("dead", api.Dead); text != "" {
		return &APIError{"dead", text}
	}
	for _, status := range api.Dead {
		if slices.Contains(api.Alive, status) {
			return &APIError{"dead", fmt.Sprintf(`status %d stands in "alive" and in "dead"`, status)}
		}
	}
	if !IsDisplayable(api.About) || utf8.RuneCountInString(api.About) > MaxAboutLen {
		return &APIError{"about", fmt.Sprintf(`"about" has at most %d characters, none of them a control or invisible one`, MaxAboutLen)}
	}
	return nil
}

// CheckConsole returns an error that says what is wrong with the address of a page to open in a browser: it is https,
// without user info.
func CheckConsole(address string) error {
	u, text := parseAddress("console", `"https://api.example.com/v1/models"`, address)
	if text == "" && u.Scheme != "https" {
		text = `"console" starts with https://, unlike ` + quoteStart(address)
	}
	if text != "" {
		return &APIError{"console", text}
	}
	return nil
}

// IsLoopback reports whether a host, as a URL names it, is this machine by its name alone: localhost, 127.0.0.0/8 or ::1.
// Nothing is looked up.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Zone() == "" && !addr.Is4In6() && addr.IsLoopback()
}

func wrongURL(text string) string {
	u, wrong := parseAddress("url", `"https://api.example.com/v1/models"`, text)
	switch {
	case wrong != "":
		return wrong
	case strings.Contains(text, "#"):
		return `"url" has no fragment: leave out what begins with #`
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return `"url" starts with https://: a secret goes over plain http to this machine alone (localhost, 127.0.0.1, ::1)`
	}
	return ""
}

// parseAddress takes an absolute address apart, or says what is wrong with it. The host is a name, an IPv4 address in four
// decimal parts, or an IPv6 address in brackets: what else systems take for one (0x7f.1) means different machines to
// different programs. The example stands in what is said of an address that is none.
func parseAddress(field, example, text string) (*url.URL, string) {
	not := fmt.Sprintf(`%q is an address such as %s, not %s`, field, example, quoteStart(text))
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' || strings.IndexByte("\"<>\\^`{|}", text[i]) >= 0 {
			return nil, fmt.Sprintf(`%q has a character that no address has: write %%XX for it`, field)
		}
	}
	if len(text) > MaxURLLen {
		return nil, fmt.Sprintf(`%q has at most %d bytes`, field, MaxURLLen)
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, not
	}
	if u.User != nil {
		return nil, fmt.Sprintf(`%q has no name or password before the host`, field)
	}
	if port, err := strconv.Atoi(u.Port()); (u.Port() != "" || strings.HasSuffix(u.Host, ":")) && (err != nil || port < 1 || port > 65535) {
		return nil, fmt.Sprintf(`%q has a port from 1 to 65535 or none`, field)
	}
	if !isHost(u) {
		return nil, not
	}
	return u, ""
}

// isHost reports whether the host of an address names one machine without doubt.
func isHost(u *url.URL) bool {
	host := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		addr, err := netip.ParseAddr(host)
		return err == nil && addr.Is6() && addr.Zone() == ""
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Is4()
	}
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if label == "" && (i == 0 || i < len(labels)-1) {
			return false
		}
		for j := range len(label) {
			if c := label[j]; c != '-' && c != '_' && strings.IndexByte(alphabet, c) < 0 {
				return false
			}
		}
	}
	last := strings.TrimSuffix(host, ".")
	return !isNumber(last[strings.LastIndexByte(last, '.')+1:])
}

// isNumber reports whether the last label of a host would make it an address of the old notations, such as 127.1 or 0x7f.1.
func isNumber(label string) bool {
	return strings.Trim(label, "0123456789") == "" || strings.HasPrefix(strings.ToLower(label), "0x")
}

func wrongStatuses(field string, statuses []int) string {
	for i, status := range statuses {
		switch {
		case status < 200 || status > 499 || status >= 300 && status < 400:
			return fmt.Sprintf(`%q has statuses from 200 to 299 and from 400 to 499: %d says nothing of a key`, field, status)
		case slices.Contains(neverMeaning, status):
			return fmt.Sprintf(`%q cannot have %d, which says nothing of a key`, field, status)
		case slices.Contains(statuses[:i], status):
			return fmt.Sprintf(`%q has %d twice`, field, status)
		}
	}
	return ""
}

// isToken reports whether s is a token of RFC 9110, section 5.6.2, of at most maxTokenLen bytes.
func isToken(s string) bool {
	for i := range len(s) {
		if strings.IndexByte(alphabet, s[i]) < 0 && strings.IndexByte("!#$%&'*+-.^_`|~", s[i]) < 0 {
			return false
		}
	}
	return s != "" && len(s) <= maxTokenLen
}

// quoteStart shows the start of a text that may be anything.
func quoteStart(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}
