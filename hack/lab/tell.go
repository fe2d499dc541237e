package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/test/story"
)

// Entra runs a cycle every 40 minutes; who plays with the lab does not want to wait that long.
const cycleEvery = 15 * time.Second

// arrival is how many steps bring people into the app; the interactive lab leaves the others to its user.
const arrival = 2

// tell tells the story: all of it, or its beginning and then whatever the user does until Ctrl-C.
func (l *lab) tell(ctx context.Context) error {
	env, err := l.environment()
	if err != nil {
		return err
	}
	if l.once {
		if err := story.Run(ctx, env); err != nil {
			return err
		}
		l.say("the whole story is told")
		return nil
	}
	told := story.New(env)
	if err := told.Run(ctx, 1, story.Steps()[:arrival]...); err != nil {
		return err
	}
	if err := l.show(ctx, told); err != nil {
		return err
	}
	l.runCycles(ctx, told)
	l.say("stopping")
	return context.Cause(ctx)
}

// environment is the lab as the story needs it.
func (l *lab) environment() (story.Env, error) {
	scheme := clientgoscheme.Scheme
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return story.Env{}, err
	}
	administrator, err := client.New(l.cluster.Config, client.Options{Scheme: scheme})
	if err != nil {
		return story.Env{}, fmt.Errorf("making a client: %w", err)
	}
	proxyURL, err := url.Parse(l.proxyURL)
	if err != nil {
		return story.Env{}, err
	}
	return story.Env{
		Client:            administrator,
		Kubectl:           l.kubectl,
		SimulatorURL:      l.simulator.adminURL,
		Network:           &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxyURL)}},
		OperatorNamespace: operatorNamespace,
		KillEndpoint:      func(context.Context) error { return l.agent.Crash("docs", "wiki-scim-0") },
		RestartOperator:   l.operator.restart,
		ClusterWrites:     l.clusterWrites,
		Out:               l.out,
	}, nil
}

func (l *lab) clusterWrites(context.Context) ([]string, error) {
	writes, err := l.cluster.Writes()
	if err != nil {
		return nil, err
	}
	var words []string
	for _, write := range writes {
		words = append(words, write.String())
	}
	return words, nil
}

// show prints what a newcomer should see first, and what to try next.
func (l *lab) show(ctx context.Context, told *story.Story) error {
	const describe = "describe scimapp wiki --namespace docs"
	output, err := l.kubectl(ctx, "", strings.Fields(describe)...)
	if err != nil {
		return err
	}
	fmt.Fprintf(l.out, "\n$ kubectl %s\n%s\n", describe, output)
	people, err := told.People(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(l.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "USERNAME\tNAME\tMAIL\tTITLE\tROLES\tACTIVE")
	for _, person := range people {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%t\n",
			person.UserName, person.DisplayName, person.Mail(), person.Title, strings.Join(person.RoleValues(), ", "), person.Active)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(l.out, `
%d people are in the app. Everything keeps running until Ctrl-C; a provisioning cycle runs every %s (in Entra: 40 minutes).

  export KUBECONFIG=%s
  alias kubectl=%s/kubectl

  kubectl get scimapps,pods --all-namespaces
  kubectl logs --namespace docs wiki-scim-0 --follow
  kubectl edit scimapp wiki --namespace docs
  curl -X PATCH -d '{"jobTitle": "Chief Librarian"}' %s/sim/users/%s

%s
Logs of the operator, the simulator and the control plane: %s and %s
`, len(people), cycleEvery, l.cluster.Kubeconfig, l.assets, l.simulator.adminURL, example(people), l.plugin(example(people)), l.logs(), l.cluster.Logs)
	return nil
}

// plugin is how kubectl scim asks the simulator: as the operator's own client, the one that there is, and by an address that
// is none in a cluster.
func (l *lab) plugin(person string) string {
	s := l.simulator
	return fmt.Sprintf(`The plugin, kubectl scim:

  export AZURE_TENANT_ID=%s AZURE_CLIENT_ID=%s AZURE_CLIENT_SECRET="$(cat %s)"
  alias scim='go run ./cmd/kubectl-scim --namespace docs'
  simulator="--tenant-id %s --cloud Custom --graph-url https://%s --authority-url https://%s --ca-file %s"

  scim plan wiki $simulator
  scim eval wiki --user %s $simulator
`, s.tenantID, s.clientID, s.secretFile, s.tenantID, s.graphAddress, s.graphAddress, s.caFile, person)
}

// runCycles runs cycles until the lab ends, and tells of those in which something happened.
func (l *lab) runCycles(ctx context.Context, told *story.Story) {
	ticker := time.NewTicker(cycleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		reports, err := told.RunCycles(ctx)
		if err != nil && ctx.Err() == nil {
			l.say("cycle: %v", err)
		}
		for _, report := range reports {
			if report.Error != nil {
				l.say("a cycle failed: %s", report.Error.Message)
			} else if report.Created+report.Updated+report.Disabled+report.Deleted+report.Failed > 0 {
				l.say("a cycle brought news: %d created, %d updated, %d disabled, %d deleted, %d failed",
					report.Created, report.Updated, report.Disabled, report.Deleted, report.Failed)
			}
		}
	}
}

// example is somebody whose name needs no quoting in a shell or a URL.
func example(people []*story.Person) string {
	for _, person := range people {
		if !strings.ContainsAny(person.UserName, "'#_") {
			return person.UserName
		}
	}
	return people[0].UserName
}
