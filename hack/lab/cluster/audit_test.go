package cluster

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrites(t *testing.T) {
	const (
		create = `{"kind":"Event","verb":"create","user":{"username":"x"},"objectRef":{"resource":"leases","namespace":"a","name":"b"},"responseStatus":{"code":201}}`
		status = `{"kind":"Event","verb":"patch","objectRef":{"resource":"scimapps","subresource":"status","namespace":"docs","name":"wiki"},"responseStatus":{"code":409}}`
	)
	tests := map[string]struct {
		log  string
		want []string
	}{
		"no write, no log":                    {},
		"a write is told with its answer":     {create + "\n", []string{"create leases a/b (201)"}},
		"a write to status is one of its own": {create + "\n" + status + "\n", []string{"create leases a/b (201)", "patch scimapps/status docs/wiki (409)"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := &Cluster{AuditLog: filepath.Join(t.TempDir(), "audit.log")}
			if test.log != "" {
				if err := os.WriteFile(c.AuditLog, []byte(test.log), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			writes, err := c.Writes()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, write := range writes {
				got = append(got, write.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
		})
	}
}
