// Command web is what the agent's test runs in pods: it serves a file of its configuration and counts its starts in its data directory.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
)

func main() {
	listen := flag.String("listen", ":80", "address to listen on")
	config := flag.String("config", "", "file that GET /config answers with")
	starts := flag.String("starts", "", "file that gets one letter for each start")
	flag.Parse()

	file, err := os.OpenFile(*starts, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString("x")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	http.HandleFunc("GET /config", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, *config) })
	http.HandleFunc("GET /starts", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, *starts) })
	http.HandleFunc("GET /pod", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, os.Getenv("POD"), " ", os.Getenv("POD_IP"))
	})
	fmt.Println("web: listening")
	fmt.Fprintln(os.Stderr, http.ListenAndServe(*listen, nil))
	os.Exit(1)
}
