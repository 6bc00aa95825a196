// Command small prints what it was started with, for the test of the package
// that starts programs.
package main

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

func main() {
	env := os.Environ()
	sort.Strings(env)
	for _, v := range env {
		fmt.Println("env", v)
	}
	fmt.Println("args", strings.Join(os.Args[1:], ","))
	if len(os.Args) > 1 && os.Args[1] == "read" {
		in, _ := io.ReadAll(os.Stdin)
		fmt.Fprintf(os.Stderr, "read %s", in)
		os.Exit(3)
	}
}
