//go:build linux

// Package packaging holds what stands in the folder packaging to the programs that read it.
package packaging

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"clavier/e2e/program"
	"clavier/e2e/term"
)

func TestMain(m *testing.M) {
	code := m.Run()
	program.Clean()
	os.Exit(code)
}

func need(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		term.Missing(t, tool+" is not installed")
	}
}

// TestUnit has systemd read the unit.
func TestUnit(t *testing.T) {
	need(t, "systemd-analyze")
	text, err := os.ReadFile("../../packaging/clavier.service")
	if err != nil {
		t.Fatal(err)
	}
	const installed = "/usr/bin/clavier"
	if !bytes.Contains(text, []byte("ExecStart="+installed+" serve\n")) {
		t.Fatalf("the unit does not start %s", installed)
	}
	// Manual pages need not be installed here.
	text = regexp.MustCompile(`(?m)^Documentation=.*\n`).ReplaceAll(bytes.ReplaceAll(text, []byte(installed), []byte(program.Path(t))), nil)
	unit := filepath.Join(t.TempDir(), "clavier.service")
	if err := os.WriteFile(unit, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", unit).CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("systemd says: %v: %s", err, out)
	}
}

// TestContainer builds the container file and runs what is in the image, with its settings and as its user.
func TestContainer(t *testing.T) {
	need(t, "buildah")
	if os.Getuid() != 0 {
		term.Missing(t, "only root can run a program in a directory as its root")
	}
	dir, err := os.MkdirTemp("", "clavier-image")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	context := filepath.Join(dir, "context")
	if err := os.MkdirAll(filepath.Join(context, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(program.Path(t))
	if err == nil {
		err = os.WriteFile(filepath.Join(context, "clavier"), binary, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	buildah := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("buildah", append([]string{
			"--root", filepath.Join(dir, "images"), "--runroot", filepath.Join(dir, "run"), "--storage-driver", "vfs",
		}, args...)...)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("buildah %s: %v: %s", args[0], err, said.String())
		}
		return strings.TrimSpace(string(out))
	}
	buildah("bud", "--isolation", "chroot", "-t", "clavier", "-f", "../../packaging/Containerfile", context)
	image := buildah("from", "clavier")
	root := buildah("mount", image)
	t.Cleanup(func() { buildah("umount", image) })
	settings := strings.Fields(buildah("inspect", "--format", "{{range .OCIv1.Config.Env}}{{.}} {{end}}", image))
	if user := buildah("inspect", "--format", "{{.OCIv1.Config.User}}", image); user != "65532:65532" {
		t.Errorf("the image runs as %q", user)
	}

	cmd := exec.Command("/clavier", "serve", "--listen", "127.0.0.1:0", "--log-format", "json")
	cmd.Path, cmd.Env, cmd.Dir = "/clavier", settings, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the service ends with %v", err)
		}
	})
	var said strings.Builder
	lines := bufio.NewScanner(stderr)
	url := ""
	for url == "" && lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if found := regexp.MustCompile(`"url":"(http://[^"]*)"`).FindStringSubmatch(lines.Text()); found != nil {
			url = found[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stderr) }()
	if url == "" {
		t.Fatalf("the service does not listen: %s", said.String())
	}
	for deadline := time.Now().Add(term.Patience()); ; time.Sleep(5 * time.Millisecond) {
		response, err := http.Get(url + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the service does not become ready")
		}
	}
	key, err := os.ReadFile(filepath.Join(root, "data", "management.key"))
	if err != nil || len(key) == 0 {
		t.Errorf("the image has no management key: %v", err)
	}
}
