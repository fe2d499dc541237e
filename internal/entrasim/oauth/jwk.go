package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"
)

// jsonWebKey is the public part of a key (RFC 7517), RSA or elliptic curve.
type jsonWebKey struct {
	Type      string `json:"kty"`
	Use       string `json:"use,omitempty"`
	ID        string `json:"kid,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	Modulus   string `json:"n,omitempty"`
	Exponent  string `json:"e,omitempty"`
	Curve     string `json:"crv,omitempty"`
	X         string `json:"x,omitempty"`
	Y         string `json:"y,omitempty"`
}

// public is the key itself; nil for a kind that the simulator does not verify with.
func (k *jsonWebKey) public() (crypto.PublicKey, error) {
	number := func(text string) (*big.Int, error) {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", k.ID, err)
		}
		return new(big.Int).SetBytes(raw), nil
	}
	switch {
	case k.Type == "RSA":
		n, err := number(k.Modulus)
		if err != nil {
			return nil, err
		}
		e, err := number(k.Exponent)
		if err != nil {
			return nil, err
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	case k.Type == "EC" && k.Curve == "P-256":
		x, err := number(k.X)
		if err != nil {
			return nil, err
		}
		y, err := number(k.Y)
		if err != nil {
			return nil, err
		}
		if x.BitLen() > 256 || y.BitLen() > 256 {
			return nil, fmt.Errorf("key %q: it is no point of P-256", k.ID)
		}
		point := append([]byte{4}, append(x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32))...)...)
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", k.ID, err)
		}
		return key, nil
	default:
		return nil, nil
	}
}

func rsaKey(id string, key *rsa.PublicKey) jsonWebKey {
	return jsonWebKey{Type: "RSA", Use: "sig", ID: id, Algorithm: "RS256",
		Modulus:  base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		Exponent: base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}
}
