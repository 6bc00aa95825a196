//go:build !unix

package seal

func allowAllModes() {}
