package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Idle is what a subject does while nobody touches it.
type Idle struct {
	// Wakeups is the number of times a second that one of its threads had nothing
	// more to do and slept until the next time (voluntary context switches; the
	// others are those of a busy machine).
	Wakeups float64
	// CPU is the processor time it used a second.
	CPU time.Duration
}

// Memory is what a subject holds, in bytes.
type Memory struct {
	// Resident is VmRSS, Peak is VmHWM, Share is Pss: pages that several
	// processes use count in part.
	Resident, Peak, Share int64
}

// Idles lets a subject run untouched for the given time, after its first frame
// and a second to come to rest.
func Idles(s Subject, cols, rows int, during time.Duration) (Idle, Memory, error) {
	x, err := start(s, cols, rows)
	if err != nil {
		return Idle{}, Memory{}, fmt.Errorf("start %s: %w", s.Name, err)
	}
	defer x.stop()
	if _, err := x.frame(s.Ready); err != nil {
		return Idle{}, Memory{}, err
	}
	pid := x.cmd.Process.Pid
	mem, err := memory(pid)
	if err != nil {
		return Idle{}, Memory{}, err
	}
	x.hush(Quiet)
	<-time.After(time.Second)
	from := time.Now()
	switches, cpu, err := activity(pid)
	if err != nil {
		return Idle{}, Memory{}, err
	}
	<-time.After(during)
	switchesNow, cpuNow, err := activity(pid)
	if err != nil {
		return Idle{}, Memory{}, err
	}
	seconds := time.Since(from).Seconds()
	return Idle{
		Wakeups: float64(switchesNow-switches) / seconds,
		CPU:     time.Duration(float64(cpuNow-cpu) / seconds),
	}, mem, nil
}

// activity adds up the voluntary context switches and the processor time of all threads.
func activity(pid int) (switches int64, cpu time.Duration, err error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil || len(tasks) == 0 {
		return 0, 0, fmt.Errorf("no threads of process %d in /proc", pid)
	}
	for _, task := range tasks {
		status, err := os.ReadFile(filepath.Join(task, "status"))
		if err != nil {
			return 0, 0, err
		}
		switches += field(status, "voluntary_ctxt_switches:")
	}
	cpu, err = spent(pid)
	return switches, cpu, err
}

// spent is the processor time of all threads so far.
func spent(pid int) (cpu time.Duration, err error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil {
		return 0, err
	}
	for _, task := range tasks {
		// The first number of schedstat is the time on a processor in
		// nanoseconds; /proc/PID/stat counts in hundredths of a second.
		sched, err := os.ReadFile(filepath.Join(task, "schedstat"))
		if errors.Is(err, os.ErrNotExist) {
			continue // the thread has ended
		}
		if err != nil {
			return 0, err
		}
		text, _, _ := strings.Cut(string(sched), " ")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("%s/schedstat: %w", task, err)
		}
		cpu += time.Duration(n)
	}
	return cpu, nil
}

func memory(pid int) (Memory, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, err
	}
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return Memory{}, err
	}
	return Memory{
		Resident: field(status, "VmRSS:") << 10, Peak: field(status, "VmHWM:") << 10, Share: field(rollup, "Pss:") << 10,
	}, nil
}

// field is the number after a name at the beginning of a line.
func field(status []byte, name string) int64 {
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n
		}
	}
	return 0
}
