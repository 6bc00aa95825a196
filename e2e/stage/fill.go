package main

import (
	"context"
	"errors"
	"flag"
	"strconv"
	"time"

	"clavier/demo"
	"clavier/e2e/crowd"
	"clavier/seal"
)

// fill makes a store with a crowd of so many keys, as of a moment in RFC 3339. The secrets are sealed to the identity,
// which is made if there is none; without one they cannot be had again, which is a hundred times quicker.
func fill(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("fill", flag.ContinueOnError)
	identity := flags.String("identity", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	keys, err := strconv.Atoi(flags.Arg(1))
	if err != nil {
		return err
	}
	now, err := time.Parse(time.RFC3339Nano, flags.Arg(2))
	if err != nil {
		return err
	}
	var vault demo.Sealer
	if *identity == "" {
		vault, err = demo.NewVault()
	} else {
		vault, err = seal.Open(seal.Options{IdentityPath: *identity, Own: true})
	}
	if err != nil {
		return err
	}
	if flags.Arg(0) == "" {
		return errors.New("fill which store?")
	}
	return crowd.Options{Keys: keys, Now: now}.Fill(ctx, flags.Arg(0), vault)
}
