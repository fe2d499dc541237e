// Command wiki is an example of an app that lets in whom Microsoft Entra ID has assigned to it: a wiki of a few pages.
//
// It shows the four ways in which an app learns of people from scim-endpoint: the snapshot, the change feed, webhooks,
// and the views of a PostgreSQL store. Whoever is deactivated loses the session within a second.
//
// Owns: the example. Never does: anything that a wiki needs and the example does not, such as passwords; a real app
// signs people in with OpenID Connect and finds them by their object ID, which is externalId here.
// Called by: people who read docs/guides/delivery.md. Calls: the standard library, and a driver for the views.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("wiki", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8090", "address of the wiki")
	scim := flags.String("scim-url", "", "SCIM base of the endpoint, such as http://127.0.0.1:8080/scim/v2")
	tokenFile := flags.String("token-file", "", "file with a token of scope read")
	source := flags.String("source", "feed", "how to learn of people: feed, webhook or views")
	secretFile := flags.String("webhook-secret-file", "", "file with the signing secret of webhooks, whsec_<base64>")
	database := flags.String("database", os.Getenv("WIKI_DATABASE"), "URL of the endpoint's PostgreSQL, for the views")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w := newWiki()
	follow, err := w.source(*source, *scim, *tokenFile, *secretFile, *database)
	if err != nil {
		return err
	}
	go func() {
		if err := untilItWorks(ctx, follow); err != nil && ctx.Err() == nil {
			slog.Error("following people ended", "error", err)
		}
	}()
	server := &http.Server{Addr: *listen, Handler: w, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	slog.Info("serving", "wiki", "http://"+*listen, "source", *source)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// source prepares one of the ways to learn of people. The function that it returns learns until it fails, or until there
// is nothing more to do.
func (w *wiki) source(name, scim, tokenFile, secretFile, database string) (func(context.Context) error, error) {
	switch name {
	case "feed":
		c, err := newClient(scim, tokenFile)
		return func(ctx context.Context) error { return c.follow(ctx, w.people) }, err
	case "webhook":
		h, err := newHook(secretFile, w.people)
		if err != nil {
			return nil, err
		}
		w.mux.Handle("POST /hooks/scim", h)
		c, err := newClient(scim, tokenFile)
		return func(ctx context.Context) error {
			_, err := c.bootstrap(ctx, w.people)
			return err
		}, err
	case "views":
		return func(ctx context.Context) error { return watchViews(ctx, database, w.people) }, nil
	}
	return nil, fmt.Errorf("--source %q: write feed, webhook or views", name)
}

// untilItWorks tries again every second: the endpoint may start later than the wiki.
func untilItWorks(ctx context.Context, f func(context.Context) error) error {
	for {
		err := f(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		slog.Warn("people cannot be followed now", "error", err)
		if !pause(ctx, time.Second) {
			return ctx.Err()
		}
	}
}

// pause returns false when the context ended meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func readSecret(file string) (string, error) {
	content, err := os.ReadFile(file)
	return strings.TrimSpace(string(content)), err
}
