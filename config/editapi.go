package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"clavier/model"
)

// AddAPI appends an API to those of a profile in the settings file at path, which it makes, mode 0600, if there is none.
// Comments, order and all else stay as they are, byte for byte; a crash leaves the old file or the new. It returns an
// *Error if there is no such profile, if it has an API of this name, if model.CheckAPI refuses the API, or if the file was
// not sound before; then nothing is changed.
func AddAPI(path, profile string, api model.API) error {
	if err := refuseAPI(api); err != nil {
		return err
	}
	return edit(path, tableAPIs, fmt.Sprintf("the APIs of profile %q stand in a table that cannot be added to; write the API into it by hand", profile),
		func(before *fileReader) ([]byte, error) {
			p, err := before.existing(profile)
			if err != nil {
				return nil, err
			}
			if i := p.findAPI(api.Name); i >= 0 {
				return nil, &Error{Where: path, Name: apiName, Text: fmt.Sprintf("profile %q has an API %q already", profile, p.apis[i].api.Name)}
			}
			return appendTables(before.content, apiTable(profile, api)), nil
		})
}

// RemoveAPI takes the API with this name out of the settings file at path. All else stays as it is, byte for byte, comments
// on lines of their own too; a comment behind a setting goes with it, and so does one blank line above. It returns an
// *Error if there is no such profile or API, or if the file was not sound before; then nothing is changed.
func RemoveAPI(path, profile, name string) error {
	return edit(path, tableAPIs, fmt.Sprintf("the API cannot be taken out of profile %q; remove it by hand", profile),
		func(before *fileReader) ([]byte, error) {
			p, err := before.existing(profile)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(p.apis, func(a apiValues) bool { return a.api.Name == name })
			if i < 0 {
				return nil, &Error{Where: path, Name: apiName, Text: fmt.Sprintf("profile %q has no API %s", profile, quoted(name))}
			}
			return before.without(p.apis[i].lines), nil
		})
}

// existing returns a profile that the settings file has, or the one that needs no table.
func (r *fileReader) existing(name string) (*profileValues, error) {
	for i := range r.profiles {
		if r.profiles[i].name == name {
			return &r.profiles[i], nil
		}
	}
	if name == DefaultProfile {
		return &profileValues{name: name}, nil
	}
	return nil, &Error{Where: r.file, Name: nameProfile, Text: "there is no profile " + quoted(name)}
}

// findAPI returns the place of an API in the list, whatever the case of its name; -1 if there is none.
func (p *profileValues) findAPI(name string) int {
	return slices.IndexFunc(p.apis, func(a apiValues) bool { return strings.EqualFold(a.api.Name, name) })
}

// without returns the content without these lines, which are in order, and without one blank line before each that heads a table.
func (r *fileReader) without(lines []span) []byte {
	kept := make([]byte, 0, len(r.content))
	at := 0
	for _, l := range lines {
		part := r.content[at:l.start]
		if l.heads {
			part = dropBlankLine(part)
		}
		kept = append(kept, part...)
		at = l.end
	}
	return append(kept, r.content[at:]...)
}

// dropBlankLine returns content without its last line if that is blank.
func dropBlankLine(content []byte) []byte {
	for _, end := range []string{"\r\n", "\n"} {
		if rest, ok := bytes.CutSuffix(content, []byte(end)); ok && (len(rest) == 0 || bytes.HasSuffix(rest, []byte("\n"))) {
			return rest
		}
	}
	return content
}

// refuseAPI says what is wrong with an API that did not come from the settings file.
func refuseAPI(api model.API) error {
	if err := model.CheckAPI(api); err != nil {
		refused := (*model.APIError)(nil)
		field := tableAPIs
		if errors.As(err, &refused) {
			field = refused.Field
		}
		return &Error{Where: "API " + quoted(api.Name), Name: field, Text: err.Error()}
	}
	return nil
}

// apiTable returns the table of an API. All is written out, so that no default can change what it means.
func apiTable(profile string, api model.API) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[[%s.%s.%s]]\n", tableProfiles, profile, tableAPIs)
	text := func(name, value string) { fmt.Fprintf(&b, "%s = %s\n", name, strconv.Quote(value)) }
	numbers := func(name string, list []int) {
		fmt.Fprintf(&b, "%s = [%s]\n", name, strings.Join(strings.Fields(strings.Trim(fmt.Sprint(list), "[]")), ", "))
	}
	text(apiName, api.Name)
	text(apiMethod, api.Method)
	text(apiURL, api.URL)
	text(apiHeader, api.Header)
	text(apiScheme, api.Scheme)
	numbers(apiAlive, api.Alive)
	numbers(apiDead, api.Dead)
	if api.About != "" {
		text(apiAbout, api.About)
	}
	return b.String()
}
