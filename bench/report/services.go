//go:build linux

package main

import (
	"fmt"
	"net/http"
	"time"

	"clavier/bench"
	"clavier/model"
	"clavier/wire"
)

const (
	servedKeys = 1_000_000
	putRounds  = 300
	// loadFor is how long one load lasts at a time.
	loadFor = 3 * time.Second
)

// services measures the key service.
func services(r *run) error {
	served, err := bench.NewServed(r.cache, servedKeys)
	if err != nil {
		return err
	}
	small, err := bench.NewServed(r.cache, 1)
	if err != nil {
		return err
	}
	empty, err := bench.Serve(r.dir, small)
	if err != nil {
		return err
	}
	least, err := empty.Memory()
	empty.Stop()
	if err != nil {
		return err
	}
	clavier, err := bench.Serve(r.dir, served)
	if err != nil {
		return err
	}
	defer clavier.Stop()
	full, err := clavier.Memory()
	if err != nil {
		return err
	}
	each := float64(full.Resident-least.Resident) / servedKeys
	table("key service, 1 000 000 keys, embedded store", "ready after (ms)", "resident (MB)", "with one key (MB)", "bytes a key")
	fmt.Printf("| clavier serve | %s | %.1f | %.1f | %.0f |\n", ms(clavier.Ready), mb(full.Resident), mb(least.Resident), each)
	r.found.below(3, clavier.Ready.Seconds(), " s", "start with 1 000 000 keys until ready")
	r.found.atMost(200, each, "", "resident bytes a key among 1 000 000")

	rounds := max(min(r.rounds/5, 20), 3)
	if err := r.verifies(clavier, served, rounds); err != nil {
		return err
	}
	if err := r.behindNginx(clavier, served, rounds); err != nil {
		return err
	}
	return r.puts(clavier, served)
}

// verifies measures answers to good and bad keys beside a handler that looks at nothing.
func (r *run) verifies(clavier *bench.Listener, served *bench.Served, rounds int) error {
	bare, err := bench.Bare(r.dir)
	if err != nil {
		return err
	}
	defer bare.Stop()
	unknown, err := bench.Unknown(len(served.Secrets))
	if err != nil {
		return err
	}
	var loads []bench.Load
	for _, l := range []struct {
		name, url string
		want      int
		secrets   []model.Secret
	}{
		{"bare handler", bare.URL, http.StatusOK, served.Secrets},
		{"live key", clavier.URL, http.StatusOK, served.Secrets},
		{"unknown key", clavier.URL, http.StatusUnauthorized, unknown},
		{"wrong checksum", clavier.URL, http.StatusUnauthorized, bench.Broken(served.Secrets)},
	} {
		load, err := bench.NewLoad(r.dir, l.name, l.url+wire.PathVerify, l.want, l.secrets)
		if err != nil {
			return err
		}
		loads = append(loads, load)
	}
	found, err := bench.RunLoads(loads, rounds, loadFor)
	if err != nil {
		return err
	}
	loaded(fmt.Sprintf("verify over loopback, 32 connections, %d times %v each", rounds, loadFor), loads, found, 0)
	speed, tail := found[1].Ratios(found[0])
	r.found.atLeast(0.85, speed, "", "verify of a live key, requests a second to a bare handler")
	r.found.atMost(1.3, tail, "", "verify of a live key, p99 to a bare handler")
	for i := 2; i < len(found); i++ {
		speed, _ := found[i].Ratios(found[1])
		r.found.atLeast(1, speed, "", "verify: "+loads[i].Name+", requests a second to a live key")
	}
	return r.flood(loads[1], loads[2], loads[3])
}

