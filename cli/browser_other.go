//go:build !unix

package cli

import "os/exec"

// browserCommand returns the program that opens an address on Windows.
func browserCommand(address string) (name string, args []string, err error) {
	return "rundll32", []string{"url.dll,FileProtocolHandler", address}, nil
}

// apart does nothing: rundll32 has no console.
func apart(*exec.Cmd) {}
