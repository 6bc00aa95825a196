// Command picture fills a store with the keys of the README's picture:
//
//	go run ./docs/picture STORE IDENTITY
//
// The secrets are drawn like any others and sealed to the identity, which is made if it is not there.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"clavier/client"
	"clavier/model"
	"clavier/seal"
	"clavier/store"
)

// shown are the keys: name, age, and how long ago the key was used; 0 means never.
var shown = []struct {
	name      string
	age, used time.Duration
}{
	{"ci-2024", 996 * day, 0},
	{"invoices-batch", 412 * day, 388 * day},
	{"partner-sandbox", 233 * day, 121 * day},
	{"mobile-beta", 171 * day, 26 * day},
	{"production", 101 * day, 2 * time.Minute},
	{"receipts-eu", 64 * day, 5 * time.Hour},
	{"staging", 20*day + 8*time.Hour, 3 * day},
	{"müller-laptop", 6 * day, 47 * time.Minute},
	{"development", 26 * time.Hour, 9 * time.Minute},
}

const day = 24 * time.Hour

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("needs the store and the identity to make")
	}
	ctx, now := context.Background(), time.Now()
	records, err := store.Open(ctx, args[0])
	if err != nil {
		return err
	}
	defer func() { _ = records.Close() }()
	vault, err := seal.Open(seal.Options{IdentityPath: args[1], Own: true})
	if err != nil {
		return err
	}
	for _, k := range shown {
		made := now.Add(-k.age)
		issuer := client.Issuer{
			Records: records, Vault: vault, Random: rand.Reader,
			Actor: model.Actor{By: "ada", From: "laptop"},
			Now:   func() time.Time { return made },
		}
		issued, err := issuer.Create(ctx, model.Draft{Name: model.Name(k.name)})
		if err != nil {
			return err
		}
		if k.used > 0 {
			if err := records.Touch(ctx, issued.Key.ID, now.Add(-k.used)); err != nil {
				return err
			}
		}
	}
	return nil
}
