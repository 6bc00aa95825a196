package dotenv

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Why a value cannot be written in a format.
var (
	errLineBreak = errors.New("its value has a line break")
	errNotUTF8   = errors.New("its value is not UTF-8")
	errLongValue = errors.New("its value is too long for a line of 64 KiB")
)

// quoters return what stands for a variable in each format, without the line end.
var quoters = map[Format]func(name, value string) (string, error){
	Dotenv:     quoteDotenv,
	Shell:      quoteShell,
	Fish:       quoteFish,
	PowerShell: quotePowerShell,
	JSON:       quoteJSON,
	Docker:     quoteDocker,
	Systemd:    quoteSystemd,
}

func hasLineBreak(value string) bool { return strings.ContainsAny(value, "\r\n") }

// quoteDotenv takes the plainest of three forms, for readers of .env files agree on the plain ones alone: no quotes, single
// quotes, or double quotes with a backslash before what sh would take for itself.
func quoteDotenv(name, value string) (string, error) {
	if hasLineBreak(value) {
		return "", errLineBreak
	}
	return name + "=" + dotenvValue(value), nil
}

func dotenvValue(value string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@%+,=", r)
	}
	switch {
	case strings.TrimFunc(value, plain) == "" && value[0] != '=': // zsh puts a command's path in for =NAME
		return value
	case !strings.Contains(value, "'"):
		return "'" + value + "'"
	default:
		return `"` + escape(value, "\"\\$`") + `"`
	}
}

// escape puts a backslash before each of these characters.
func escape(value, special string) string {
	var b strings.Builder
	for i := range len(value) {
		if strings.IndexByte(special, value[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// quoteShell uses single quotes, within which nothing is special (POSIX, Shell Command Language, 2.2.2).
func quoteShell(name, value string) (string, error) {
	return "export " + name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'", nil
}

// quoteFish uses single quotes, within which \ and ' are special (fish documentation, Quotes).
func quoteFish(name, value string) (string, error) {
	return "set -gx " + name + " '" + escape(value, `\'`) + "'", nil
}

// quotePowerShell uses single quotes, within which a quote is written twice (about_Quoting_Rules). PowerShell takes four
// typographic quotes for single ones too (its language specification, 2.3.5.2). A line break would be lost where the
// output is split into lines, as all output of programs is.
func quotePowerShell(name, value string) (string, error) {
	switch {
	case hasLineBreak(value):
		return "", errLineBreak
	case !utf8.ValidString(value):
		return "", errNotUTF8
	}
	twice := strings.NewReplacer("'", "''", "‘", "‘‘", "’", "’’", "‚", "‚‚", "‛", "‛‛")
	return "$env:" + name + " = '" + twice.Replace(value) + "'", nil
}

func quoteJSON(name, value string) (string, error) {
	if !utf8.ValidString(value) {
		return "", errNotUTF8
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return `"` + name + `": ` + strings.TrimSuffix(b.String(), "\n"), nil
}

// quoteDocker quotes nothing: docker takes all that follows the first = to the end of the line, which must be UTF-8 and
// short enough for its scanner of lines.
func quoteDocker(name, value string) (string, error) {
	line := name + "=" + value
	switch {
	case hasLineBreak(value):
		return "", errLineBreak
	case !utf8.ValidString(value):
		return "", errNotUTF8
	case len(line) >= 64<<10-2: // room for the line end
		return "", errLongValue
	}
	return line, nil
}

// quoteSystemd uses double quotes, within which a backslash takes the meaning of " \ ` and $ away and line breaks are kept
// (systemd.exec(5), EnvironmentFile=).
func quoteSystemd(name, value string) (string, error) {
	if !utf8.ValidString(value) {
		return "", errNotUTF8
	}
	return name + `="` + escape(value, "\"\\$`") + `"`, nil
}
