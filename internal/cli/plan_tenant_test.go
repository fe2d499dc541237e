package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// recorder notes where the caller's credentials would have gone, and sends them nowhere.
type recorder struct{ graphURLs []string }

var errRecorded = errors.New("recorded")

func (r *recorder) Connect(_ context.Context, c entra.Connection) (entra.Directory, error) {
	r.graphURLs = append(r.graphURLs, c.GraphURL)
	return nil, errRecorded
}

const appOfAPullRequest = `apiVersion: scim-operator.io/v1alpha1
kind: ScimApp
metadata: {name: wiki, namespace: docs}
spec:
  tenantRef: {name: contoso}
---
apiVersion: scim-operator.io/v1alpha1
kind: EntraTenant
metadata: {name: contoso}
spec:
  tenantID: 6babcaad-604b-40ac-a9d7-9fd97c0b779f
  instance: test
`

func TestTheFilesDoNotSayWhereTheCallersCredentialsGo(t *testing.T) {
	t.Setenv("KUBECONFIG", "testdata/no-kubeconfig")
	custom := "  custom: {graphURL: https://graph.evil.example, authorityURL: https://login.evil.example}\n"
	flags := []string{"--tenant-id", "6babcaad-604b-40ac-a9d7-9fd97c0b779f", "--cloud", "Custom", "--graph-url", "https://graph.lab.example", "--authority-url", "https://login.lab.example"}
	refused := `EntraTenant contoso of the files is of cloud Custom, with graphURL "https://graph.evil.example" and authorityURL "https://login.evil.example"`
	for name, c := range map[string]struct {
		tenant string
		flags  []string
		asked  []string
		says   string
	}{
		"a custom cloud":                       {"  cloud: Custom\n" + custom, nil, nil, refused},
		"addresses without a cloud":            {custom, nil, nil, refused},
		"a custom cloud beside the flags":      {"  cloud: Custom\n" + custom, flags, []string{"https://graph.lab.example"}, "recorded"},
		"a cloud whose addresses are built in": {"  cloud: China\n", nil, []string{""}, "recorded"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			var r recorder
			command := NewCommand(Options{IOStreams: genericiooptions.IOStreams{In: strings.NewReader(appOfAPullRequest + c.tenant), Out: &out, ErrOut: &errs}, Connector: &r})
			command.SetArgs(append([]string{"plan", "-f", "-"}, c.flags...))
			if status := Run(t.Context(), command, &errs); status != ExitFailed || !strings.Contains(errs.String(), c.says) {
				t.Errorf("status %d: %s; want %q", status, errs.String(), c.says)
			}
			if d := cmp.Diff(c.asked, r.graphURLs); d != "" {
				t.Errorf("asked (-want +got):\n%s", d)
			}
		})
	}
}
