package cli

import "runtime/debug"

// linkedVersion is set by the linker when a release is built: -X clavier/cli.linkedVersion=1.2.3.
var linkedVersion string

// version returns the version of this program: that of the release, or what the Go tool noted about the build.
func version() string {
	if linkedVersion != "" {
		return linkedVersion
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
