package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics count what a server does. The verifying half counts by itself and is asked when somebody looks.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(g gate) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clavier_request_duration_seconds", Help: "How long requests to manage keys took, by route and status.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "status"}),
	}
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for outcome, count := range map[string]func() uint64{
		"allowed": func() uint64 { allowed, _, _ := g.stats(); return allowed },
		"denied":  func() uint64 { _, denied, _ := g.stats(); return denied },
		"unsure":  func() uint64 { _, _, unsure := g.stats(); return unsure },
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "clavier_verify_total", Help: "Answers to whether a secret belongs to a live key, by outcome.",
			ConstLabels: prometheus.Labels{"outcome": outcome},
		}, func() float64 { return float64(count()) }))
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "clavier_ready", Help: "Whether the service can answer for keys: 1 or 0.",
	}, func() float64 {
		if g.ready() != nil {
			return 0
		}
		return 1
	}))
	return m
}

// observe counts a request. A route is a pattern of ours, never what a client wrote.
func (m *metrics) observe(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	answer := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		switch {
		case r.URL.Path != "/metrics":
			plain(http.StatusNotFound, "there is nothing here but /metrics").write(w)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			plain(http.StatusMethodNotAllowed, "metrics are read with GET").with("Allow", "GET, HEAD").write(w)
		default:
			answer.ServeHTTP(w, r)
		}
	})
}