// flood measures good keys beside a flood of others: of good ones first, then of bad ones.
func (r *run) flood(good bench.Load, floods ...bench.Load) error {
	const rounds = 5
	table("live keys, while as many connections present", "requests/s", "p50 (ms)", "p99 (ms)", "requests/s to the first row")
	var first bench.Runs
	for _, flood := range append([]bench.Load{good}, floods...) {
		var runs bench.Runs
		for range rounds {
			ended := make(chan error, 1)
			go func() {
				_, err := flood.Run(loadFor)
				ended <- err
			}()
			found, err := good.Run(loadFor)
			if err := <-ended; err != nil {
				return err
			}
			if err != nil {
				return err
			}
			runs = append(runs, found)
		}
		if first == nil {
			first = runs
		}
		speed, _ := runs.Ratios(first)
		fmt.Printf("| %s | %.0f | %s | %s | %.2f |\n", flood.Name, runs.PerSecond(), ms(runs.P50()), ms(runs.P99()), speed)
		if len(runs) > 0 && flood.Want != good.Want {
			r.found.atLeast(0.95, speed, "", "live keys beside a flood of "+flood.Name+", to one of live keys")
		}
	}
	return nil
}

// behindNginx measures an nginx that asks the service, beside the same one that asks for nothing: another nginx, or itself.
func (r *run) behindNginx(clavier *bench.Listener, served *bench.Served, rounds int) error {
	behind, static, itself, err := bench.Static(r.dir)
	if err != nil {
		return err
	}
	defer behind.Stop()
	defer static.Stop()
	defer itself.Stop()
	bare, err := bench.Bare(r.dir)
	if err != nil {
		return err
	}
	defer bare.Stop()
	listeners := []*bench.Listener{static}
	for _, asked := range []struct{ name, url string }{{"nginx, service", clavier.URL}, {"nginx, bare handler", bare.URL}} {
		l, err := bench.Nginx(r.dir, asked.name, asked.url)
		if err != nil {
			return err
		}
		defer l.Stop()
		listeners = append(listeners, l)
	}
	var loads []bench.Load
	for _, l := range append(listeners, itself) {
		load, err := bench.NewLoad(r.dir, l.Name, l.URL+"/", http.StatusOK, served.Secrets)
		if err != nil {
			return err
		}
		loads = append(loads, load)
	}
	found, err := bench.RunLoads(loads, rounds, loadFor)
	if err != nil {
		return err
	}
	loaded("nginx with auth_request, 32 connections", loads, found, 0)
	const what = "nginx with the service behind auth_request, requests a second to a static return 200 "
	speed, _ := found[1].Ratios(found[0])
	r.found.atLeast(0.9, speed, "", what+"behind it")
	speed, _ = found[1].Ratios(found[3])
	r.found.atLeast(0.9, speed, "", what+"of its own process")
	return nil
}

// puts measures new keys.
func (r *run) puts(clavier *bench.Listener, served *bench.Served) error {
	through, direct, err := bench.Puts(clavier, served, r.dir, putRounds)
	if err != nil {
		return err
	}
	table(fmt.Sprintf("a new key, %d times in turns", putRounds), "median (ms)", "p90 (ms)")
	fmt.Printf("| durable insert of the store | %s | %s |\n", ms(direct.Median()), ms(direct.Quantile(0.9)))
	fmt.Printf("| PUT over HTTP | %s | %s |\n", ms(through.Median()), ms(through.Quantile(0.9)))
	r.found.atMost(1.5, ratio(through.Median(), direct.Median()), "", "create over HTTP, to a durable insert of the store")
	return nil
}

// loaded prints what came of loads, beside the one at place to.
func loaded(what string, loads []bench.Load, found []bench.Runs, to int) {
	table(what, "requests/s", "p50 (ms)", "p99 (ms)", "requests/s to "+loads[to].Name, "p99 to it")
	for i, l := range loads {
		speed, tail := found[i].Ratios(found[to])
		fmt.Printf("| %s | %.0f | %s | %s | %.2f | %.2f |\n", l.Name, found[i].PerSecond(), ms(found[i].P50()), ms(found[i].P99()), speed, tail)
	}
}
