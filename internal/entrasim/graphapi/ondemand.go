package graphapi

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/scim-operator/scim-operator/internal/entrasim/engine"
	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

// onDemandMembers is the most members that one request may name.
const onDemandMembers = 5

// onDemandSubject is Graph's synchronizationJobSubject.
type onDemandSubject struct {
	ObjectID       string
	ObjectTypeName string
	Links          *struct{ Members []onDemandSubject }
}

// provisionOnDemand runs one user, or one group with up to five members, through the engine at once. It answers 200 also
// when provisioning failed.
func provisionOnDemand(c *call) error {
	var in struct {
		Parameters []struct {
			RuleID   string
			Subjects []onDemandSubject
		}
	}
	if err := c.body(&in); err != nil {
		return err
	}
	if len(in.Parameters) != 1 || len(in.Parameters[0].Subjects) != 1 {
		return tenant.BadRequest("The parameter 'parameters' has to hold one rule with one subject.")
	}
	subject, err := in.Parameters[0].Subjects[0].read()
	if err != nil {
		return err
	}
	input, err := c.api.tenant.BeginOnDemand(c.param("id"), c.param("job"), in.Parameters[0].RuleID, subject)
	if err != nil {
		return err
	}
	input.Client, input.Switches = c.api.probe, c.api.switches
	result := engine.OnDemand(c.Context(), input, subject)
	entries := c.api.tenant.EndOnDemand(c.param("job"), result)
	key, value, err := c.onDemandAnswer(result, entries)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, object{"@odata.context": c.context("microsoft.graph.stringKeyStringValuePair"), "key": key, "value": value})
}

func (s onDemandSubject) read() (engine.Subject, error) {
	out := engine.Subject{ID: s.ObjectID, Group: s.ObjectTypeName == syncschema.GroupSource}
	if !out.Group && s.ObjectTypeName != syncschema.UserSource {
		return out, tenant.BadRequest("The objectTypeName '%s' is neither User nor Group.", s.ObjectTypeName)
	}
	if s.Links == nil {
		return out, nil
	}
	if len(s.Links.Members) > onDemandMembers {
		return out, tenant.BadRequest("At most %d members can be provisioned on demand.", onDemandMembers)
	}
	for _, member := range s.Links.Members {
		out.Members = append(out.Members, member.ObjectID)
	}
	return out, nil
}

// onDemandAnswer words the outcome in one of the two layouts that are known.
func (c *call) onDemandAnswer(result *engine.Result, entries []object) (key, value string, err error) {
	records := []object{}
	for _, entry := range entries {
		records = append(records, onDemandRecord(entry))
	}
	verdict := engine.StatusFailure
	var code, message any
	if result.Failure != nil {
		code, message = result.Failure.Code, result.Failure.Message
		records = append(records, object{"statusInfo": statusInfo(verdict, code, message), "provisioningSteps": []any{}, "modifiedProperties": []any{}})
	} else if len(records) > 0 {
		info, _ := records[len(records)-1]["statusInfo"].(object)
		verdict, _ = info["status"].(string)
		code, message = info["errorCode"], info["reason"]
	}
	if !c.api.options.OnDemandAsDocumented {
		text, err := json.Marshal(records)
		if err != nil {
			return "", "", fmt.Errorf("encoding the outcome: %w", err)
		}
		return "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo", string(text), nil
	}
	head, err := json.Marshal(object{"result": titled(verdict), "details": object{"errorCode": code, "errorMessage": message}})
	if err != nil {
		return "", "", fmt.Errorf("encoding the verdict: %w", err)
	}
	text, err := json.Marshal(records[len(records)-1])
	if err != nil {
		return "", "", fmt.Errorf("encoding the outcome: %w", err)
	}
	return string(head), string(text), nil
}

// onDemandRecord shows an entry of the provisioning log under the names that provisionOnDemand uses.
func onDemandRecord(entry object) object {
	status, _ := entry["provisioningStatusInfo"].(object)
	info, _ := status["errorInformation"].(object)
	word, _ := status["status"].(string)
	identity := func(name string) object {
		o, _ := entry[name].(object)
		return object{"id": o["id"], "type": o["identityType"]}
	}
	system := func(name string) object {
		o, _ := entry[name].(object)
		return object{"name": o["displayName"], "id": o["id"]}
	}
	source, _ := entry["sourceIdentity"].(object)
	return object{
		"action": entry["provisioningAction"], "activityDateTime": entry["activityDateTime"], "startTime": entry["activityDateTime"],
		"endTime": entry["activityDateTime"], "changeId": entry["changeId"], "jobId": entry["jobId"],
		"modifiedProperties": entry["modifiedProperties"], "provisioningSteps": entry["provisioningSteps"],
		"sourceIdentity": identity("sourceIdentity"), "targetIdentity": identity("targetIdentity"),
		"sourceSystem": system("sourceSystem"), "targetSystem": system("targetSystem"),
		"statusInfo": statusInfo(word, info["errorCode"], info["reason"]), "reportableIdentifier": source["displayName"],
	}
}

func statusInfo(status string, code, reason any) object {
	category := any(nil)
	if code != nil {
		category = "NonServiceFailure"
	}
	return object{"status": titled(status), "errorCode": code, "reason": reason, "additionalDetails": nil, "errorCategory": category,
		"recommendedAction": nil}
}

// titled is the spelling of a status here; the log writes it small.
func titled(status string) string {
	words := map[string]string{engine.StatusSuccess: "Success", engine.StatusFailure: "Failure", engine.StatusSkipped: "Skipped",
		engine.StatusWarning: "Warning"}
	if word, known := words[status]; known {
		return word
	}
	return status
}
