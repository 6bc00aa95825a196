package wire

import (
	"net/url"
	"strings"

	"clavier/model"
)

// maxActor is the most bytes of HeaderActor that are looked at: what a server keeps of it is far less.
const maxActor = 4 << 10

// EncodeActor returns what HeaderActor says of who makes a change; empty if there is nothing to say.
func EncodeActor(actor model.Actor) string {
	if actor == (model.Actor{}) {
		return ""
	}
	return EncodeName(actor.By) + "@" + EncodeName(actor.From)
}

// DecodeActor is the reverse of EncodeActor. It is false for what is not of that form. Both texts are whatever the client
// wrote: bound them, and pass them through model.Display.
func DecodeActor(text string) (model.Actor, bool) {
	if text == "" || len(text) > maxActor {
		return model.Actor{}, false
	}
	by, from, found := strings.Cut(text, "@")
	if !found || strings.Contains(from, "@") {
		return model.Actor{}, false
	}
	var actor model.Actor
	var err error
	if actor.By, err = url.PathUnescape(by); err != nil {
		return model.Actor{}, false
	}
	if actor.From, err = url.PathUnescape(from); err != nil {
		return model.Actor{}, false
	}
	return actor, true
}
