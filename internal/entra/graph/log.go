package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	abstractions "github.com/microsoft/kiota-abstractions-go"

	"github.com/scim-operator/scim-operator/internal/entra"
)

// logPage is the size of a page of the provisioning log.
const logPage = "999"

// logEntry is a Graph provisioningObjectSummary as far as it is counted. How its words are spelled varies.
type logEntry struct {
	Action string `json:"provisioningAction"`
	Info   struct {
		Status string `json:"status"`
	} `json:"provisioningStatusInfo"`
	Modified []modifiedProperty `json:"modifiedProperties"`
}

type modifiedProperty struct {
	Name     string `json:"displayName"`
	NewValue any    `json:"newValue"`
}

// Written implements entra.Provisioning.
func (d *directory) Written(ctx context.Context, ref entra.JobRef, from, to time.Time) (entra.Written, error) {
	filter := fmt.Sprintf("jobId eq '%s' and activityDateTime ge %s and activityDateTime le %s",
		strings.ReplaceAll(ref.JobID, "'", "''"), from.UTC().Format(time.RFC3339), to.UTC().Add(time.Second).Format(time.RFC3339))
	entries, err := rawList[logEntry](ctx, d, rawRequest{
		op: opWritten, method: abstractions.GET, template: logTemplate, path: map[string]string{"%24filter": filter, "%24top": logPage},
	})
	var out entra.Written
	for _, e := range entries {
		if e.written() {
			out.Entries++
		}
		if e.disabled() {
			out.Disabled++
		}
	}
	return out, err
}

func (e logEntry) written() bool {
	return strings.EqualFold(e.Info.Status, "success") && isOneOf(e.Action, "create", "update", "disable", "delete")
}

// disabled is true for an update as well that sets active to false: a mapping can disable people who are in scope.
func (e logEntry) disabled() bool {
	if !e.written() {
		return false
	}
	return isOneOf(e.Action, "disable", "delete") || strings.EqualFold(e.Action, "update") && slices.ContainsFunc(e.Modified, modifiedProperty.deactivates)
}

func (m modifiedProperty) deactivates() bool {
	return strings.EqualFold(m.Name, "active") && strings.EqualFold(fmt.Sprint(m.NewValue), "false")
}

func isOneOf(word string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, word) })
}
