package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	tenant  = "11111111-1111-4111-8111-111111111111"
	foreign = "22222222-2222-4222-8222-222222222222"
	caller  = "33333333-3333-4333-8333-333333333333"
	other   = "44444444-4444-4444-8444-444444444444"
)

var rsaKey = sync.OnceValue(newRSAKey)

func newRSAKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// authority publishes keys as Entra does.
type authority struct {
	*httptest.Server

	mu      sync.Mutex
	keys    map[string]*rsa.PublicKey
	fetched atomic.Int64
}

func newAuthority(t *testing.T, keys map[string]*rsa.PublicKey) *authority {
	t.Helper()
	a := &authority{keys: keys}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/" + tenant + "/discovery/v2.0/keys", "/" + tenant + "/discovery/keys":
			a.fetched.Add(1)
		default:
			w.WriteHeader(http.StatusNotFound)
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		set := []map[string]string{}
		for kid, key := range a.keys {
			set = append(set, map[string]string{
				"kty": "RSA", "use": "sig", "kid": kid, "n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
				"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
			})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": set})
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *authority) publish(kid string, key *rsa.PublicKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys = map[string]*rsa.PublicKey{kid: key}
}

var entraNow = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func newEntraVerifier(t *testing.T, a *authority) *Verifier {
	t.Helper()
	v := newVerifier(t, HashOf("static").String()+" id=static\n")
	e, err := NewEntra(t.Context(), EntraOptions{
		TenantID: tenant, Audiences: []string{"api://wiki", "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"}, AllowedAppIDs: []string{caller},
		Authority: a.URL, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: func() time.Time { return entraNow },
	})
	if err != nil {
		t.Fatal(err)
	}
	v.UseEntra(e)
	t.Cleanup(func() { v.UseEntra(nil) })
	return v
}

// v2Claims are those of a token that must be accepted.
func v2Claims(a *authority) jwt.MapClaims {
	return jwt.MapClaims{
		"iss": a.URL + "/" + tenant + "/v2.0", "aud": "api://wiki", "tid": tenant, "azp": caller, "sub": other, "oid": other,
		"idtyp": "app", "ver": "2.0", "nbf": entraNow.Add(-time.Minute).Unix(), "exp": entraNow.Add(time.Hour).Unix(),
	}
}

func v1Claims(*authority) jwt.MapClaims {
	return jwt.MapClaims{
		"iss": "https://sts.windows.net/" + tenant + "/", "aud": "8adf8e6e-67b2-4cf2-a259-e3dc5476c621", "tid": tenant, "appid": caller,
		"sub": other, "oid": other, "ver": "1.0", "nbf": entraNow.Add(-time.Minute).Unix(), "exp": entraNow.Add(time.Hour).Unix(),
	}
}

// sign makes a token with the key k1 of the authority.
func sign(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims, header map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = "k1"
	for name, value := range header {
		token.Header[name] = value
		if value == nil {
			delete(token.Header, name)
		}
	}
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestX5AcceptsTokensOfThePinnedTenantAndApplication(t *testing.T) {
	a := newAuthority(t, map[string]*rsa.PublicKey{"k1": &rsaKey().PublicKey})
	v := newEntraVerifier(t, a)
	for name, claims := range map[string]func(*authority) jwt.MapClaims{"version 1": v1Claims, "version 2": v2Claims} {
		identity, err := v.Verify(sign(t, jwt.SigningMethodRS256, rsaKey(), claims(a), nil))
		if want := (Identity{TokenID: "entra:" + caller, Scope: Write}); err != nil || identity != want {
			t.Errorf("%s: %+v, %v; want %+v", name, identity, err, want)
		}
	}
	if identity, err := v.Verify("static"); err != nil || identity.TokenID != "static" {
		t.Errorf("a static token besides: %+v, %v", identity, err)
	}
	tokens, hashes := v.Status()
	if len(hashes) != 1 || len(tokens) != 2 || tokens[1].ID != "entra:"+caller || tokens[1].LastUsedAt == nil {
		t.Errorf("status %+v, %v; want the application with its last use", tokens, hashes)
	}
}

func TestX5RefusesEveryOtherToken(t *testing.T) {
	a := newAuthority(t, map[string]*rsa.PublicKey{"k1": &rsaKey().PublicKey})
	v := newEntraVerifier(t, a)
	stranger := newRSAKey()
	with := func(key string, value any) func() string {
		return func() string {
			claims := v2Claims(a)
			claims[key] = value
			if value == nil {
				delete(claims, key)
			}
			return sign(t, jwt.SigningMethodRS256, rsaKey(), claims, nil)
		}
	}
	v1With := func(key string, value any) func() string {
		return func() string {
			claims := v1Claims(a)
			claims[key] = value
			if value == nil {
				delete(claims, key)
			}
			return sign(t, jwt.SigningMethodRS256, rsaKey(), claims, nil)
		}
	}
	for name, make := range map[string]func() string{
		"algorithm none": func() string {
			return sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, v2Claims(a), nil)
		},
		"algorithm HS256 with the public key as secret": func() string {
			return sign(t, jwt.SigningMethodHS256, rsaKey().N.Bytes(), v2Claims(a), nil)
		},
		"algorithm RS512":                func() string { return sign(t, jwt.SigningMethodRS512, rsaKey(), v2Claims(a), nil) },
		"algorithm PS256":                func() string { return sign(t, jwt.SigningMethodPS256, rsaKey(), v2Claims(a), nil) },
		"another key under a known name": func() string { return sign(t, jwt.SigningMethodRS256, stranger, v2Claims(a), nil) },
		"a key that nobody published": func() string {
			return sign(t, jwt.SigningMethodRS256, stranger, v2Claims(a), map[string]any{"kid": "k9"})
		},
		"no key named": func() string {
			return sign(t, jwt.SigningMethodRS256, rsaKey(), v2Claims(a), map[string]any{"kid": nil})
		},
		"a key named by a number": func() string { return sign(t, jwt.SigningMethodRS256, rsaKey(), v2Claims(a), map[string]any{"kid": 1}) },
		"a critical header": func() string {
			return sign(t, jwt.SigningMethodRS256, rsaKey(), v2Claims(a), map[string]any{"crit": []string{"x"}})
		},
		"a changed payload":                 func() string { return changed(with("azp", caller)()) },
		"the issuer of a foreign tenant":    with("iss", a.URL+"/"+foreign+"/v2.0"),
		"the v1 issuer of a foreign tenant": v1With("iss", "https://sts.windows.net/"+foreign+"/"),
		"a v1 issuer without its slash":     v1With("iss", "https://sts.windows.net/"+tenant),
		"an unknown issuer":                 with("iss", "https://login.example.com/"+tenant+"/v2.0"),
		"no issuer":                         with("iss", nil),
		"the id of a foreign tenant":        with("tid", foreign),
		"no tenant":                         with("tid", nil),
		"another audience":                  with("aud", "api://other"),
		"no audience":                       with("aud", nil),
		"another application":               with("azp", other),
		"no application":                    with("azp", nil),
		"an empty application":              with("azp", ""),
		"a v2 token that has only appid": func() string {
			c := v2Claims(a)
			c["appid"] = caller
			delete(c, "azp")
			return sign(t, jwt.SigningMethodRS256, rsaKey(), c, nil)
		},
		"a v1 token that has only azp": func() string {
			c := v1Claims(a)
			c["azp"] = caller
			delete(c, "appid")
			return sign(t, jwt.SigningMethodRS256, rsaKey(), c, nil)
		},
		"a v1 token of another application":   v1With("appid", other),
		"a user's token":                      with("sub", "pairwise"),
		"a token without a subject":           with("sub", nil),
		"a token that says it is a user's":    with("idtyp", "user"),
		"an expired token":                    with("exp", entraNow.Add(-leeway-time.Second).Unix()),
		"a token that never expires":          with("exp", nil),
		"a token of the future":               with("nbf", entraNow.Add(leeway+time.Second).Unix()),
		"a token that does not say from when": with("nbf", nil),
		"no token":                            func() string { return "a.b.c" },
	} {
		if identity, err := v.Verify(make()); err == nil || identity != (Identity{}) {
			t.Errorf("%s: accepted as %+v", name, identity)
		}
	}
}

// changed replaces the payload of a token and keeps its signature.
func changed(token string) string {
	parts := strings.Split(token, ".")
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), other, caller, 1)))
	return strings.Join(parts, ".")
}

