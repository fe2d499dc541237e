package story

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/scim-operator/scim-operator/api/v1alpha1"
)

// The attribute that step 5 adds: an extension of the app's own, from a property that most people have.
const (
	addedSchema = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User"
	addedName   = "shelf"
	addedSource = "physicalDeliveryOfficeName" // officeLocation in Graph
)

// mappingGrows is step 5.
func mappingGrows(ctx context.Context, t *teller) error {
	state, job, err := t.job(ctx)
	if err != nil {
		return err
	}
	assignments, writes := state.Assignments, state.Jobs[job].SchemaWrites
	t.say("adding %s:%s to AttributeMapping wiki-users", addedSchema, addedName)
	if err := t.addAttribute(ctx); err != nil {
		return err
	}
	if err := t.endpointFirst(ctx, writes); err != nil {
		return err
	}
	if err := t.await(ctx, "ScimApp docs/wiki is Ready", t.ready); err != nil {
		return err
	}
	report, err := t.cycle(ctx)
	if err != nil {
		return err
	}
	if !report.Initial {
		return expectation("a full cycle after the change", "an incremental one")
	}
	if err := t.attributeArrived(ctx); err != nil {
		return err
	}
	if state, job, err = t.job(ctx); err != nil {
		return err
	}
	if got := state.Jobs[job].SchemaWrites - writes; got != 1 || len(state.Jobs[job].LostSchemaMembers) > 0 {
		return expectation("one write of the schema, with nothing lost", "%d, lost %v", got, state.Jobs[job].LostSchemaMembers)
	}
	return t.assignmentsAre(ctx, assignments)
}

func (t *teller) addAttribute(ctx context.Context) error {
	mapping := &v1alpha1.AttributeMapping{}
	if err := t.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "wiki-users"}, mapping); err != nil {
		return err
	}
	mapping.Spec.Attributes = append(mapping.Spec.Attributes, v1alpha1.MappedAttribute{Target: addedSchema + ":" + addedName, Source: addedSource})
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"attributes": mapping.Spec.Attributes}})
	if err != nil {
		return fmt.Errorf("encoding the mapping: %w", err)
	}
	_, err = t.Kubectl(ctx, "", "patch", "attributemapping", "wiki-users", "--namespace", namespace, "--type", "merge", "--patch", string(patch))
	return err
}

// endpointFirst waits for the schema to be written, and expects that the endpoint knew the attribute by then. The write is looked for before the
// endpoint is asked, so that a finding is never the story's own delay.
func (t *teller) endpointFirst(ctx context.Context, writesBefore int) error {
	tooEarly := errors.New("the schema was written before the endpoint knew the attribute")
	var broken error
	err := t.await(ctx, "the schema is written, after the endpoint knows the attribute", func(ctx context.Context) error {
		state, job, err := t.job(ctx)
		if err != nil {
			return err
		}
		written := state.Jobs[job].SchemaWrites > writesBefore
		known, err := t.knowsAttribute(ctx, addedSchema, addedName)
		switch {
		case err != nil:
			return err
		case written && !known:
			broken = tooEarly
			return nil
		case !written:
			return fmt.Errorf("no schema write yet (endpoint knows the attribute: %t)", known)
		}
		return nil
	})
	return errors.Join(err, broken)
}

// attributeArrived expects the new attribute at everybody who is entitled, as the directory has it.
func (t *teller) attributeArrived(ctx context.Context) error {
	w, err := t.look(ctx)
	if err != nil {
		return err
	}
	if err := t.endpointHasExactly(ctx, w); err != nil {
		return err
	}
	people, err := t.people(ctx)
	if err != nil {
		return err
	}
	arrived := 0
	for _, person := range people {
		if _, entitled := w.entitled[person.ExternalID]; !entitled {
			continue
		}
		extension, _ := person.Raw[addedSchema].(map[string]any)
		got, _ := extension[addedName].(string)
		if want := w.users[person.ExternalID].OfficeLocation; got != want {
			return expectation(fmt.Sprintf("%s of %s is %q", addedName, person.UserName, want), "%q", got)
		}
		if got != "" {
			arrived++
		}
	}
	if arrived == 0 {
		return expectation("people with the new attribute", "none")
	}
	t.say("the endpoint knew it first; %d people have it now", arrived)
	return nil
}
