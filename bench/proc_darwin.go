package bench

import "time"

// spent is not known here: no time.
func spent(int) (time.Duration, error) { return 0, nil }
