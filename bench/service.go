//go:build linux

package bench

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/google/uuid"

	"clavier/model"
	"clavier/store"
)

// Served is a store for a key service with as many keys as one likes, and some of their secrets.
type Served struct {
	// Store is the file. It is not to be opened but copied.
	Store string
	// Secrets are those of keys that are spread over the store.
	Secrets []model.Secret
	// Token is that of a key which may manage keys.
	Token model.Secret
}

// servedSecrets is how many secrets are kept of a Served.
const servedSecrets = 4096

// NewServed makes a store with n keys in dir, or takes the one that an earlier call left there: the same n give the same secrets.
func NewServed(dir string, n int) (*Served, error) {
	s := &Served{Store: filepath.Join(dir, fmt.Sprintf("served-%d.db", n))}
	every := max(n/servedSecrets, 1)
	material := mathrand.NewChaCha8([32]byte{1: byte(n), 2: byte(n >> 8), 3: byte(n >> 16)})
	var failed error
	records := func(yield func(model.Record) bool) {
		for i := range n {
			record, secret, err := servedRecord(material, i)
			if err != nil {
				failed = err
				return
			}
			if i == 0 {
				record.Key.Role, s.Token = model.RoleManage, secret
			}
			if i%every == 0 {
				s.Secrets = append(s.Secrets, secret)
			}
			if !yield(record) {
				return
			}
		}
	}
	_, err := os.Stat(s.Store)
	if err == nil {
		for range iter.Seq[model.Record](records) { // only for the secrets
		}
		return s, failed
	}
	err = filled(s.Store, func(st *store.Store) error {
		return errors.Join(st.Fill(context.Background(), records, model.Actor{By: "bench", From: "here"}), failed)
	})
	return s, err
}

// servedRecord draws the i-th key.
func servedRecord(material io.Reader, i int) (model.Record, model.Secret, error) {
	secret, err := model.DrawSecret(material, model.DefaultPrefix)
	if err != nil {
		return model.Record{}, model.Secret{}, err
	}
	id, err := uuid.NewV7FromReader(material)
	if err != nil {
		return model.Record{}, model.Secret{}, err
	}
	sealed, err := noise{}.Seal(secret)
	return model.Record{
		Key: model.Key{
			ID: id.String(), Name: fmt.Sprintf("key-%06d", i), Hint: secret.Hint(), Owner: "bench",
			CreatedAt: time.UnixMilli(1_700_000_000_000 + int64(i)*1000).UTC(), LastUse: model.LastUse{Reported: true},
		},
		Sealed: sealed,
	}, secret, err
}

// Unknown are as many well-formed secrets that no store has.
func Unknown(n int) ([]model.Secret, error) {
	secrets := make([]model.Secret, n)
	for i := range secrets {
		var err error
		if secrets[i], err = model.DrawSecret(rand.Reader, model.DefaultPrefix); err != nil {
			return nil, err
		}
	}
	return secrets, nil
}

// Broken are secrets whose last character was changed.
func Broken(secrets []model.Secret) []model.Secret {
	broken := make([]model.Secret, len(secrets))
	for i, secret := range secrets {
		text := []byte(secret.Reveal())
		last := &text[len(text)-1]
		if *last == '0' {
			*last = '1'
		} else {
			*last = '0'
		}
		broken[i] = model.NewSecret(string(text))
	}
	return broken
}

// Listener is a program that listens.
type Listener struct {
	Name, URL string
	// Ready is the time from exec until it was ready to answer.
	Ready time.Duration

	cmd *exec.Cmd
}

// Serve starts clavier serve over a copy of a store in dir, and waits until it is ready.
func Serve(dir string, s *Served) (*Listener, error) {
	bin, err := build(dir, "clavier")
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp(dir, "serve")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(home, "keys.db")
	if err := copyFile(file, s.Store); err != nil {
		return nil, err
	}
	cmd := exec.Command(bin, "serve", "--listen", "127.0.0.1:0", "--store", file, "--log-format", "json",
		"--bootstrap-file", filepath.Join(home, "management.key"))
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l := &Listener{Name: "clavier serve", cmd: cmd}
	lines := bufio.NewScanner(stderr)
	for l.URL == "" && lines.Scan() {
		var line struct {
			URL string `json:"url"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil {
			l.URL = line.URL
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stderr) }()
	if l.URL == "" {
		l.Stop()
		return nil, errors.New("clavier serve does not say where it listens")
	}
	for deadline := began.Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		response, err := http.Get(l.URL + "/readyz")
		if err != nil {
			continue
		}
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			l.Ready = time.Since(began)
			return l, nil
		}
	}
	l.Stop()
	return nil, errors.New("clavier serve does not become ready")
}

// Bare starts the handler that answers everything with 200.
func Bare(dir string) (*Listener, error) {
	bin, err := build(dir, "clavier/bench/bare")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(bin)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	l := &Listener{Name: "bare net/http", URL: line[:max(len(line)-1, 0)], cmd: cmd}
	if err != nil {
		l.Stop()
		return nil, fmt.Errorf("bare: %w", err)
	}
	return l, nil
}

// Memory is what the program holds.
func (l *Listener) Memory() (Memory, error) { return memory(l.cmd.Process.Pid) }

// Stop ends the program.
func (l *Listener) Stop() {
	_ = l.cmd.Process.Signal(syscall.SIGTERM)
	_ = l.cmd.Wait()
}
