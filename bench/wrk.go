//go:build linux

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"clavier/model"
)

// Load is a stream of requests, each with the next one of some secrets.
type Load struct {
	Name string
	// URL is asked, over Connections that stay open.
	URL         string
	Connections int
	// Want is the status that every answer must have.
	Want int

	script string
}

// Loaded is what came of a load in one run.
type Loaded struct {
	// PerSecond is how many requests were answered.
	PerSecond float64
	// P50 and P99 are times from a request to its answer.
	P50, P99 time.Duration
}

// NewLoad makes a load that presents these secrets in turn.
func NewLoad(dir, name, url string, want int, secrets []model.Secret) (Load, error) {
	l := Load{Name: name, URL: url, Connections: 32, Want: want, script: filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".lua")}
	var b strings.Builder
	b.WriteString("local secrets = {\n")
	for _, secret := range secrets {
		fmt.Fprintf(&b, "%q,\n", "Bearer "+secret.Reveal())
	}
	// wrk runs response in each thread, and tells what the threads have counted only in done.
	fmt.Fprintf(&b, `}
local n, threads = 0, {}
wrong = 0
function setup(thread) table.insert(threads, thread) end
function request()
  n = n %% #secrets + 1
  return wrk.format("GET", nil, { ["Authorization"] = secrets[n] })
end
function done(summary, latency)
  io.write(string.format("RESULT %%d %%d %%d %%d %%d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
`)
	return l, os.WriteFile(l.script, []byte(b.String()), 0o600)
}

var wrkResult = regexp.MustCompile(`RESULT (\d+) (\d+) (\d+) (\d+) (\d+)`)

// Run has wrk make the load for a while.
func (l Load) Run(during time.Duration) (Loaded, error) {
	out, err := exec.Command("wrk", "-t1", "-c"+strconv.Itoa(l.Connections), fmt.Sprintf("-d%ds", max(int(during.Seconds()), 1)),
		"-s", l.script, l.URL).CombinedOutput()
	if err != nil {
		return Loaded{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	found := wrkResult.FindStringSubmatch(string(out))
	if found == nil {
		return Loaded{}, fmt.Errorf("wrk says %s", out)
	}
	var n [5]float64
	for i := range n {
		n[i], _ = strconv.ParseFloat(found[i+1], 64)
	}
	// wrk counts a status of 400 and above as an error.
	switch wrong := n[4]; {
	case l.Want < 400 && wrong > 0, l.Want >= 400 && wrong != n[0]:
		return Loaded{}, fmt.Errorf("%s: of %.0f answers %.0f are 400 or above, and %d was wanted", l.Name, n[0], wrong, l.Want)
	}
	return Loaded{
		PerSecond: n[0] / (n[1] / 1e6), P50: time.Duration(n[2]) * time.Microsecond, P99: time.Duration(n[3]) * time.Microsecond,
	}, nil
}

// Runs are those of one load.
type Runs []Loaded

// RunLoads runs each load rounds times, in turns, beginning with another one each time; the first round is not kept.
func RunLoads(loads []Load, rounds int, during time.Duration) ([]Runs, error) {
	all := make([]Runs, len(loads))
	for round := range rounds + 1 {
		for turn := range loads {
			i := (turn + round) % len(loads)
			found, err := loads[i].Run(during)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				all[i] = append(all[i], found)
			}
		}
	}
	return all, nil
}

// of returns one figure of all runs.
func (r Runs) of(figure func(Loaded) time.Duration) Sample {
	sample := make(Sample, len(r))
	for i, l := range r {
		sample[i] = figure(l)
	}
	return sample
}

// PerSecond is the median of the requests a second.
func (r Runs) PerSecond() float64 {
	return float64(r.of(func(l Loaded) time.Duration { return time.Duration(l.PerSecond * 1000) }).Median()) / 1000
}

// P50 and P99 are the medians of the runs' own.
func (r Runs) P50() time.Duration {
	return r.of(func(l Loaded) time.Duration { return l.P50 }).Median()
}

// P99 is the median of the 99th percentiles of the runs.
func (r Runs) P99() time.Duration {
	return r.of(func(l Loaded) time.Duration { return l.P99 }).Median()
}

// Ratios are the medians of r to other, run by run: of the requests a second, and of the 99th percentiles.
func (r Runs) Ratios(other Runs) (perSecond, p99 float64) {
	const scale = 1e6
	speed, tail := make(Sample, len(r)), make(Sample, len(r))
	for i := range r {
		speed[i] = time.Duration(r[i].PerSecond / other[i].PerSecond * scale)
		tail[i] = time.Duration(float64(r[i].P99) / float64(other[i].P99) * scale)
	}
	return float64(speed.Median()) / scale, float64(tail.Median()) / scale
}
