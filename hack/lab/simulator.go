package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/hack/lab/process"
)

// simulatorHost is how the samples name the simulator, on a real cluster as here.
const simulatorHost = "entra-sim.entra-sim.svc:8443"

const (
	sampleTenant    = "config/samples/entratenant.yaml"
	sampleDirectory = "config/samples/directory/contoso.yaml"
)

// A simulator is the running entra-sim.
type simulator struct {
	child        *process.Child
	log          string
	graphAddress string // where Graph and the token endpoint listen
	adminURL     string
	caFile       string

	tenantID               string
	clientID, clientSecret string
	secretFile             string
}

// newSimulator decides on addresses and credentials before anything is started. The client is the one that the sample tenant names; its
// secret is new each time.
func newSimulator(l *lab) (*simulator, error) {
	addresses, err := process.FreeAddresses(2)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(sampleTenant)
	if err != nil {
		return nil, err
	}
	var tenant v1alpha1.EntraTenant
	if err := yaml.UnmarshalStrict(content, &tenant); err != nil {
		return nil, fmt.Errorf("reading %s: %w", sampleTenant, err)
	}
	if tenant.Spec.Credentials.ClientSecret == nil {
		return nil, fmt.Errorf("%s: the lab needs spec.credentials.clientSecret, the only kind that the simulator issues", sampleTenant)
	}
	return &simulator{
		log:          filepath.Join(l.logs(), "entra-sim.log"),
		graphAddress: addresses[0],
		adminURL:     "http://" + addresses[1],
		caFile:       filepath.Join(l.directory, "entra-sim-ca.crt"),
		secretFile:   filepath.Join(l.directory, "client-secret"),
		tenantID:     string(tenant.Spec.TenantID),
		clientID:     string(tenant.Spec.Credentials.ClientSecret.ClientID),
		clientSecret: rand.Text(),
	}, nil
}

func (l *lab) startSimulator(ctx context.Context) (err error) {
	s := l.simulator
	if err := os.WriteFile(s.secretFile, []byte(s.clientSecret), 0o600); err != nil {
		return err
	}
	s.child, err = process.Start(process.Command{
		Path: filepath.Join(l.binaries, "entra-sim"),
		Args: []string{
			"--listen=" + s.graphAddress,
			"--admin=" + s.adminURL[len("http://"):],
			"--directory=" + sampleDirectory,
			"--ca-out=" + s.caFile,
			"--client=" + s.clientID + ":@" + s.secretFile,
		},
		Environment: append(os.Environ(), l.proxyEnvironment()...),
		Log:         s.log,
	})
	if err != nil {
		return err
	}
	l.onStop(func() { s.child.Stop(3 * time.Second) })
	return s.waitReady(ctx)
}

func (s *simulator) waitReady(ctx context.Context) error {
	return poll(ctx, time.Minute, func() error {
		select {
		case <-s.child.Done():
			return terminal{fmt.Errorf("it ended:\n%s", tail(s.log))}
		default:
		}
		if _, err := os.Stat(s.caFile); err != nil {
			return err
		}
		return answers(ctx, s.adminURL+"/sim/state")
	})
}

// answers asks a URL and expects 200.
func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}

// A terminal error ends poll at once.
type terminal struct{ error }

// poll tries until it succeeds, with the last error as the reason when time is up.
func poll(ctx context.Context, limit time.Duration, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := try()
		if _, ends := errors.AsType[terminal](err); err == nil || ends {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready after %s: %w", limit, err)
		case <-ticker.C:
		}
	}
}
