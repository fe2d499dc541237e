package crash

import (
	"testing"

	"github.com/scim-operator/scim-operator/test/kit"
)

var cluster *kit.Cluster

func TestMain(m *testing.M) { kit.Main(m, &cluster) }
