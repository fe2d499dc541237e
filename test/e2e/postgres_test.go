//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/desired"
	"github.com/scim-operator/scim-operator/internal/scim/auth"
)

// TestRolloutAndTokenChangeFailNoRequest runs an app on PostgreSQL, with two pods. While requests come without pause, the pods are replaced,
// and the token of a reader is changed for another: no request fails.
func TestRolloutAndTokenChangeFailNoRequest(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	c := connect(t)
	c.cleanUp(ctx)
	c.deploySimulator(ctx)
	c.deployOperator(ctx)
	c.applyPostgres(ctx)
	c.waitReady(ctx)
	c.cycleArrives(ctx)

	old, next := auth.NewToken(), auth.NewToken()
	c.acceptReaders(ctx, old)
	c.startLoad(ctx, old)
	c.awaitLoad(ctx, "the load has begun", func(r loadReport) bool { return r.Requests > 100 })

	for range 2 {
		before := c.load(ctx).Requests
		c.must(ctx, "", "rollout", "restart", "deployment/wiki-scim", "--namespace", appNamespace)
		c.must(ctx, "", "rollout", "status", "deployment/wiki-scim", "--namespace", appNamespace, "--timeout=180s")
		c.awaitLoad(ctx, "requests are answered by the new pods", func(r loadReport) bool { return r.Requests > before+100 })
	}

	c.acceptReaders(ctx, old, next)
	c.giveLoad(ctx, next)
	c.awaitLoad(ctx, "the load reads with the next token", func(r loadReport) bool { return r.ReadToken == sha(next) })
	before := c.load(ctx).Requests
	c.awaitLoad(ctx, "no request with the old token is under way", func(r loadReport) bool { return r.Requests > before+20 })
	c.acceptReaders(ctx, next)
	c.awaitLoad(ctx, "requests are answered after the old token has gone", func(r loadReport) bool { return r.Requests > before+300 })

	report := c.load(ctx)
	if report.Failed > 0 {
		t.Errorf("%d of %d requests failed:\n%s", report.Failed, report.Requests, strings.Join(report.Failures, "\n"))
	}
	t.Logf("%d requests, %d failed, through two rollouts and a change of token", report.Requests, report.Failed)
	c.findLeaks(ctx)
}

// applyPostgres applies the samples with their accounts in PostgreSQL, whose image is POSTGRES_IMAGE.
func (c *cluster) applyPostgres(ctx context.Context) {
	c.t.Helper()
	image := os.Getenv("POSTGRES_IMAGE")
	if image == "" {
		image = "docker.io/library/postgres:17"
	}
	manifests := c.must(ctx, "", "kustomize", "test/e2e/postgres", "--load-restrictor=LoadRestrictionsNone")
	c.must(ctx, strings.ReplaceAll(manifests, "image: e2e-postgres", "image: "+image), "apply", "--server-side", "--filename=-")
	c.must(ctx, "", "rollout", "status", "deployment/wiki-db", "--namespace", appNamespace, "--timeout=180s")
}

func (c *cluster) waitReady(ctx context.Context) {
	c.t.Helper()
	if _, err := c.kubectl(ctx, "", "wait", "scimapp/wiki", "--namespace", appNamespace, "--for=condition=Ready", "--timeout=240s"); err != nil {
		out, _ := c.kubectl(ctx, "", "describe", "scimapp/wiki", "--namespace", appNamespace)
		c.t.Fatalf("%v\n%s\n%s", err, out, c.logs(ctx))
	}
}

func (c *cluster) app(ctx context.Context) *v1alpha1.ScimApp {
	c.t.Helper()
	app := &v1alpha1.ScimApp{}
	if err := c.client.Get(ctx, client.ObjectKey{Namespace: appNamespace, Name: "wiki"}, app); err != nil {
		c.t.Fatal(err)
	}
	return app
}

// cycleArrives runs a provisioning cycle, and expects that it creates people.
func (c *cluster) cycleArrives(ctx context.Context) {
	c.t.Helper()
	job := c.app(ctx).Status.Job.ID
	var report struct{ Created int }
	if err := call(ctx, http.MethodPost, "http://"+simulatorAdmin+"/sim/jobs/"+job+"/cycle", &report); err != nil {
		c.t.Fatal(err)
	}
	if report.Created == 0 {
		c.t.Fatal("the cycle created nobody")
	}
}

