package tenant

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/entrasim/directory"
)

// TestASnapshotKnowsEveryField: whoever gives the tenant something new to remember has to decide whether a snapshot keeps it.
func TestASnapshotKnowsEveryField(t *testing.T) {
	for _, c := range []struct {
		of            any
		saved, passed string
	}{
		{Tenant{}, "id domain users groups applications principals graph assignments jobs secrets logs audits change log late mirrors", "clock options mu index views"},
		{Job{}, "id template principal created schedule code schema writes lost state reset cycle pruned last lastGood lastWithExports steadyFirst " +
			"steadyLast quarantine failures counts nextRun starts restarts pauses", "running done all"},
		{Reset{}, "Watermark Escrows Links ForceDeletes Restarted", ""},
		{record[*directory.User]{}, "id value created deleted change owners creator", ""},
		{execution{}, "id state began ended counts failure", ""},
		{quarantine{}, "current series count next failure", ""},
		{mirror{}, "principal roles due", ""},
	} {
		kind := reflect.TypeOf(c.of)
		known := append(strings.Fields(c.saved), strings.Fields(c.passed)...)
		for field := range kind.Fields() {
			if !slices.Contains(known, field.Name) {
				t.Errorf("%s.%s: keep it in snapshot.go, or name it here as something that a snapshot passes over", kind.Name(), field.Name)
			}
		}
		for _, name := range known {
			if _, ok := kind.FieldByName(name); !ok {
				t.Errorf("%s has no %s any more", kind.Name(), name)
			}
		}
	}
}
