//go:build linux

package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"clavier/model"
	"clavier/store"
	"clavier/wire"
)

// Puts measures how long one caller waits for a new key: n times through a service that Serve has started with served, and n times
// for the durable insert of another copy of its store in dir, in turns. Dir must be on a drive.
func Puts(l *Listener, served *Served, dir string, n int) (through, direct Sample, err error) {
	file := filepath.Join(dir, "puts.db")
	if err := copyFile(file, served.Store); err != nil {
		return nil, nil, err
	}
	s, err := store.Open(context.Background(), file, store.WithManagers())
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = s.Close() }()
	for i := range n {
		record, _, err := servedRecord(rand.Reader, i)
		if err != nil {
			return nil, nil, err
		}
		record.Key.Name = "put " + rand.Text()
		began := time.Now()
		if err := s.Put(context.Background(), record, model.Actor{By: "bench", From: "here"}); err != nil {
			return nil, nil, err
		}
		direct = append(direct, time.Since(began))
		took, err := put(l, served.Token, record)
		if err != nil {
			return nil, nil, err
		}
		through = append(through, took)
	}
	return through, direct, nil
}

func put(l *Listener, token model.Secret, record model.Record) (time.Duration, error) {
	body, err := json.Marshal(wire.RecordOf(record, ""))
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPut, l.URL+wire.PathKeys+"/"+record.Key.ID, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+token.Reveal())
	request.Header.Set("Content-Type", "application/json")
	began := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	took := time.Since(began)
	if err != nil || response.StatusCode != http.StatusCreated {
		return 0, fmt.Errorf("PUT is answered %d %s, %w", response.StatusCode, text, err)
	}
	return took, nil
}

// Nginx starts an nginx that asks the server at a URL before it answers 200. It runs in one process, and keeps its connections open.
func Nginx(dir, name, asked string) (*Listener, error) {
	return startNginx(dir, name, hostOf(asked), false)
}

// Static starts an nginx that answers 200 to everything (behind), and two of those that Nginx starts: one that asks that, in a
// process of its own, and one that asks itself.
func Static(dir string) (behind, asking, itself *Listener, err error) {
	if behind, err = startNginx(dir, "static", "", false); err != nil {
		return nil, nil, nil, err
	}
	if asking, err = Nginx(dir, "nginx, static", behind.URL); err != nil {
		behind.Stop()
		return nil, nil, nil, err
	}
	if itself, err = startNginx(dir, "nginx, itself", "", true); err != nil {
		behind.Stop()
		asking.Stop()
	}
	return behind, asking, itself, err
}

const (
	nginxHead = `daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/errors;
events {}
http {
access_log off; keepalive_requests 1000000;
client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
`
	nginxStatic = `server { listen %s; location / { return 200 ""; } }
`
	nginxAsks = `upstream asked { server %[1]s; keepalive 64; keepalive_requests 1000000; }
server {
listen %[2]s;
location = /_ask { internal; proxy_pass http://asked/v1/verify; proxy_method GET; proxy_pass_request_body off;
 proxy_set_header Content-Length ""; proxy_http_version 1.1; proxy_set_header Connection ""; }
location / { auth_request /_ask; try_files /none @ok; }
location @ok { return 200 ""; }
}
`
)

// startNginx starts an nginx that asks an upstream, or itself; without either it answers 200 to everything.
func startNginx(dir, name, upstream string, itself bool) (*Listener, error) {
	work, err := os.MkdirTemp(dir, "nginx")
	if err != nil {
		return nil, err
	}
	own, err := freePort()
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(nginxHead, work)
	switch {
	case itself:
		if upstream, err = freePort(); err != nil {
			return nil, err
		}
		text += fmt.Sprintf(nginxStatic, upstream) + fmt.Sprintf(nginxAsks, upstream, own)
	case upstream != "":
		text += fmt.Sprintf(nginxAsks, upstream, own)
	default:
		text += fmt.Sprintf(nginxStatic, own)
	}
	file := filepath.Join(work, "nginx.conf")
	if err := os.WriteFile(file, []byte(text+"}\n"), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command("nginx", "-e", filepath.Join(work, "errors"), "-c", file)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l := &Listener{Name: name, URL: "http://" + own, cmd: cmd}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if conn, err := net.Dial("tcp", own); err == nil {
			return l, conn.Close()
		}
		if time.Now().After(deadline) {
			l.Stop()
			return nil, fmt.Errorf("nginx does not listen at %s", own)
		}
	}
}

func hostOf(url string) string {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return ""
	}
	return request.URL.Host
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
