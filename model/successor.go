package model

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// successorMonth is what an earlier rotation has put behind a name: a month, and a number if that was taken.
var successorMonth = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(` \d{4}-(?:0[1-9]|1[0-2])(?: \d{1,3})?$`) })

// SuccessorName proposes the name of the key that replaces the one called old: its name with the month of now, such as
// "production 2026-11", without the month of an earlier rotation, cut so that the whole has at most MaxNameLen characters,
// and with a number behind it if taken says that a key has the name already. The month is that of now's location. A name
// that ParseName would not take is replaced by "key".
func SuccessorName(old string, now time.Time, taken func(name string) bool) Name {
	base := successorMonth().ReplaceAllString(old, "")
	month := now.Format(" 2006-01")
	for n := 1; ; n++ {
		suffix := month
		if n > 1 {
			suffix += " " + strconv.Itoa(n)
		}
		for _, b := range []string{base, "key"} {
			runes := []rune(b)
			start := strings.TrimRight(string(runes[:min(len(runes), MaxNameLen-len(suffix))]), " ")
			name, err := ParseName(start + suffix)
			if err != nil || start == "" {
				continue
			}
			if n > maxSuccessors || !taken(string(name)) {
				return name
			}
			break
		}
	}
}

// maxSuccessors bounds the names that are tried; the store says whether the last one is taken.
const maxSuccessors = 999

// ParseGrace reads how long an old key goes on working: a span of at most MaxGrace, such as 24h or 7d, or 0 for not at all. The
// error is a sentence that says what is wrong.
func ParseGrace(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	grace, err := ParseSpan(text)
	if err != nil {
		return 0, err
	}
	if grace > MaxGrace {
		return 0, fmt.Errorf("%s is longer than %d days", quoteShort(text), int(MaxGrace/day))
	}
	return grace, nil
}
