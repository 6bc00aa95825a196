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

func newMetrics(v *verifier) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clavier_request_duration_seconds", Help: "How long requests to manage keys took, by route and status.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "status"}),
	}
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.count("clavier_verify_total", "Answers to whether a secret belongs to a live key, by outcome.", "allowed",
		func() uint64 { allowed, _, _ := v.stats(); return allowed })
	m.count("clavier_verify_total", "Answers to whether a secret belongs to a live key, by outcome.", "denied",
		func() uint64 { _, denied, _ := v.stats(); return denied })
	m.count("clavier_verify_total", "Answers to whether a secret belongs to a live key, by outcome.", "unsure",
		func() uint64 { _, _, unsure := v.stats(); return unsure })
	m.count("clavier_uses_lost_total", "Uses of keys that could not be kept until they were written.", "",
		func() uint64 { _, lost := v.uses.waiting(); return lost })
	m.gauge("clavier_uses_waiting", "Keys whose last use is not written yet.", func() float64 {
		waiting, _ := v.uses.waiting()
		return float64(waiting)
	})
	m.gauge("clavier_keys", "Keys that the service can verify.", func() float64 { return float64(v.size()) })
	m.gauge("clavier_unsure_seconds", "How long ago the store was asked for what the service knows of the keys.", func() float64 {
		return v.unsureFor().Seconds()
	})
	m.gauge("clavier_ready", "Whether the service can answer for keys: 1 or 0.", func() float64 {
		if v.ready() != nil {
			return 0
		}
		return 1
	})
	return m
}

// count adds a number that grows and is asked for when somebody looks.
func (m *metrics) count(name, help, outcome string, value func() uint64) {
	options := prometheus.CounterOpts{Name: name, Help: help}
	if outcome != "" {
		options.ConstLabels = prometheus.Labels{"outcome": outcome}
	}
	m.registry.MustRegister(prometheus.NewCounterFunc(options, func() float64 { return float64(value()) }))
}

// gauge adds a number that is asked for when somebody looks.
func (m *metrics) gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
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
