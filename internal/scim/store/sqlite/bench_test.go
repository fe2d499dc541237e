package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/scim-operator/scim-operator/internal/scim/store"
	"github.com/scim-operator/scim-operator/internal/scim/store/storetest"
)

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(t testing.TB) store.Store { return open(t, filepath.Join(t.TempDir(), "scim.db")) })
}
