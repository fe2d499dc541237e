// Command floor is the least that an HTTP server in Go can do to answer a read: net/http as the endpoint sets it up, one
// prepared statement through the same driver and pool, and the stored document as the body. No JSON, no token, no log.
// Owns: nothing that is shipped. Run by test/perf, to tell what of a ratio is the endpoint's doing.
// Calls pgx.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

func main() {
	listen, store := flag.String("listen", "", "address of the server"), flag.String("store", "", "URL of a database that scim-endpoint filled")
	flag.Parse()
	if err := serve(*listen, *store); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func serve(listen, store string) error {
	pool, err := pgxpool.New(context.Background(), store)
	if err != nil {
		return err
	}
	http.HandleFunc("GET /Users/{id}", func(w http.ResponseWriter, r *http.Request) {
		var id string
		var version, created, modified int64
		var doc []byte
		err := pool.QueryRow(r.Context(), `SELECT id, version, created_ms, modified_ms, doc FROM resources WHERE type = 'User' AND id = $1`,
			r.PathValue("id")).Scan(&id, &version, &created, &modified, &doc)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/scim+json")
		_, _ = w.Write(doc) // the client is gone: nobody is left to tell
	})
	server := http.Server{Addr: listen, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 55 * time.Second, WriteTimeout: 60 * time.Second}
	return server.ListenAndServe()
}
