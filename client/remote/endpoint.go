package remote

import (
	"errors"
	"net/url"
	"path"
	"strings"

	"clavier/model"
	"clavier/wire"
)

// endpoint is where a service is.
type endpoint struct {
	scheme, host string
	// prefix stands before the service's own paths; it is empty, or begins with a slash and does not end with one.
	prefix string
	// socket is the path of the unix socket that the service listens on; empty if it listens on a port.
	socket string
}

func newEndpoint(address string) (endpoint, error) {
	if err := model.CheckServiceURL(address); err != nil {
		return endpoint{}, err
	}
	if socket, ok := strings.CutPrefix(address, "unix:"); ok {
		return endpoint{scheme: "http", host: "localhost", socket: socket}, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return endpoint{}, errors.New(`"url" is no address`)
	}
	prefix := strings.TrimSuffix(u.EscapedPath(), "/")
	if strings.Contains(prefix, "%") || prefix != "" && path.Clean(prefix) != prefix {
		// What stands there means different places to different programs.
		return endpoint{}, errors.New(`"url" has a plain path or none: no %XX, no //, no . and no .. in it`)
	}
	return endpoint{scheme: u.Scheme, host: u.Host, prefix: prefix}, nil
}

// place names the service for a person.
func (e endpoint) place() string {
	if e.socket != "" {
		return e.socket
	}
	return e.host
}

// at returns the address of one of the paths of package wire.
func (e endpoint) at(servicePath string, query url.Values) *url.URL {
	return &url.URL{Scheme: e.scheme, Host: e.host, Path: e.prefix + servicePath, RawQuery: query.Encode()}
}

// key returns the address of a key, or of what stands behind it. It is the one way in which an id gets into an address, and
// returns model.ErrNotFound for what is no id of a service: no such text ever leaves its place in the path, or leaves it empty.
func (e endpoint) key(id, suffix string) (*url.URL, error) {
	if !wire.ValidID(id) {
		return nil, model.ErrNotFound
	}
	return e.at(wire.PathKeys+"/"+id+suffix, nil), nil
}

// step returns the address of a step of the rotation of a key. A step that cannot be noted is an error.
func (e endpoint) step(oldID string, step model.Step) (*url.URL, error) {
	word := wire.StepWord(step)
	if word == "" {
		return nil, errors.New("the step " + step.String() + " is none that is noted")
	}
	if !wire.ValidID(oldID) {
		return nil, model.ErrNotFound
	}
	return e.at(wire.PathRotations+"/"+oldID+"/steps/"+word, nil), nil
}
