package clip

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Here returns the Environment of this process.
func Here() Environment {
	return Environment{
		Getenv:    os.Getenv,
		LookPath:  exec.LookPath,
		GOOS:      runtime.GOOS,
		Ancestors: ancestors,
		Version:   VersionOf,
	}
}

// versionFlags is how to ask each program for its version; the others have no such flag.
var versionFlags = map[string]string{
	"tmux": "-V", "screen": "--version", "xclip": "-version", "xsel": "--version", "wl-copy": "--version", "wl-paste": "--version",
}

// VersionOf runs the program at path to ask for its version and returns the first line of its answer, or "" if it
// does not say within DefaultTimeout. It knows tmux, screen, xclip, xsel, wl-copy and wl-paste.
func VersionOf(path string) string {
	flag, ok := versionFlags[strings.TrimSuffix(filepath.Base(path), ".exe")]
	if !ok {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), DefaultTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, flag)
	cmd.SysProcAttr = ownSession()
	cmd.Cancel = func() error { return endSession(cmd.Process) }
	cmd.WaitDelay = afterKill
	out, err := cmd.CombinedOutput()
	// GNU screen answers --version with exit code 1.
	if err != nil && len(out) == 0 || ctx.Err() != nil {
		return ""
	}
	return firstLine(string(out))
}
