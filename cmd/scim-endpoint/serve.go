package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/scim/endpoint"
)

const (
	// drainTimeout lets requests in flight end, after the drain delay.
	drainTimeout = 20 * time.Second
	// manyReplicasDelay is the drain delay on a store that may have other replicas, which take over the requests. With
	// one replica nobody does, and a delay only makes the gap longer.
	manyReplicasDelay = 5 * time.Second
)

func serveCommand() *cobra.Command {
	var o endpoint.Options
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve SCIM and the management port until SIGTERM",
		Args:  cobra.NoArgs,
	}
	address := storeFlag(command)
	flags := command.Flags()
	flags.StringVar(&o.Listen, "listen", ":8080", "address of the SCIM port")
	flags.StringVar(&o.ManagementListen, "management-listen", ":8081", "address of the management port (healthz, readyz, metrics, statusz); never publish it")
	flags.StringVar(&o.BasePath, "base-path", "/scim/v2", "path under which SCIM is served")
	flags.StringVar(&o.PublicURL, "public-url", "", "absolute URL of the SCIM base as clients see it; the base path is appended if it has no path (default: the listen address)")
	flags.StringVar(&o.TokenHashes, "token-hashes", "", "`file` of accepted tokens, <64 hex SHA-256> [scope=read|write] [id=<name>] [notAfter=<time>] a line; re-read without restart")
	flags.StringVar(&o.Config, "config", "", "configuration file (YAML); re-read without restart")
	flags.StringVar(&o.Dialect, "dialect", "entra", "entra (lenient in what is accepted) or strict (the letter of the RFCs)")
	flags.StringVar(&o.TLSCert, "tls-cert", "", "certificate chain in PEM, re-read without restart; with --tls-key the SCIM port speaks TLS")
	flags.StringVar(&o.TLSKey, "tls-key", "", "private key in PEM")
	flags.StringSliceVar(&o.FeatureGates, "feature-gates", nil, "features to switch on: EntraTokens=true (accept tokens that Entra issued)")
	flags.DurationVar(&o.DrainDelay, "drain-delay", 0, "how long requests are still taken after SIGTERM, while readiness fails (default 5s with PostgreSQL)")
	command.RunE = func(command *cobra.Command, _ []string) error {
		log, flush := newLog()
		defer flush()
		o.Store, o.Log = *address, log
		if !flags.Changed("drain-delay") && strings.HasPrefix(o.Store, "postgres") {
			o.DrainDelay = manyReplicasDelay
		}
		return serve(command.Context(), o)
	}
	return command
}

func serve(ctx context.Context, o endpoint.Options) error {
	running, err := endpoint.Start(ctx, o)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case err = <-running.Failed():
		o.Log.Error("a port stopped", "error", err)
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.DrainDelay+drainTimeout)
	defer cancel()
	if shutdownErr := running.Shutdown(drain); shutdownErr != nil {
		return shutdownErr
	}
	return err
}
