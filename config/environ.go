package config

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"clavier/model"
)

const envPrefix = "CLAVIER_"

// exempt are the variables that look like settings and are none: switches of the tests, the flags of clavier serve, and what
// Kubernetes and Docker set by themselves in every container beside a service that is named clavier.
func exempt(name string) bool {
	switch name {
	case "CLAVIER_REQUIRE_ALL", "CLAVIER_PORT", "CLAVIER_NAME":
		return true
	}
	for _, prefix := range []string{"CLAVIER_TEST_", "CLAVIER_BENCH_", "CLAVIER_SERVE_", "CLAVIER_SERVICE_", "CLAVIER_PORT_", "CLAVIER_ENV_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// readEnviron returns the settings of the environment by name, and "config" for the settings file. An empty variable
// counts as not set.
func readEnviron(src Source) (map[string]value, error) {
	environ := src.Environ
	if environ == nil {
		environ = os.Environ()
	}
	found := map[string]value{}
	for _, entry := range environ {
		variable, text, _ := strings.Cut(entry, "=")
		if runtime.GOOS == "windows" {
			variable = strings.ToUpper(variable)
		}
		if !strings.HasPrefix(variable, envPrefix) || text == "" || exempt(variable) {
			continue
		}
		origin := "environment " + variable
		if variable == envName(nameConfig) {
			found[nameConfig] = value{text: text, origin: origin}
			continue
		}
		i := slices.IndexFunc(settings, func(s spec) bool { return envName(s.name) == variable })
		if i < 0 {
			return nil, unknownVariable(variable)
		}
		s := settings[i]
		v, err := s.parse(text, src)
		if err != nil {
			return nil, &Error{Where: variable, Name: s.name, Text: err.Error()}
		}
		v.origin = origin
		found[s.name] = v
	}
	return found, nil
}

func unknownVariable(variable string) error {
	all := make([]string, 1, 1+len(settings))
	all[0] = envName(nameConfig)
	for _, name := range names(settings) {
		all = append(all, envName(name))
	}
	text := "this environment variable is no setting"
	if near := model.Nearest(variable, all); near != "" {
		text += fmt.Sprintf("; did you mean %s?", near)
	} else {
		text += "; unset it, or use one of " + strings.Join(all, ", ")
	}
	return &Error{Where: variable, Name: variable, Text: text}
}
