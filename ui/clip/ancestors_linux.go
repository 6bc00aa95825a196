package clip

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// ancestors names the programs above this one, parent first, from /proc.
func ancestors() []string {
	var names []string
	for pid := os.Getppid(); pid > 1 && len(names) < 64; {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			break
		}
		name, parent, ok := parseStat(string(stat))
		if !ok {
			break
		}
		names = append(names, name)
		pid = parent
	}
	return names
}

// parseStat reads the name and the parent from /proc/PID/stat: "PID (name) state parent ...". The name may hold
// anything, parentheses and spaces included, so the last parenthesis ends it.
func parseStat(stat string) (name string, parent int, ok bool) {
	from, to := strings.IndexByte(stat, '('), strings.LastIndexByte(stat, ')')
	if from < 0 || to < from {
		return "", 0, false
	}
	fields := strings.Fields(stat[to+1:])
	if len(fields) < 2 {
		return "", 0, false
	}
	parent, err := strconv.Atoi(fields[1])
	return stat[from+1 : to], parent, err == nil
}
