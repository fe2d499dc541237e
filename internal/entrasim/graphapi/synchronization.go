package graphapi

import (
	"net/http"
	"strings"

	"github.com/scim-operator/scim-operator/internal/entrasim/syncschema"
	"github.com/scim-operator/scim-operator/internal/entrasim/tenant"
)

func (c *call) syncContext(rest string) string {
	return "servicePrincipals('" + c.param("id") + "')/synchronization/" + rest
}

// template shows a synchronization template. The values of description, factoryTag and default for scim are those of a
// gallery application: unconfirmed(template-values). Keys of metadata are in camel case and include ones that Graph's enum does not have, as the service sends them.
func (c *call) templateOf(id, appID string) object {
	pair := func(key, value string) any { return object{"key": key, "value": value} }
	return object{
		"id": id, "applicationId": appID, "default": id == tenant.TemplateSCIM, "description": nil, "discoverable": true,
		"factoryTag": "CustomSCIM",
		"metadata": []any{
			pair("galleryApplicationIdentifier", tenant.TemplatePublic), pair("galleryApplicationKey", "customappsso"),
			pair("isSynchronizationInPreview", "false"), pair("azureIngestionAttributeOptimization", "false"),
			pair("configurationFields", `[{"name":"baseaddress"},{"name":"secrettoken","secret":true}]`),
		},
		"schema": c.api.tenant.TemplateSchema(id),
	}
}

func listTemplates(c *call) error {
	_, appID, err := c.api.tenant.Provisionable(c.param("id"))
	if err != nil {
		return err
	}
	return c.list(syncObjects, c.syncContext("templates"), []object{c.templateOf(tenant.TemplateSCIM, appID),
		c.templateOf(tenant.TemplateLegacy, appID)})
}

func (c *call) template() (object, error) {
	_, appID, err := c.api.tenant.Provisionable(c.param("id"))
	if err != nil {
		return nil, err
	}
	id := c.param("template")
	if id != tenant.TemplateSCIM && id != tenant.TemplateLegacy {
		return nil, tenant.NotFound(id)
	}
	return c.templateOf(id, appID), nil
}

func getTemplate(c *call) error {
	o, err := c.template()
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, c.syncContext("templates/$entity"), o)
}

func getTemplateSchema(c *call) error {
	o, err := c.template()
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, c.syncContext("templates('"+c.param("template")+"')/schema/$entity"), o["schema"].(object))
}

func listJobs(c *call) error {
	jobs, err := c.api.tenant.Jobs(c.param("id"))
	if err != nil {
		return err
	}
	if len(jobs) == 0 && c.api.options.NoJobsIs404 {
		return tenant.NotFound(c.param("id"))
	}
	return c.list(syncObjects, c.syncContext("jobs"), jobs)
}

func createJob(c *call) error {
	var in struct{ TemplateID string }
	if err := c.body(&in); err != nil {
		return err
	}
	job, err := c.api.tenant.CreateJob(c.param("id"), in.TemplateID)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if c.api.options.JobIsMadeWith200 {
		status = http.StatusOK
	}
	return c.one(status, c.syncContext("jobs/$entity"), job)
}

func getJob(c *call) error {
	job, err := c.api.tenant.Job(c.param("id"), c.param("job"))
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, c.syncContext("jobs/$entity"), job)
}

// notServed is PATCH on a job or schema, which the published metadata promises and the service does not have.
func notServed(c *call) error {
	path := "servicePrincipals('" + c.param("id") + "')/synchronization/jobs('" + c.param("job") + "')"
	if strings.HasSuffix(c.URL.Path, "/schema") {
		path += "/schema"
	}
	return tenant.NotServed(path)
}

func deleteJob(c *call) error {
	if err := c.api.tenant.DeleteJob(c.param("id"), c.param("job")); err != nil {
		return err
	}
	return c.noContent()
}

func startJob(c *call) error {
	if err := c.api.tenant.StartJob(c.param("id"), c.param("job")); err != nil {
		return err
	}
	return c.noContent()
}

func pauseJob(c *call) error {
	if err := c.api.tenant.PauseJob(c.param("id"), c.param("job")); err != nil {
		return err
	}
	return c.noContent()
}

func restartJob(c *call) error {
	var in struct{ Criteria struct{ ResetScope string } }
	if err := c.body(&in); err != nil {
		return err
	}
	if err := c.api.tenant.RestartJob(c.param("id"), c.param("job"), in.Criteria.ResetScope); err != nil {
		return err
	}
	return c.noContent()
}

func getSchema(c *call) error {
	schema, err := c.api.tenant.Schema(c.param("id"), c.param("job"))
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, c.syncContext("jobs('"+c.param("job")+"')/schema/$entity"), schema)
}

func putSchema(c *call) error {
	schema := object{}
	if err := c.body(&schema); err != nil {
		return err
	}
	if err := c.api.tenant.PutSchema(c.param("id"), c.param("job"), schema); err != nil {
		return err
	}
	return c.noContent()
}

func deleteSchema(c *call) error {
	if err := c.api.tenant.ResetSchema(c.param("id"), c.param("job")); err != nil {
		return err
	}
	return c.noContent()
}

func filterOperators(c *call) error {
	return c.values("Collection(microsoft.graph.filterOperatorSchema)", syncschema.FilterOperators())
}

func functions(c *call) error {
	return c.values("Collection(microsoft.graph.attributeMappingFunctionSchema)", syncschema.Functions())
}

// values answers with a whole list that a job's schema offers.
func (c *call) values(fragment string, list []any) error {
	if _, err := c.api.tenant.Job(c.param("id"), c.param("job")); err != nil {
		return err
	}
	return c.send(http.StatusOK, object{"@odata.context": c.context(fragment), "value": list})
}

// discover asks the application for its schema, which works for gallery applications only. How it is refused for others is
// not published: unconfirmed(discover).
func discover(c *call) error {
	if _, err := c.api.tenant.Job(c.param("id"), c.param("job")); err != nil {
		return err
	}
	return tenant.BadRequest("The directory '%s' does not support schema discovery.", c.param("directory"))
}

func getConnection(c *call) error {
	connection, err := c.api.tenant.Connection(c.param("id"), c.param("job"), c.param("object"))
	if err != nil {
		return err
	}
	return c.one(http.StatusOK, c.syncContext("jobs('"+c.param("job")+"')/objectConnections/$entity"), connection)
}

func deleteConnection(c *call) error {
	if err := c.api.tenant.CutConnection(c.param("id"), c.param("job"), c.param("object")); err != nil {
		return err
	}
	return c.noContent()
}