func TestX5ClocksMayBeAMinuteApart(t *testing.T) {
	a := newAuthority(t, map[string]*rsa.PublicKey{"k1": &rsaKey().PublicKey})
	v := newEntraVerifier(t, a)
	claims := v2Claims(a)
	claims["exp"], claims["nbf"] = entraNow.Add(-leeway+time.Second).Unix(), entraNow.Add(leeway-time.Second).Unix()
	if _, err := v.Verify(sign(t, jwt.SigningMethodRS256, rsaKey(), claims, nil)); err != nil {
		t.Error("a token within the leeway is refused")
	}
}

func TestX5ANewKeyIsFetchedOnceAndStrangersCannotHaveItFetchedAgain(t *testing.T) {
	a := newAuthority(t, map[string]*rsa.PublicKey{"k1": &rsaKey().PublicKey})
	v := newEntraVerifier(t, a)
	next := newRSAKey()
	a.publish("k2", &next.PublicKey)
	if _, err := v.Verify(sign(t, jwt.SigningMethodRS256, next, v2Claims(a), map[string]any{"kid": "k2"})); err != nil {
		t.Error("a token with a new key is refused")
	}
	before := a.fetched.Load() // two addresses at the start, and one or both for the new key
	for range 50 {
		if _, err := v.Verify(sign(t, jwt.SigningMethodRS256, next, v2Claims(a), map[string]any{"kid": "k3"})); err == nil {
			t.Fatal("a token with an unknown key is accepted")
		}
	}
	if before > 4 || a.fetched.Load() != before {
		t.Errorf("the keys were fetched %d times and then %d times more; want 4 at most and none", before, a.fetched.Load()-before)
	}
}

func TestX5KeysThatCannotBeFetchedLetNobodyIn(t *testing.T) {
	a := newAuthority(t, nil)
	a.Close()
	v := newEntraVerifier(t, a)
	if _, err := v.Verify(sign(t, jwt.SigningMethodRS256, rsaKey(), v2Claims(a), nil)); err == nil {
		t.Error("a token is accepted without keys")
	}
}

func TestX5WithoutTheModeNoTokenOfEntraIsAccepted(t *testing.T) {
	a := newAuthority(t, map[string]*rsa.PublicKey{"k1": &rsaKey().PublicKey})
	v := newEntraVerifier(t, a)
	token := sign(t, jwt.SigningMethodRS256, rsaKey(), v2Claims(a), nil)
	v.UseEntra(nil)
	if _, err := v.Verify(token); err == nil {
		t.Error("it is accepted")
	}
}