// acceptReaders sets the read tokens of the app, and returns when every pod accepts exactly these.
func (c *cluster) acceptReaders(ctx context.Context, tokens ...string) {
	c.t.Helper()
	var list []string
	for i, token := range tokens {
		list = append(list, fmt.Sprintf(`{"name":"load%d","sha256":%q}`, i, sha(token)))
	}
	c.must(ctx, "", "patch", "scimapp/wiki", "--namespace", appNamespace, "--type=merge",
		`--patch={"spec":{"endpoint":{"managed":{"readTokens":[`+strings.Join(list, ",")+`]}}}}`)
	generation := c.app(ctx).Generation
	c.await(ctx, "the endpoint accepts the read tokens", func() error {
		app := c.app(ctx)
		for _, condition := range app.Status.Conditions {
			if condition.Type == v1alpha1.ConditionEndpointReady {
				if condition.Status != "True" || condition.ObservedGeneration < generation {
					return fmt.Errorf("%s: %s", condition.Reason, condition.Message)
				}
				return nil
			}
		}
		return fmt.Errorf("no condition")
	})
}

// startLoad deploys the load, with the token that Entra has for its changes.
func (c *cluster) startLoad(ctx context.Context, readToken string) {
	c.t.Helper()
	c.giveLoad(ctx, readToken)
	c.must(ctx, "", "apply", "--server-side", "--filename=test/e2e/load/load.yaml")
	c.must(ctx, "", "rollout", "status", "deployment/load", "--namespace", appNamespace, "--timeout=120s")
	c.forward(ctx, appNamespace, "deployment/load", loadAddress, "8090")
}

func (c *cluster) giveLoad(ctx context.Context, readToken string) {
	c.t.Helper()
	secret := &corev1.Secret{}
	if err := c.client.Get(ctx, client.ObjectKey{Namespace: operatorNamespace, Name: desired.TokenSecretName(appNamespace, "wiki")}, secret); err != nil {
		c.t.Fatalf("reading the token: %v", err)
	}
	manifest, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "load", "namespace": appNamespace},
		"data": map[string][]byte{"write": secret.Data[desired.TokenKey], "read": []byte(readToken)},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.must(ctx, string(manifest), "apply", "--server-side", "--filename=-")
}

// loadAddress is where the report of the load is forwarded to.
const loadAddress = "127.0.0.1:18090"

// loadReport is what test/e2e/load tells.
type loadReport struct {
	Requests, Failed int
	Failures         []string
	ReadToken        string
}

func (c *cluster) load(ctx context.Context) (report loadReport) {
	c.t.Helper()
	if err := call(ctx, http.MethodGet, "http://"+loadAddress, &report); err != nil {
		c.t.Fatal(err)
	}
	return report
}

func (c *cluster) awaitLoad(ctx context.Context, what string, done func(loadReport) bool) {
	c.t.Helper()
	c.await(ctx, what, func() error {
		var report loadReport
		if err := call(ctx, http.MethodGet, "http://"+loadAddress, &report); err != nil {
			return err
		}
		if !done(report) {
			return fmt.Errorf("%+v", report)
		}
		return nil
	})
}

// await asks once a second, for three minutes at most, until look has no objection.
func (c *cluster) await(ctx context.Context, what string, look func() error) {
	c.t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(ctx, time.Second, 3*time.Minute, true, func(context.Context) (bool, error) {
		last = look()
		return last == nil, nil
	})
	if err != nil {
		c.t.Fatalf("%s: %v; last seen: %v\n%s", what, err, last, c.logs(ctx))
	}
}

func sha(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// call sends a request without a body and decodes the answer.
func call(ctx context.Context, method, url string, result any) error {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(response.Body); err != nil {
		return fmt.Errorf("%s %s: %w", method, url, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, url, response.Status, answer.String())
	}
	return json.Unmarshal(answer.Bytes(), result)
}
