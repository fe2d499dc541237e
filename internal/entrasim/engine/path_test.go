package engine

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPathsReadAndWrite(t *testing.T) {
	for name, want := range map[string]string{
		"userName":                                            `{"userName":"v"}`,
		"name.givenName":                                      `{"name":{"givenName":"v"}}`,
		`emails[type eq "work"].value`:                        `{"emails":[{"primary":true,"type":"work","value":"v"}]}`,
		`emails[type eq "home"].value`:                        `{"emails":[{"type":"home","value":"v"}]}`,
		`addresses[type eq "work"].locality`:                  `{"addresses":[{"locality":"v","type":"work"}]}`,
		"urn:ietf:params:scim:schemas:core:2.0:User:nickName": `{"nickName":"v"}`,
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":         `{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"v"}}`,
		"urn:ietf:params:scim:schemas:extension:wiki:2.0:User:shelf":                    `{"urn:ietf:params:scim:schemas:extension:wiki:2.0:User":{"shelf":"v"}}`,
		`urn:ietf:params:scim:schemas:extension:wiki:2.0:User:pets[kind eq "a:b"].name`: `{"urn:ietf:params:scim:schemas:extension:wiki:2.0:User":{"pets":[{"kind":"a:b","name":"v"}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			p, err := parsePath(name)
			if err != nil {
				t.Fatal(err)
			}
			resource := map[string]any{}
			p.write(resource, "v")
			got, err := json.Marshal(resource)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("wrote %s, want %s", got, want)
			}
			if diff := cmp.Diff([]string{"v"}, p.read(resource)); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
			if empty := p.read(map[string]any{}); empty != nil {
				t.Errorf("read %v from an empty resource", empty)
			}
		})
	}
	if _, err := parsePath("emails[type].value"); err == nil {
		t.Error("a path with a broken filter was accepted")
	}
}
