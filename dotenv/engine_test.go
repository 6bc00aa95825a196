package dotenv

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func has(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// TestDocker reads by docker's rules: everything after the first = belongs to the value. Where there is a docker, it reads the file
// too, and sends what it has read to an engine that is this test.
func TestDocker(t *testing.T) {
	want := numbered(append(values(t), random(300, special)...))
	text := written(t, Docker, want)
	got := map[string]string{}
	scanner := bufio.NewScanner(strings.NewReader(text))
	for scanner.Scan() {
		if line := strings.TrimLeft(scanner.Text(), " \t"); line != "" && line[0] != '#' {
			name, value, _ := strings.Cut(line, "=")
			got[name] = value
		}
	}
	wantAll(t, got, want)
	t.Run("docker", func(t *testing.T) {
		if !has("docker") {
			t.Skip("docker is not installed")
		}
		wantAll(t, readByDocker(t, text), want)
	})
}

func readByDocker(t *testing.T, text string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, "engine.sock"))
	if err != nil {
		t.Fatal(err)
	}
	type container struct{ Env []string }
	made := make(chan container, 1)
	engine := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.41")
		w.Header().Set("Content-Type", "application/json")
		if !strings.HasSuffix(r.URL.Path, "/containers/create") {
			_, _ = w.Write([]byte("{}"))
			return
		}
		var asked container
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		made <- asked
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"Id":"0000"}`))
	})}
	go func() { _ = engine.Serve(listener) }()
	defer func() { _ = engine.Close() }()
	file := filepath.Join(dir, "variables")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "docker", "create", "--pull", "never", "--env-file", file, "image")
	cmd.Env = []string{"DOCKER_HOST=unix://" + filepath.Join(dir, "engine.sock"), "HOME=" + dir, "PATH=" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("docker: %v %s", err, out)
	}
	got := map[string]string{}
	for _, entry := range (<-made).Env {
		name, value, _ := strings.Cut(entry, "=")
		got[name] = value
	}
	return got
}

// TestSystemd reads by the rules of systemd.exec(5); and has systemd's own reader of environment files read it, where there is one.
func TestSystemd(t *testing.T) {
	want := numbered(append(append(values(t), breaks...), random(300, special)...))
	got := map[string]string{}
	for rest := written(t, Systemd, want); rest != ""; {
		name, quoted, ok := strings.Cut(rest, `="`)
		if !ok {
			t.Fatalf("no assignment in %q", rest)
		}
		var value strings.Builder
		i := 0
		for ; quoted[i] != '"'; i++ {
			if quoted[i] == '\\' {
				i++
				if !strings.ContainsRune("\"\\`$", rune(quoted[i])) {
					t.Fatalf("a backslash before %q means something else", quoted[i])
				}
			}
			value.WriteByte(quoted[i])
		}
		got[name] = value.String()
		rest = strings.TrimPrefix(quoted[i+1:], "\n")
	}
	wantAll(t, got, want)
	t.Run("systemd", func(t *testing.T) {
		// It reads environment.d(5) by the same parser as EnvironmentFile=, and then puts variables in for $NAME, which the
		// latter does not: values with a $ are left out.
		const generator = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator"
		if _, err := os.Stat(generator); err != nil {
			t.Skip("systemd is not installed")
		}
		var some []Pair
		for _, p := range want {
			if !strings.Contains(p.Value.Reveal(), "$") {
				some = append(some, p)
			}
		}
		dir := t.TempDir()
		folder := filepath.Join(dir, "environment.d")
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "x.conf"), []byte(written(t, Systemd, some)), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), generator)
		cmd.Env = []string{"XDG_CONFIG_HOME=" + dir, "HOME=" + dir}
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for line := range strings.Lines(string(out)) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			got[name] = printedBySystemd(t, value)
		}
		wantAll(t, got, some)
	})
}

// printedBySystemd takes the quotes and C escapes off that systemd prints values with.
func printedBySystemd(t *testing.T, printed string) string {
	t.Helper()
	inside, quoted := strings.CutPrefix(strings.TrimPrefix(printed, "$"), `"`)
	if !quoted {
		return printed
	}
	inside = strings.TrimSuffix(inside, `"`)
	var value strings.Builder
	for i := 0; i < len(inside); i++ {
		if inside[i] != '\\' {
			value.WriteByte(inside[i])
			continue
		}
		i++
		if c, ok := map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'a': 7, 'b': 8, 'f': 12, 'v': 11}[inside[i]]; ok {
			value.WriteByte(c)
		} else if inside[i] >= '0' && inside[i] <= '7' {
			n, err := strconv.ParseUint(inside[i:i+3], 8, 8)
			if err != nil {
				t.Fatal(err)
			}
			value.WriteByte(byte(n))
			i += 2
		} else {
			value.WriteByte(inside[i])
		}
	}
	return value.String()
}
