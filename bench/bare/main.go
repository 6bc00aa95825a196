// Command bare is the least that a net/http server can be: it answers every request with 200 and the headers of a verified key,
// and looks at nothing. The key service is measured against it. It prints its address.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
	fmt.Println("http://" + listener.Addr().String())
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Length", "0")
		h.Set("X-Clavier-Key-Id", "01900000-0000-7000-8000-000000000000")
		h.Set("X-Clavier-Key-Name", "key-000000")
		h.Set("X-Clavier-Key-Role", "use")
		w.WriteHeader(http.StatusOK)
	})}
	if err := server.Serve(listener); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}
