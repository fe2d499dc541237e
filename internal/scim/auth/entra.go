package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

const (
	// DefaultAuthority issues tokens and publishes keys for the tenants of the global cloud.
	DefaultAuthority = "https://login.microsoftonline.com"
	// leeway is how far the clocks of Entra and this machine may be apart.
	leeway = time.Minute
	// keysTimeout bounds how long a request waits for keys.
	keysTimeout = 5 * time.Second
	// unknownKeyInterval is how often a token with an unknown key may have the keys fetched: everybody can send one.
	unknownKeyInterval = 2 * time.Minute
)

// EntraOptions pin whose tokens are accepted. All of it matters: any tenant in the world gets tokens for the
// audience that non-gallery applications share.
type EntraOptions struct {
	TenantID                 string
	Audiences, AllowedAppIDs []string
	// Authority is DefaultAuthority when empty.
	Authority string
	Log       *slog.Logger
	// Now is the clock.
	Now func() time.Time
}

// Entra checks tokens that Entra issued to applications.
type Entra struct {
	options EntraOptions
	keys    keyfunc.Keyfunc
	parser  *jwt.Parser
	stop    context.CancelFunc
	// lastUsed has, for each allowed application, the last use in Unix milliseconds, 0 for never.
	lastUsed map[string]*atomic.Int64
}

// entraClaims are what is read of a token. A v1 token names its application in appid, a v2 token in azp.
type entraClaims struct {
	jwt.RegisteredClaims

	TenantID        string `json:"tid"`
	ObjectID        string `json:"oid"`
	IdentityType    string `json:"idtyp"`
	AppID           string `json:"appid"`
	AuthorizedParty string `json:"azp"`
}

// NewEntra fetches the keys of the tenant and keeps them current until Close or the end of the context. That keys
// cannot be fetched is logged and not an error: they are fetched again when a token comes.
func NewEntra(ctx context.Context, o EntraOptions) (*Entra, error) {
	if o.Authority == "" {
		o.Authority = DefaultAuthority
	}
	o.TenantID = strings.ToLower(o.TenantID)
	ctx, stop := context.WithCancel(ctx)
	e := &Entra{options: o, stop: stop, lastUsed: map[string]*atomic.Int64{}}
	for _, id := range o.AllowedAppIDs {
		e.lastUsed[strings.ToLower(id)] = &atomic.Int64{}
	}
	tenant := o.Authority + "/" + o.TenantID // each version of tokens has an address for its keys
	keys, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{tenant + "/discovery/v2.0/keys", tenant + "/discovery/keys"}, keyfunc.Override{
		Client: &http.Client{
			Timeout:       keysTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		HTTPTimeout: keysTimeout, RateLimitWaitMax: keysTimeout, RefreshInterval: time.Hour,
		RefreshUnknownKID: rate.NewLimiter(rate.Every(unknownKeyInterval), 1),
		RefreshErrorHandlerFunc: func(url string) func(context.Context, error) {
			return func(_ context.Context, err error) { o.Log.Error("keys of Entra not fetched", "url", url, "error", err) }
		},
	})
	if err != nil {
		stop()
		return nil, fmt.Errorf("preparing the keys of Entra: %w", err)
	}
	e.keys = keys
	e.parser = jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}), jwt.WithExpirationRequired(),
		jwt.WithNotBeforeRequired(), jwt.WithLeeway(leeway), jwt.WithAudience(o.Audiences...), jwt.WithTimeFunc(o.Now))
	return e, nil
}

// Close ends the refreshing of keys.
func (e *Entra) Close() {
	e.stop()
}

// verify returns whose token it is, or why it is not accepted.
func (e *Entra) verify(token string) (Identity, error) {
	var claims entraClaims
	if _, err := e.parser.ParseWithClaims(token, &claims, e.key); err != nil {
		return Identity{}, whyNot(err)
	}
	app, ok := e.application(claims)
	if !ok {
		return Identity{}, errNotAllowed
	}
	e.lastUsed[app].Store(e.options.Now().UnixMilli())
	return Identity{TokenID: entraID(app), Scope: Write}, nil
}

// errNotAllowed is about a token of Entra that is not meant for here.
var errNotAllowed = errors.New("a token that Entra issued, to none of allowedAppIDs or in another tenant")

// whyNot keeps of an error what says nothing of the token's content.
func whyNot(err error) error {
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return ErrEnded
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return fmt.Errorf("a token that Entra issued: %w", jwt.ErrTokenInvalidAudience)
	default:
		return ErrUnknownToken
	}
}

// key finds the key that the token names. The fetching of keys is everybody's, so no request's context ends it.
func (e *Entra) key(token *jwt.Token) (any, error) {
	if kid, ok := token.Header["kid"].(string); !ok || kid == "" {
		return nil, errors.New("the token names no key")
	}
	if _, ok := token.Header["crit"]; ok {
		return nil, errors.New("the token demands what is not understood here") // RFC 7515 section 4.1.11
	}
	return e.keys.Keyfunc(token)
}

// application returns the allowed application that the token was issued to by the pinned tenant. That subject and
// object are the same is how Entra marks an application that calls for itself and not for a user.
func (e *Entra) application(c entraClaims) (string, bool) {
	app := ""
	switch c.Issuer {
	case "https://sts.windows.net/" + e.options.TenantID + "/":
		app = c.AppID
	case e.options.Authority + "/" + e.options.TenantID + "/v2.0":
		app = c.AuthorizedParty
	}
	app = strings.ToLower(app)
	_, allowed := e.lastUsed[app]
	ofApplication := c.Subject != "" && c.Subject == c.ObjectID && (c.IdentityType == "" || c.IdentityType == "app")
	return app, allowed && ofApplication && strings.EqualFold(c.TenantID, e.options.TenantID)
}

func entraID(app string) string {
	return "entra:" + app
}

// status returns a line for each allowed application.
func (e *Entra) status() []TokenStatus {
	var tokens []TokenStatus
	for _, app := range slices.Sorted(maps.Keys(e.lastUsed)) {
		tokens = append(tokens, TokenStatus{ID: entraID(app), Scope: Write, LastUsedAt: lastUse(e.lastUsed[app])})
	}
	return tokens
}
