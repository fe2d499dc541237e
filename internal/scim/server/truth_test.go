package server_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// TestD5WhatIsAdvertisedWorks makes a request for each feature that the provider configuration calls supported.
func TestD5WhatIsAdvertisedWorks(t *testing.T) {
	e := start(t)
	saved := map[string]string{"base": e.URL}
	for _, st := range []step{ann, bob} {
		st.run(t, e, saved)
	}
	_, body := send(t, e, http.MethodGet, "/ServiceProviderConfig", "", nil)
	var config map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &config); err != nil {
		t.Fatal(err)
	}
	proofs := map[string]step{
		"patch":  patchAnn(`{"op":"add","path":"title","value":"T"}`, `"title":"T"`),
		"bulk":   bulk(bulkUser("x", "x"), `"status":"201"`),
		"filter": {method: "GET", path: `/Users?filter=userName+eq+"ann@example.com"`, status: 200, contains: []string{`"totalResults":1`}},
		"sort":   inOrder("/Users?sortBy=userName&sortOrder=descending", "bob@example.com", "ann@example.com"),
		"etag":   {method: "PUT", path: "/Users/{bob}", header: map[string]string{"If-Match": `W/"9"`}, body: `{"userName":"b"}`, status: 412},
	}
	for feature, raw := range config {
		var claim struct{ Supported bool }
		if json.Unmarshal(raw, &claim) != nil || !claim.Supported {
			continue
		}
		proof, ok := proofs[feature]
		if !ok {
			t.Errorf("%s is advertised and has no proof", feature)
			continue
		}
		t.Run(feature, func(t *testing.T) { proof.run(t, e, saved) })
		delete(proofs, feature)
	}
	if len(proofs) > 0 {
		t.Errorf("not advertised: %v", proofs)
	}
	step{method: "GET", path: "/Users?cursor&count=1", status: 200, contains: []string{"nextCursor"}}.run(t, e, saved)
	step{method: "GET", path: "/Users?startIndex=2&count=1", status: 200, contains: []string{`"startIndex":2`, `"itemsPerPage":1`}}.run(t, e, saved)
}
