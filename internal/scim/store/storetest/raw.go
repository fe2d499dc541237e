package storetest

import (
	"bytes"
	"encoding/json"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// sameRaw tells that a page whose documents are wanted raw has the same documents, for every page that a test reads.
func (s suite) sameRaw(q store.Query, page store.Page) {
	s.Helper()
	q.Want.Raw = true
	raw, err := s.store.List(s.ctx, q)
	if err != nil {
		s.Fatalf("listing with raw documents: %v", err)
	}
	for i := range raw.Resources {
		raw.Resources[i].Doc = s.decoded(raw.Resources[i].Doc)
	}
	s.equal(raw, page)
}

// decoded is a document of which parts are JSON text.
func (s suite) decoded(raw object) object {
	s.Helper()
	text, err := json.Marshal(raw)
	if err != nil {
		s.Fatalf("a raw document is no JSON: %v", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var doc object
	if err := decoder.Decode(&doc); err != nil {
		s.Fatalf("a raw document is no JSON: %v", err)
	}
	return doc
}
