package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// What a connection may take.
const (
	readWait  = 10 * time.Second // for headers and body together: a bound of its own for the headers costs a timer more a request
	writeWait = 60 * time.Second
	idleWait  = 2 * time.Minute
	maxHeader = 32 << 10 // bytes

	// stopWait is how long requests have to finish at the stop if nobody says.
	stopWait = 10 * time.Second
	// readyEvery is how often it is looked whether the server is ready, to tell the service manager.
	readyEvery = 50 * time.Millisecond
)

// ServeOptions say where and how a server serves.
type ServeOptions struct {
	// At is where it answers everybody. Required; Serve closes it.
	At *Listener
	// Metrics is where it answers at /metrics; nil for nowhere. Serve closes it.
	Metrics *Listener
	// Grace is how long requests have to finish at the stop; 10 s if 0.
	Grace time.Duration
}

// Serve runs the server until ctx ends: then it is no longer ready, stops accepting, lets requests finish, and writes the uses
// that are not noted yet. It does what Run does, too. It returns nil after a stop in good order. A service manager that set
// NOTIFY_SOCKET is told when the server is ready and when it stops.
func (s *Server) Serve(ctx context.Context, o ServeOptions) error {
	if o.Grace == 0 {
		o.Grace = stopWait
	}
	log := s.options.Log
	running, endRun := context.WithCancel(context.WithoutCancel(ctx)) // it outlives the requests
	defer endRun()
	failed := make(chan error, 3) //nolint:mnd // one for each that runs
	ran := make(chan error, 1)
	go func() {
		err := s.verify.run(running)
		if running.Err() == nil {
			failed <- fmt.Errorf("the service no longer follows its store: %w", err)
		}
		ran <- err
	}()

	servers := []*http.Server{s.serveAt(o.At, s.Handler(), failed)}
	if o.Metrics != nil {
		servers = append(servers, s.serveAt(o.Metrics, s.Metrics(), failed))
		log.Info("metrics are served", "at", o.Metrics.URL())
	}
	go s.tellReady(running)

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		log.Error("the service stops by itself", "err", shown(err.Error()))
	}
	began := time.Now()
	s.stopping.Store(true)
	s.tell(daemon.SdNotifyStopping)
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.Grace)
	defer cancel()
	for _, server := range servers {
		if stopErr := server.Shutdown(grace); stopErr != nil {
			log.Warn("requests were cut off at the stop", "after", o.Grace)
			_ = server.Close()
		}
	}
	endRun()
	if runErr := <-ran; err == nil {
		err = runErr
	}
	log.Info("the service has stopped", "took", time.Since(began))
	return err
}

// serveAt begins to answer at a listener.
func (s *Server) serveAt(at *Listener, handler http.Handler, failed chan<- error) *http.Server {
	server := &http.Server{
		Handler: handler, TLSConfig: at.tls, ErrorLog: errorLog(s.options.Log),
		DisableGeneralOptionsHandler: true, // it answers 200 to whoever asks
		ReadTimeout:                  readWait, WriteTimeout: writeWait, IdleTimeout: idleWait, MaxHeaderBytes: maxHeader,
	}
	go func() {
		var err error
		if at.tls != nil {
			err = server.ServeTLS(at.Listener, "", "")
		} else {
			err = server.Serve(at.Listener)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("the service can no longer listen at %s: %w", at.URL(), below(err))
		}
	}()
	return server
}

// tellReady tells the service manager once that the server is ready.
func (s *Server) tellReady(ctx context.Context) {
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for s.ready() != nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	s.options.Log.Info("the service is ready")
	s.tell(daemon.SdNotifyReady)
}

func (s *Server) tell(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.options.Log.Warn("the service manager could not be told", "err", shown(err.Error()))
	}
}
