//go:build e2e

package e2e

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/scim-operator/scim-operator/test/story"
)

// TestStory is what `make demo ONCE=1` tells, on real pods, and afterwards a search for secrets where none belong.
func TestStory(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	c := connect(t)
	c.cleanUp(ctx)
	c.deploySimulator(ctx)
	c.deployOperator(ctx)
	writes := c.watchWrites(ctx)

	err := story.Run(ctx, story.Env{
		Client:            c.client,
		Kubectl:           c.kubectl,
		SimulatorURL:      "http://" + simulatorAdmin,
		Network:           c.network(),
		OperatorNamespace: operatorNamespace,
		KillEndpoint:      c.killEndpoint,
		RestartOperator:   c.restartOperator,
		ClusterWrites:     writes.all,
		Out:               os.Stdout,
	})
	if err != nil {
		t.Errorf("%v\n%s", err, c.logs(ctx))
	}
	c.findLeaks(ctx)
}
