//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// conditions says on what and beside what it was measured.
func conditions(fzfs []string) string {
	versions := make([]string, len(fzfs))
	for i, bin := range fzfs {
		versions[i] = "fzf " + firstLine(bin, "--version")
	}
	return fmt.Sprintf("Measured %s at %s on %s/%s with %d processors (%s), %s, %s; terminal %dx%d; load average at the beginning: %s.",
		time.Now().UTC().Format(time.DateOnly), commit(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(),
		runtime.Version(), strings.Join(versions, ", "), cols, rows, load())
}

// commit names what the tree is made of.
func commit() string {
	name := firstLine("git", "describe", "--always", "--dirty")
	if name == "" {
		return "an unknown commit"
	}
	return "commit " + name
}

// firstLine is the first line that a command prints, or nothing if it fails.
func firstLine(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}

// processor is the model of the first processor.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown model"
}

// load is the load average over 1, 5 and 15 minutes.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], " ")
}
