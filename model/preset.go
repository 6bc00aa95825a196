package model

import "slices"

// PresetMindee is the platform whose console keys are made in, and whose catalogue of APIs comes along.
const PresetMindee = "mindee"

// Preset is a platform that keys come from, as far as it is known without being told.
type Preset struct {
	// Name is what settings call it.
	Name string
	// Title is what it calls itself.
	Title string
	// Console is the address of the page on which its keys are made and deleted.
	Console string
}

var presets = []Preset{
	{Name: PresetMindee, Title: "Mindee", Console: "https://app.mindee.com/settings?tab=api-keys"},
}

// Presets returns all presets.
func Presets() []Preset { return slices.Clone(presets) }

// FindPreset returns the preset with this name; the zero Preset if there is none.
func FindPreset(name string) Preset {
	for _, p := range presets {
		if p.Name == name {
			return p
		}
	}
	return Preset{}
}
