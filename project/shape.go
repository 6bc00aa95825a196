package project

import (
	"bytes"
	"regexp"
	"sync"

	"clavier/model"
)

// shapes are those of well-known secrets, as the platforms that make them describe them. No name of a key is like one of them.
// They are compiled at their first use: starting does not wait for it.
var shapes = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(` +
		`sk-[0-9A-Za-z_-]{20,}` + // OpenAI, Anthropic and others
		`|gh[opsru]_[0-9A-Za-z]{30,}|github_pat_[0-9A-Za-z_]{22,}|glpat-[0-9A-Za-z_-]{20,}` + // GitHub, GitLab
		`|(AKIA|ASIA)[0-9A-Z]{16}\b` + // AWS
		`|AIza[0-9A-Za-z_-]{35}` + // Google
		`|[rsp]k_(live|test)_[0-9A-Za-z]{16,}` + // Stripe
		`|xox[a-z]-[0-9A-Za-z-]{10,}` + // Slack
		`|eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}` + // a JSON web token
		`|SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}` + // SendGrid
		`|(npm|hf)_[0-9A-Za-z]{30,}|dop_v1_[0-9a-f]{60,}|hvs\.[0-9A-Za-z_-]{24,}` + // npm, Hugging Face, DigitalOcean, Vault
		`|AGE-SECRET-KEY-[0-9A-Z]{20,}` + // age
		`|[0-9a-fA-F]{32,}\b` + // keys that are plain hexadecimal digits, such as Mindee's; ids have dashes
		`)|-----BEGIN [A-Z ]*PRIVATE KEY`)
})

// words are what may be a secret of ours.
var words = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[0-9A-Za-z_]{40,}`) })

// secretLine returns the first line, from 1, that has what looks like a secret; 0 if there is none.
func secretLine(content []byte) int {
	number := 0
	for line := range bytes.Lines(content) {
		number++
		if LooksSecret(string(line)) {
			return number
		}
	}
	return 0
}

// LooksSecret reports whether a text has something in it that has the shape of a secret, ours or a well-known platform's.
func LooksSecret(text string) bool {
	if shapes().MatchString(text) {
		return true
	}
	for _, word := range words().FindAllString(text, -1) {
		if model.CheckSecret(word) == nil {
			return true
		}
	}
	return false
}
