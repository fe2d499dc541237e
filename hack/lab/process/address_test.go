package process_test

import (
	"net"
	"strconv"
	"testing"

	"github.com/scim-operator/scim-operator/hack/lab/process"
)

func TestFreeAddressesDifferAndAreNoneThatAConnectionMayTake(t *testing.T) {
	const count, firstEphemeral = 200, 32768
	addresses, err := process.FreeAddresses(count)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, address := range addresses {
		_, text, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		if port, err := strconv.Atoi(text); err != nil || port < 1024 || port >= firstEphemeral {
			t.Errorf("port %s is privileged or one that a connection may take", text)
		}
		seen[address] = true
	}
	if len(seen) != count {
		t.Errorf("%d different addresses, want %d", len(seen), count)
	}
}
