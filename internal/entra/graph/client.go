package graph

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	kauth "github.com/microsoft/kiota-authentication-azure-go"
	kjson "github.com/microsoft/kiota-serialization-json-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/applications"
	"github.com/microsoftgraph/msgraph-sdk-go/applicationtemplates"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipals"

	"github.com/scim-operator/scim-operator/internal/entra"
	"github.com/scim-operator/scim-operator/internal/fault"
)

// directory implements entra.Directory for one connection.
//
// It takes the SDK's request builders from their own packages: the root package would
// compile eighty more of them, among them those of drives and mail, for nothing.
type directory struct {
	endpoints  endpoints
	credential *credential
	adapter    abstractions.RequestAdapter
	timeout    time.Duration
	caller     bool
}

var _ entra.Directory = (*directory)(nil)

func newDirectory(e endpoints, cred *credential, client *http.Client, timeout time.Duration) (*directory, error) {
	// The list of hosts is what keeps the token from being sent anywhere else, a nextLink included.
	auth, err := kauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(cred, []string{e.scope()}, []string{e.host()})
	if err != nil {
		return nil, err
	}
	adapter, err := core.NewGraphRequestAdapterBaseWithParseNodeFactoryAndSerializationWriterFactoryAndHttpClient(
		auth, core.GraphClientOptions{}, kjson.NewJsonParseNodeFactory(), kjson.NewJsonSerializationWriterFactory(), client)
	if err != nil {
		return nil, err
	}
	adapter.SetBaseUrl(e.base())
	return &directory{endpoints: e, credential: cred, adapter: adapter, timeout: timeout}, nil
}

func (d *directory) applications() *applications.ApplicationsRequestBuilder {
	return applications.NewApplicationsRequestBuilderInternal(map[string]string{}, d.adapter)
}

func (d *directory) servicePrincipals() *serviceprincipals.ServicePrincipalsRequestBuilder {
	return serviceprincipals.NewServicePrincipalsRequestBuilderInternal(map[string]string{}, d.adapter)
}

func (d *directory) templates() *applicationtemplates.ApplicationTemplatesRequestBuilder {
	return applicationtemplates.NewApplicationTemplatesRequestBuilderInternal(map[string]string{}, d.adapter)
}

// call sends one request, within the timeout, and translates its failure. Every
// request of this package passes here.
func (d *directory) call(ctx context.Context, op operation, send func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	op.caller = d.caller
	ctx, ex := withExchange(ctx, op)
	err := send(ctx)
	if ex.last != nil {
		err = ex.last
	}
	err = translate(op, err)
	var e *entra.Error
	if errors.As(err, &e) && e.Status == 0 && !ex.sent.Load() {
		e.NotSent = true
	}
	if reason := fault.ReasonOf(err, ""); reason == entra.ReasonPermissionMissing || reason == entra.ReasonSynchronizationDenied {
		d.credential.renew()
	}
	return err
}

var errEmptyAnswer = errors.New("the answer was empty")

// get sends one request whose answer the SDK decodes. The SDK gives nil for an empty
// answer, which is an error for everything that we ask.
func get[T any](ctx context.Context, d *directory, op operation, send func(context.Context) (T, error)) (T, error) {
	var result T
	err := d.call(ctx, op, func(ctx context.Context) error {
		var err error
		result, err = send(ctx)
		if err == nil && any(result) == nil {
			err = errEmptyAnswer
		}
		return err
	})
	return result, err
}

// page is what the SDK's collection responses have in common.
type page[T any] interface {
	GetValue() []T
	GetOdataNextLink() *string
}

// list follows @odata.nextLink to the end.
func list[T any, P page[T]](ctx context.Context, d *directory, op operation,
	first func(context.Context) (P, error), next func(ctx context.Context, url string) (P, error),
) ([]T, error) {
	var all []T
	current, err := get(ctx, d, op, first)
	for {
		if err != nil {
			return nil, err
		}
		all = append(all, current.GetValue()...)
		link := deref(current.GetOdataNextLink())
		if link == "" {
			return all, nil
		}
		current, err = get(ctx, d, op, func(ctx context.Context) (P, error) { return next(ctx, link) })
	}
}

// objectID parses an ID for the SDK's types. An ID that is none stems from a manifest.
func objectID(op operation, what, id string) (*uuid.UUID, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		e := &entra.Error{Operation: op.doing, NotSent: true, Err: errors.New(what + " " + id + " is not an object ID")}
		return nil, fault.NewTerminal(entra.ReasonRequestRefused, e)
	}
	return &parsed, nil
}

// ignoring gives nil for an error that means that the wanted state is there already.
func ignoring(err error, isDone func(*entra.Error) bool) error {
	var e *entra.Error
	if errors.As(err, &e) && isDone(e) {
		return nil
	}
	return err
}

func isGone(e *entra.Error) bool { return e.Status == http.StatusNotFound }

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
