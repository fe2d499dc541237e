//go:build e2e

package e2e

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"time"
)

// deploySimulator starts the simulator with a client secret of this run.
func (c *cluster) deploySimulator(ctx context.Context) {
	c.t.Helper()
	c.clientSecret = rand.Text()
	c.must(ctx, namespaceManifest(simulatorNamespace), "apply", "--filename=-")
	c.must(ctx, secretManifest(simulatorNamespace, "client", c.clientSecret), "apply", "--filename=-")
	c.must(ctx, "", "apply", "--server-side", "--force-conflicts", "--kustomize=test/e2e/simulator")
	c.must(ctx, "", "rollout", "status", "deployment/entra-sim", "--namespace", simulatorNamespace, "--timeout=180s")
	c.forward(ctx, simulatorNamespace, "deployment/entra-sim", simulatorAdmin, "8444")
}

// deployOperator installs config/default, with trust in the simulator's CA.
func (c *cluster) deployOperator(ctx context.Context) {
	c.t.Helper()
	ca := c.simulatorCA(ctx)
	c.must(ctx, namespaceManifest(operatorNamespace), "apply", "--filename=-")
	c.must(ctx, secretManifest(operatorNamespace, "contoso-client", c.clientSecret), "apply", "--filename=-")
	c.must(ctx, configMapManifest(operatorNamespace, "entra-sim-ca", "ca.crt", ca), "apply", "--filename=-")
	c.must(ctx, "", "apply", "--server-side", "--force-conflicts", "--kustomize=test/e2e/operator")
	c.must(ctx, "", "rollout", "status", "deployment/"+operatorDeployment, "--namespace", operatorNamespace, "--timeout=180s")
}

// simulatorCA reads the CA from the chain that the simulator presents: it makes a new one at each start. An administrator
// who deploys a simulator of his own trusts what he finds there.
func (c *cluster) simulatorCA(ctx context.Context) string {
	c.t.Helper()
	const graph = "127.0.0.1:18443"
	stop := c.forward(ctx, simulatorNamespace, "deployment/entra-sim", graph, "8443")
	defer stop()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the CA is what is being asked for
	conn, err := dialer.DialContext(ctx, "tcp", graph)
	if err != nil {
		c.t.Fatalf("reading the simulator's CA: %v", err)
	}
	defer func() { _ = conn.Close() }()
	chain := conn.(*tls.Conn).ConnectionState().PeerCertificates
	root := chain[len(chain)-1]
	if !root.IsCA {
		c.t.Fatal("the simulator presents no CA in its chain")
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}))
}

func namespaceManifest(name string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", name)
}

func secretManifest(namespace, name, value string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: Secret, metadata: {name: %s, namespace: %s}, stringData: {clientSecret: %q}}", name, namespace, value)
}

func configMapManifest(namespace, name, key, value string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, namespace: %s}, data: {%q: %q}}", name, namespace, key, value)
}

// patience is how long a forward may take to answer.
const patience = 20 * time.Second
