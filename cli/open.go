package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/user"
	"strconv"
	"strings"

	"clavier/client"
	"clavier/client/remote"
	"clavier/config"
	"clavier/model"
	"clavier/seal"
	"clavier/store"
	"clavier/ui"
)

// settings returns what is in force, from the flags, the environment and the settings file. It makes nothing. Settings
// that are refused are wrong use.
func (a *app) settings() (*config.Config, error) {
	if a.loaded != nil {
		return a.loaded, nil
	}
	loaded, err := a.readSettings()
	if err != nil {
		return nil, err
	}
	a.loaded = loaded
	return loaded, nil
}

// readSettings reads what is in force at this moment.
func (a *app) readSettings() (*config.Config, error) {
	source := config.Source{Path: a.flags.config, Flags: map[string]string{}, CheckRecipient: seal.CheckRecipient}
	if a.given("profile") {
		source.Flags["profile"] = a.flags.profile
	}
	loaded, err := config.Load(source)
	if refused := (*config.Error)(nil); errors.As(err, &refused) {
		return nil, wrongUse(err)
	}
	return loaded, err
}

// profile returns the profile that is meant.
func (a *app) profile() (config.Profile, error) {
	settings, err := a.settings()
	if err != nil {
		return config.Profile{}, err
	}
	return settings.Profile("")
}

// vault returns what seals and unseals for the profile that is meant. It touches no file.
func (a *app) vault() (*seal.Vault, error) {
	profile, err := a.profile()
	if err != nil {
		return nil, err
	}
	return a.vaultOf(profile)
}

// vaultOf returns what seals and unseals for a profile. Profiles that share an identity and recipients share it, so that who has
// opened the identity once need not do so again.
func (a *app) vaultOf(profile config.Profile) (*seal.Vault, error) {
	a.vaults.mu.Lock()
	defer a.vaults.mu.Unlock()
	whose := fmt.Sprintf("%q", append([]string{profile.Identity}, profile.Recipients...))
	if vault, ok := a.vaults.all[whose]; ok {
		return vault, nil
	}
	vault, err := vaultOf(profile)
	if err != nil {
		return nil, err
	}
	if a.vaults.all == nil {
		a.vaults.all = map[string]*seal.Vault{}
	}
	a.vaults.all[whose] = vault
	return vault, nil
}

func vaultOf(profile config.Profile) (*seal.Vault, error) {
	return seal.Open(sealOptions(profile))
}

func sealOptions(profile config.Profile) seal.Options {
	return seal.Options{
		IdentityPath: profile.Identity,
		Own:          profile.IdentityOwn,
		Recipients:   profile.Recipients,
	}
}

// place is a profile that is open: its provider and what has to be closed.
type place struct {
	// Keeper is what every provider does.
	*client.Keeper
	// Issuer makes keys too; nil if those of the profile are made elsewhere. See issues.
	Issuer  *client.Issuer
	profile config.Profile
	vault   *seal.Vault
	store   io.Closer
	service *remote.Remote // the same if it is a key service; else nil
}

// issues returns the provider that makes keys. If the profile has none, the error is wrong use and says what to do instead.
func (p *place) issues(instead string) (*client.Issuer, error) {
	if p.Issuer == nil {
		return nil, usagef("the keys of the profile %s are made elsewhere: %s", quote(p.profile.Name), instead)
	}
	return p.Issuer, nil
}

// close closes the store. What was acknowledged is durable already, so there is nothing to say if that fails.
func (p *place) close() { _ = p.store.Close() }

// within opens the profile that is meant, makes its store if there is none, and closes it after use has returned.
func (a *app) within(ctx context.Context, use func(*place) error) error {
	profile, err := a.profile()
	if err != nil {
		return err
	}
	p, err := a.open(ctx, profile, a.unlock)
	if err != nil {
		return err
	}
	defer p.close()
	return use(p)
}

// open opens a profile. If its token has to be unsealed and the identity is locked, ask opens that; nobody is asked if it is nil.
func (a *app) open(ctx context.Context, profile config.Profile, ask unlocking) (*place, error) {
	vault, err := a.vaultOf(profile)
	if err != nil {
		return nil, err
	}
	return openWith(ctx, profile, vault, ask)
}

// openUnasked opens a profile for what has the terminal and asks by itself.
func (a *app) openUnasked(ctx context.Context, profile config.Profile) (*place, error) {
	return a.open(ctx, profile, nil)
}

func openWith(ctx context.Context, profile config.Profile, vault *seal.Vault, ask unlocking) (*place, error) {
	if isService(profile) {
		return openService(profile, vault, ask)
	}
	records, err := store.Open(ctx, profile.Store)
	if err != nil {
		return nil, err
	}
	issuer := &client.Issuer{Keeper: client.Keeper{Records: records, Vault: vault, Actor: actor()}, Prefix: profile.Prefix}
	p := &place{Keeper: &issuer.Keeper, profile: profile, vault: vault, store: records}
	if issues(profile) {
		p.Issuer = issuer
	}
	return p, nil
}

// issues reports whether the keys of a profile are made here.
func issues(profile config.Profile) bool { return profile.Provider != config.ProviderManual }

// opening opens a profile.
type opening func(ctx context.Context, profile config.Profile) (*place, error)

// lazyPlace returns a profile that is opened at its first use. It offers what the provider of the profile offers.
func lazyPlace(profile config.Profile, open opening) lazyService {
	start := func(ctx context.Context) (*place, error) { return open(ctx, profile) }
	switch {
	case isService(profile):
		return &lazyRemote{lazyIssuer: lazyIssuer{lazyKeeper{lazy{start: start}}}, memory: newMemory(profile)}
	case issues(profile):
		return &lazyIssuer{lazyKeeper{lazy{start: start}}}
	}
	return &lazyKeeper{lazy{start: start}}
}

// actor says who runs this program, and from where.
func actor() model.Actor {
	return model.Actor{By: userName(), From: location(os.Hostname, os.Getenv)}
}

// userName returns the operating system's name for who runs this program, or the number if there is no name.
func userName() string {
	if me, err := user.Current(); err == nil && me.Username != "" {
		return me.Username
	}
	return "user " + strconv.Itoa(os.Getuid())
}

// location returns the host name, and the address of the SSH client if there is one: "jump, from 192.0.2.7".
func location(hostname func() (string, error), getenv func(string) string) string {
	host, err := hostname()
	if err != nil || host == "" {
		host = "unknown host"
	}
	address, _, _ := strings.Cut(getenv("SSH_CONNECTION"), " ")
	if _, err := netip.ParseAddr(address); err != nil {
		return host
	}
	return host + ", from " + address
}

// shownProfile is a profile as the screen shows it.
func shownProfile(profile config.Profile) ui.Profile {
	return ui.Profile{Name: profile.Name, Place: placeName(profile), Protect: profile.Protect}
}

// placeName says where the keys of a profile are.
func placeName(profile config.Profile) string {
	if isService(profile) {
		return model.Display(model.ServiceHost(profile.URL))
	}
	return "this machine"
}
