//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/internal/manager"
)

const (
	operatorNamespace  = "scim-operator-system"
	operatorDeployment = "scim-operator-controller-manager"
	simulatorNamespace = "entra-sim"
	appNamespace       = "docs"
	endpointPod        = "wiki-scim-0"
)

// cluster is the cluster in KUBECONFIG, as its administrator.
type cluster struct {
	t      *testing.T
	client client.WithWatch
	// clientSecret is what the operator proves itself with to the simulator.
	clientSecret string
}

func connect(t *testing.T) *cluster {
	t.Helper()
	if os.Getenv("KUBECONFIG") == "" {
		t.Fatal("KUBECONFIG is not set: name a cluster that this test may use as it likes")
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		t.Fatalf("reading KUBECONFIG: %v", err)
	}
	scheme, err := manager.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	admin, err := client.NewWithWatch(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatalf("making a client: %v", err)
	}
	return &cluster{t: t, client: admin}
}

// kubectl runs kubectl in the root of the checkout, as a user does.
func (c *cluster) kubectl(ctx context.Context, input string, arguments ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "kubectl", arguments...)
	cmd.Dir = "../.."
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(arguments, " "), err, errs.String())
	}
	return out.String(), nil
}

// must runs kubectl where a failure ends the test.
func (c *cluster) must(ctx context.Context, input string, arguments ...string) string {
	c.t.Helper()
	out, err := c.kubectl(ctx, input, arguments...)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// cleanUp removes what an earlier run may have left, the apps and directories while an operator is there to let them go.
// Where none is, the finalizers are taken off by hand: nothing outside of this cluster hangs on them.
func (c *cluster) cleanUp(ctx context.Context) {
	c.t.Helper()
	for _, kind := range []string{"scimapps", "entratenants"} {
		if _, err := c.kubectl(ctx, "", "delete", kind, "--all", "--all-namespaces", "--timeout=20s"); err != nil {
			c.forget(ctx, kind)
		}
	}
	c.must(ctx, "", "delete", "namespace", appNamespace, simulatorNamespace, operatorNamespace, "--ignore-not-found", "--timeout=120s")
}

func (c *cluster) forget(ctx context.Context, kind string) {
	c.t.Helper()
	out, err := c.kubectl(ctx, "", "get", kind, "--all-namespaces", "--output=jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name} {end}")
	if err != nil {
		return // a cluster on which nothing of ours was ever installed
	}
	for object := range strings.FieldsSeq(out) {
		namespace, name, _ := strings.Cut(object, "/")
		arguments := []string{"patch", kind, name, "--type=merge", `--patch={"metadata":{"finalizers":null}}`}
		if namespace != "" {
			arguments = append(arguments, "--namespace="+namespace)
		}
		if _, err := c.kubectl(ctx, "", arguments...); err != nil && !strings.Contains(err.Error(), "NotFound") { // the operator may have let it go meanwhile
			c.t.Fatal(err)
		}
	}
}

func (c *cluster) killEndpoint(ctx context.Context) error {
	_, err := c.kubectl(ctx, "", "delete", "pod", endpointPod, "--namespace", appNamespace, "--grace-period=0", "--force")
	return err
}

func (c *cluster) restartOperator(ctx context.Context) error {
	if _, err := c.kubectl(ctx, "", "delete", "pods", "--selector=app.kubernetes.io/component=manager", "--namespace", operatorNamespace); err != nil {
		return err
	}
	_, err := c.kubectl(ctx, "", "rollout", "status", "deployment/"+operatorDeployment, "--namespace", operatorNamespace, "--timeout=120s")
	return err
}

// logs are the last lines of everything of ours, for the message of a failure.
func (c *cluster) logs(ctx context.Context) string {
	var b strings.Builder
	for _, pod := range [][2]string{
		{operatorNamespace, "deployment/" + operatorDeployment}, {simulatorNamespace, "deployment/entra-sim"}, {appNamespace, "pod/" + endpointPod},
	} {
		out, err := c.kubectl(ctx, "", "logs", "--namespace", pod[0], pod[1], "--tail=40")
		fmt.Fprintf(&b, "--- logs of %s %s (%v)\n%s\n", pod[0], pod[1], err, out)
	}
	return b.String()
}
