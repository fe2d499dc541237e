package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/server"
	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// FuzzBulk sends any body to /Bulk: it is never an internal error, and no reference reaches the store (B-9).
func FuzzBulk(f *testing.F) {
	for _, seed := range []string{
		`{"Operations":[` + bulkUser("a", "a") + `,` + bulkGroup("g", "G", "bulkId:a") + `]}`,
		`{"failOnErrors":1,"Operations":[` + bulkGroup("a", "A", "bulkId:b") + `,` + bulkGroup("b", "B", "bulkId:a") + `]}`,
		`{"Operations":[{"method":"PATCH","path":"/Users/bulkId:a","data":{"Operations":[{"op":"add","path":"manager","value":"bulkId:a"}]}},` + bulkUser("a", "a") + `]}`,
		`{"Operations":[{"method":"DELETE","path":"/Users/bulkId:a"},{"method":"PUT","path":"/Groups/x","version":"*","data":{}}]}`,
		`{"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":{"userName":"bulkId:a","emails":["bulkId:b",null]}}]}`,
		`{"Operations":[7,null,{},{"method":"POST","path":"/Bulk","bulkId":"x","data":{"bulkId:x":{"bulkId:x":["bulkId:x"]}}}]}`,
	} {
		f.Add([]byte(seed))
	}
	e := start(f, func(o *server.Options) {
		o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil))
		o.Settings = func() server.Settings { return server.Settings{RequestsPerSecond: 1e9, Burst: 1e9} }
		o.Store = &referenceless{o.Store}
	})
	f.Fuzz(func(t *testing.T, body []byte) {
		request := httptest.NewRequestWithContext(t.Context(), "POST", "/scim/v2/Bulk", bytes.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+e.Token)
		answer := httptest.NewRecorder()
		e.Server.ServeHTTP(answer, request)
		if answer.Code >= 500 || strings.Contains(answer.Body.String(), `"status":"5`) {
			t.Errorf("%s: %d %s", body, answer.Code, answer.Body)
		}
	})
}

// referenceless refuses with an internal error whatever still holds a reference to another operation.
type referenceless struct{ store.Store }

func (r *referenceless) Apply(ctx context.Context, m store.Mutation) (store.Applied, error) {
	if content, err := json.Marshal([]any{m.Doc, m.ID, m.Members}); err != nil || strings.Contains(string(content), `"bulkId:`) {
		return store.Applied{}, fmt.Errorf("a reference reached the store: %s, %w", content, err)
	}
	return r.Store.Apply(ctx, m)
}
