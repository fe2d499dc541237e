// A client of another language than ours: the Azure SDK for JavaScript logs in to the simulator, makes an application from
// the template, and takes its job to a start, unmodified and over TLS. It prints the job's status after the start.
import { ClientSecretCredential } from "@azure/identity";
import { Client, BatchRequestContent, BatchResponseContent, PageIterator } from "@microsoft/microsoft-graph-client";
import { TokenCredentialAuthenticationProvider } from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";
import assert from "node:assert/strict";

const { GRAPH_URL, TENANT_ID, CLIENT_ID, CLIENT_SECRET, SCIM_URL, SCIM_TOKEN } = process.env;

const credential = new ClientSecretCredential(TENANT_ID, CLIENT_ID, CLIENT_SECRET, {
  authorityHost: GRAPH_URL,
  disableInstanceDiscovery: true,
});
const graph = Client.initWithMiddleware({
  baseUrl: GRAPH_URL,
  customHosts: new Set([new URL(GRAPH_URL).hostname]),
  authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: [`${GRAPH_URL}/.default`] }),
});

// People: a filter, a count, and pages until there are no more.
const counted = await graph.api("/users").header("ConsistencyLevel", "eventual").count(true).top(2).get();
const names = [];
await new PageIterator(graph, counted, (user) => names.push(user.userPrincipalName)).iterate();
assert.equal(names.length, counted["@odata.count"]);

// Application and service principal.
const made = await graph
  .api("/applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate")
  .post({ displayName: "Wiki" });
const sp = made.servicePrincipal.id;
const found = await graph.api("/servicePrincipals").filter("displayName eq 'Wiki'").select(["id", "appRoles"]).get();
assert.deepEqual(found.value.map((p) => p.id), [sp]);
const sync = `/servicePrincipals/${sp}/synchronization`;

// Job.
const templates = await graph.api(`${sync}/templates`).get();
assert.ok(templates.value.some((t) => t.id === "scim"));
const job = await graph.api(`${sync}/jobs`).post({ templateId: "scim" });
assert.equal(job.schedule.state, "Disabled");

// Credentials: looked at before they are stored, and again as they are stored.
const credentials = [
  { key: "BaseAddress", value: SCIM_URL },
  { key: "SecretToken", value: SCIM_TOKEN },
];
await graph.api(`${sync}/jobs/${job.id}/validateCredentials`).post({ credentials });
await graph.api(`${sync}/secrets`).put({
  value: [
    ...credentials,
    { key: "SyncAll", value: "false" },
    { key: "SyncNotificationSettings", value: JSON.stringify({ Enabled: false, DeleteThresholdEnabled: false }) },
  ],
});
const secrets = await graph.api(`${sync}/secrets`).get();
assert.equal(secrets.value.find((s) => s.key === "SecretToken").value, "*");
await graph.api(`${sync}/jobs/${job.id}/validateCredentials`).post({ useSavedCredentials: true });
await assert.rejects(
  graph.api(`${sync}/jobs/${job.id}/validateCredentials`).post({ credentials: [credentials[0], { key: "SecretToken", value: "wrong" }] }),
  (error) => error.statusCode === 400 && error.code === "InvalidCredentials",
);

// Schema: as it was read.
await graph.api(`${sync}/jobs/${job.id}/schema`).put(await graph.api(`${sync}/jobs/${job.id}/schema`).get());

// Assignments, two in one batch. Its addresses are relative to the version, and the SDK cuts off the host only.
const role = found.value[0].appRoles.find((r) => r.displayName === "User").id;
const people = await graph.api("/users").filter("accountEnabled eq true").top(2).get();
const steps = people.value.map((user, i) => ({
  id: String(i),
  request: new Request(`${GRAPH_URL}/servicePrincipals/${sp}/appRoleAssignedTo`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ principalId: user.id, resourceId: sp, appRoleId: role }),
  }),
}));
const batch = new BatchResponseContent(await graph.api("/$batch").post(await new BatchRequestContent(steps).getContent()));
for (const [, response] of batch.getResponses()) assert.equal(response.status, 201);

// Start.
await graph.api(`${sync}/jobs/${job.id}/start`).post({});
const started = await graph.api(`${sync}/jobs/${job.id}`).get();
console.log(JSON.stringify({ job: job.id, state: started.schedule.state, code: started.status.code }));
