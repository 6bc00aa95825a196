package model

import (
	"fmt"
	"path"
	"strings"
)

// unixScheme starts the address of a key service at a socket of this machine.
const unixScheme = "unix:"

// maxSocketPath is the most bytes that the path of a socket has on every system: sun_path with its end, unix(7).
const maxSocketPath = 103

const serviceExample = `"https://keys.example.com" or "unix:/run/clavier.sock"`

// CheckServiceURL returns an *APIError that says what is wrong with the address of a key service: it is https, or http to this
// machine, or unix: and the absolute path of a socket; without user info, query and fragment.
func CheckServiceURL(address string) error {
	if text := wrongServiceURL(address); text != "" {
		return &APIError{"url", text}
	}
	return nil
}

func wrongServiceURL(address string) string {
	if LooksSecret(address) {
		return `"url" is an address such as ` + serviceExample + `, and this looks like a key: give that as the token`
	}
	if socket, ok := strings.CutPrefix(address, unixScheme); ok {
		switch {
		case !path.IsAbs(socket) || path.Clean(socket) != socket || !IsDisplayable(socket):
			return `"url" has a full path of a socket behind unix:, such as "unix:/run/clavier.sock", not ` + quoteStart(socket)
		case len(socket) > maxSocketPath:
			return fmt.Sprintf(`"url" has the path of a socket, which has at most %d bytes; this one has %d`, maxSocketPath, len(socket))
		}
		return ""
	}
	u, wrong := parseAddress("url", serviceExample, address)
	switch {
	case wrong != "":
		return wrong
	case strings.ContainsAny(address, "?#"):
		return `"url" is where the service is: leave out what begins with ? or #`
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return `"url" starts with https://: a token goes over plain http to this machine alone (localhost, 127.0.0.1, ::1)`
	}
	return ""
}

// ServiceHost returns where the key service with this address is, in a few characters: its host and port, or the path of its
// socket. The address has passed CheckServiceURL.
func ServiceHost(address string) string {
	if socket, ok := strings.CutPrefix(address, unixScheme); ok {
		return socket
	}
	if u, wrong := parseAddress("url", serviceExample, address); wrong == "" {
		return u.Host
	}
	return ""
}
