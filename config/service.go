package config

import "fmt"

// isService reports whether the keys of a profile are kept by a key service: it says so, or says where that is and nothing else.
func (p *profileValues) isService() bool {
	if provider, set := p.values[nameProvider]; set {
		return provider.text == ProviderService
	}
	_, hasURL := p.values[nameURL]
	_, hasPreset := p.values[namePreset]
	return hasURL && !hasPreset
}

// byURL gives the setting provider that the address of a key service decides its default.
func (p *profileValues) byURL(v value) value {
	v.text, v.origin = ProviderService, nameURL
	return v
}

// wrongService returns the setting that does not go with the provider of a profile, and what is wrong with it: a key service
// needs an address and has its own store, and what speaks of one means nothing elsewhere.
func (p *profileValues) wrongService() (name, text string) {
	if !p.isService() {
		for _, name := range []string{nameURL, nameToken, nameCA} {
			if _, set := p.values[name]; set {
				return name, fmt.Sprintf("%q is for a key service: add provider = %q, or leave it out", name, ProviderService)
			}
		}
		return "", ""
	}
	if _, set := p.values[nameStore]; set {
		return nameStore, `"store" is for keys that are kept on this machine, and a key service keeps these: leave it out`
	}
	if _, set := p.values[nameURL]; !set {
		return nameProvider, fmt.Sprintf(`the provider %q needs "url", the address of the key service`, ProviderService)
	}
	return "", ""
}

// checkServices looks whether the settings of each profile go together.
func (r *fileReader) checkServices() error {
	for i := range r.profiles {
		p := &r.profiles[i]
		if name, text := p.wrongService(); text != "" {
			at := p.values[name]
			return &Error{Where: r.file, Line: at.line, Column: at.column, Name: name, Text: text}
		}
	}
	return nil
}
