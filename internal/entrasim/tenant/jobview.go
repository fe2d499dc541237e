package tenant

import (
	"maps"
	"slices"
	"time"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
)

// render shows the job as Graph's synchronizationJob.
func (j *Job) render(options *Options) Object {
	progress := []any{}
	if j.running {
		progress = append(progress, Object{
			"completedUnits": j.done, "totalUnits": j.all, "units": "Objects",
			"progressObservationDateTime": timestamp(j.last.startedOr(j.created)),
		})
	}
	counts := []any{}
	for _, key := range slices.Sorted(maps.Keys(j.counts)) {
		counts = append(counts, Object{"key": countKey(key, options), "value": j.counts[key]})
	}
	return Object{
		"id": j.id, "templateId": j.template,
		"schedule": Object{"expiration": nil, "interval": "PT40M", "state": j.schedule},
		"status": Object{
			"code": j.code, "countSuccessiveCompleteFailures": j.failures, "escrowsPruned": j.pruned,
			"lastExecution": j.last.render(), "lastSuccessfulExecution": j.lastGood.render(),
			"lastSuccessfulExecutionWithExports": j.lastWithExports.render(),
			"progress":                           progress, "quarantine": j.quarantine.render(),
			"steadyStateFirstAchievedTime": zeroTime(j.steadyFirst), "steadyStateLastAchievedTime": zeroTime(j.steadyLast),
			"synchronizedEntryCountByType": counts, "troubleshootingUrl": nil,
		},
		"synchronizationJobSettings": []any{
			Object{"name": "AzureIngestionAttributeOptimization", "value": "False"},
			Object{"name": "LookaheadQueryEnabled", "value": "False"},
		},
	}
}

// countKey names a kind of object in synchronizedEntryCountByType.
func countKey(source string, options *Options) string {
	switch {
	case options.CountsNameTheSource:
		return source
	case source == syncschema.GroupSource:
		return source + " to " + syncschema.GroupTarget
	default:
		return source + " to " + syncschema.UserTarget
	}
}

// zeroTime is how the service shows a time that never was.
func zeroTime(at time.Time) string {
	if at.IsZero() {
		return "0001-01-01T00:00:00Z"
	}
	return at.UTC().Format(time.RFC3339Nano)
}

func (e *execution) startedOr(fallback time.Time) time.Time {
	if e == nil {
		return fallback
	}
	return e.began
}

func (e *execution) render() any {
	if e == nil {
		return nil
	}
	o := Object{
		"activityIdentifier": e.id, "state": e.state, "timeBegan": timestamp(e.began), "timeEnded": timestamp(e.ended),
		"countEntitled": e.counts.Entitled, "countEntitledForProvisioning": e.counts.EntitledForProvisioning,
		"countEscrowed": e.counts.Escrowed, "countEscrowedRaw": e.counts.Escrowed, "countExported": e.counts.Exported,
		"countExports": e.counts.Exports, "countImported": e.counts.Imported, "countImportedDeltas": e.counts.ImportedDeltas,
		"countImportedReferenceDeltas": e.counts.ImportedReferenceDeltas, "error": nil,
	}
	if e.failure != nil {
		o["error"] = Object{"code": e.failure.Code, "message": e.failure.Message, "tenantActionable": true}
	}
	return o
}

func (q *quarantine) render() any {
	if q == nil {
		return nil
	}
	return Object{
		"currentBegan": timestamp(q.current), "seriesBegan": timestamp(q.series), "seriesCount": q.count,
		"nextAttempt": timestamp(q.next), "reason": q.failure.Reason,
		"error": Object{"code": q.failure.Code, "message": q.failure.Message, "tenantActionable": true},
	}
}
