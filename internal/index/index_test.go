package index_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
	"github.com/scim-operator/scim-operator/internal/index"
	"github.com/scim-operator/scim-operator/test/gen"
)

func TestUsedBy(t *testing.T) {
	apps := func(n int) []v1alpha1.ScimApp {
		var apps []v1alpha1.ScimApp
		for i := range n {
			apps = append(apps, *gen.ScimApp(fmt.Sprintf("a%02d", i)))
		}
		return apps
	}
	names := []string{"a00", "a01", "a02", "a03", "a04", "a05", "a06", "a07", "a08", "a09"}
	for name, test := range map[string]struct {
		apps int
		want *v1alpha1.UsedBy
	}{
		"nobody is nothing in the status":       {0, nil},
		"ten users are named":                   {10, &v1alpha1.UsedBy{Count: 10, Examples: names}},
		"the eleventh is counted and not named": {11, &v1alpha1.UsedBy{Count: 11, Examples: names}},
	} {
		t.Run(name, func(t *testing.T) {
			got := index.UsedBy(apps(test.apps), func(app v1alpha1.ScimApp) string { return app.Name })
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("usedBy (-want +got):\n%s", diff)
			}
		})
	}
}
