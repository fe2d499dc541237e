package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scim-operator/scim-operator/internal/entrasim"
	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
	"github.com/scim-operator/scim-operator/internal/entrasim/faults"
	"github.com/scim-operator/scim-operator/internal/entrasim/graphapi"
	"github.com/scim-operator/scim-operator/internal/entrasim/oauth"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// serveOptions are the flags of the command itself.
type serveOptions struct {
	listen, admin  string
	directory      string
	generate       int
	seed           uint64
	caOut          string
	clients        []string
	clientsFile    string
	tenantID       string
	replicationLag time.Duration
	dnsNames       []string
	switches       []string
	checkShape     bool
	throttling     string
	faults         string
	state          string
	freeLicence    bool
}

func serveCommand() *cobra.Command {
	o := &serveOptions{}
	cmd := &cobra.Command{
		Use:   "entra-sim",
		Short: "A simulated Entra tenant: Microsoft Graph and tokens with TLS, the provisioning engine, and an admin API without TLS",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8443", "address of Graph and the token endpoint (TLS)")
	f.StringVar(&o.admin, "admin", "127.0.0.1:8444", "address of the admin API (no TLS, no authentication: keep it private)")
	f.StringVar(&o.directory, "directory", "", "YAML file with the people and groups")
	f.IntVar(&o.generate, "generate", 0, "instead of --directory: make up this many people")
	f.Uint64Var(&o.seed, "seed", 1, "the same seed makes the same people (--generate) and lets chance hit the same requests (--faults)")
	f.StringVar(&o.state, "state", "", "file that keeps the state, with the CA and signing key beside it in FILE.keys; once it exists, the people come from it")
	f.StringVar(&o.faults, "faults", "", "YAML file with rules that make requests go wrong from the beginning")
	f.StringVar(&o.caOut, "ca-out", "", "file to write the CA certificate to, for clients to trust")
	f.StringArrayVar(&o.clients, "client", nil, "ID:SECRET of a client that may ask for tokens; SECRET may be @FILE; repeatable")
	f.StringVar(&o.clientsFile, "clients", "", "YAML file with clients, their permissions, certificates and federated credentials")
	f.StringVar(&o.tenantID, "tenant-id", "", "GUID of the tenant (default: the directory file's)")
	f.DurationVar(&o.replicationLag, "replication-lag", 0, "how long new objects stay invisible")
	f.StringArrayVar(&o.dnsNames, "dns-name", nil, "further name or address for the server certificate; repeatable")
	f.StringArrayVar(&o.switches, "switch", nil, "NAME=VALUE of an unconfirmed behaviour, as `entra-sim unconfirmed` lists them; repeatable")
	f.BoolVar(&o.checkShape, "check-shape", false, "hold every answer of Graph against Microsoft's metadata and log what departs from it")
	f.StringVar(&o.throttling, "throttling", throttlingPublished, "published: Graph's published limits; off: none")
	f.BoolVar(&o.freeLicence, "free-licence", false, "refuse to show the logs, as for a tenant without Entra ID P1 or P2")
	cmd.MarkFlagsMutuallyExclusive("directory", "generate")
	cmd.MarkFlagsOneRequired("directory", "generate", "state")
	return cmd
}

func (o *serveOptions) run(ctx context.Context) error {
	server, err := o.server()
	if err != nil {
		return err
	}
	if o.caOut != "" {
		if err := os.WriteFile(o.caOut, server.CAPEM, 0o644); err != nil {
			return fmt.Errorf("writing the CA certificate (--ca-out): %w", err)
		}
	}
	graph, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listening on --listen: %w", err)
	}
	admin, err := net.Listen("tcp", o.admin)
	if err != nil {
		return errors.Join(fmt.Errorf("listening on --admin: %w", err), graph.Close())
	}
	state := server.State()
	fmt.Printf("tenant %s: %d users, %d groups\nGraph and tokens: https://%s\nadmin API: http://%s\n",
		state.TenantID, state.Users, state.Groups, graph.Addr(), admin.Addr())
	return server.Serve(ctx, graph, admin)
}

func (o *serveOptions) server() (*entrasim.Server, error) {
	people, err := o.people()
	if err != nil {
		return nil, err
	}
	clients, err := readClients(o.clients)
	if err != nil {
		return nil, err
	}
	if o.clientsFile != "" {
		more, err := oauth.Load(o.clientsFile)
		if err != nil {
			return nil, err
		}
		clients = append(clients, more...)
	}
	options := entrasim.Options{
		TenantID: o.tenantID, Directory: people, Seed: o.seed, Clients: clients, DNSNames: o.dnsNames, CheckShape: o.checkShape, StateFile: o.state,
		Tenant: tenant.Options{ReplicationLag: o.replicationLag}, Graph: graphapi.Options{FreeLicence: o.freeLicence},
		OnDeparture: func(operation, problem string) {
			fmt.Fprintf(os.Stderr, "shape of an answer to %s: %s\n", operation, problem)
		},
	}
	if err := o.apply(&options); err != nil {
		return nil, err
	}
	server, err := entrasim.New(options)
	if err != nil {
		return nil, err
	}
	return server, o.addFaults(server)
}

// people are those that a simulator without a state begins with.
func (o *serveOptions) people() (*directory.Directory, error) {
	if _, err := os.Stat(o.state); o.state != "" && err == nil {
		return nil, nil // they come from the state
	}
	switch {
	case o.directory != "":
		return directory.Load(o.directory)
	case o.generate != 0:
		return directory.Generate(o.generate, o.seed)
	default:
		return nil, fmt.Errorf("there is no %s yet (--state): give --directory or --generate too, for the people to begin with", o.state)
	}
}

// addFaults puts the rules of --faults in force.
func (o *serveOptions) addFaults(server *entrasim.Server) error {
	if o.faults == "" {
		return nil
	}
	rules, err := faults.Load(o.faults)
	if err != nil {
		return err
	}
	for _, rule := range rules {
		if _, err := server.AddFault(rule); err != nil {
			return fmt.Errorf("faults file %s: %w", o.faults, err)
		}
	}
	return nil
}

// Values of --throttling.
const (
	throttlingPublished = "published"
	throttlingOff       = "off"
)

// apply sets what has a name and a value.
func (o *serveOptions) apply(options *entrasim.Options) error {
	switch o.throttling {
	case throttlingPublished:
	case throttlingOff:
		options.Graph.Unthrottled = true
	default:
		return fmt.Errorf("--throttling is %s or %s, not %q", throttlingPublished, throttlingOff, o.throttling)
	}
	for _, pair := range o.switches {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return fmt.Errorf("--switch has to be NAME=VALUE, not %q", pair)
		}
		if err := options.Switch(name, value); err != nil {
			return fmt.Errorf("--switch: %w", err)
		}
	}
	return nil
}
