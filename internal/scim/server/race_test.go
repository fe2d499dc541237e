package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// together runs f n times at once and returns the number of each status.
func together(n int, f func(i int) int) map[int]int {
	statuses := make([]int, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { statuses[i] = f(i) })
	}
	group.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	return count
}

func TestC2I10OneOfManyIdenticalCreatesSucceeds(t *testing.T) {
	onBothStores(t, checkC2I10OneOfManyIdenticalCreatesSucceeds)
}

func checkC2I10OneOfManyIdenticalCreatesSucceeds(t *testing.T, e *running) {
	t.Helper()
	statuses := together(100, func(i int) int {
		name := "Ann@example.com"
		if i%2 == 1 {
			name = strings.ToUpper(name)
		}
		response, _ := send(t, e, http.MethodPost, "/Users", fmt.Sprintf(`{"userName":%q}`, name), nil)
		return response.StatusCode
	})
	if statuses[201] != 1 || statuses[409] != 99 {
		t.Errorf("statuses %v, want one 201 and 99 409", statuses)
	}
}

func TestV4OneOfManyWritersWithOneTagSucceeds(t *testing.T) {
	onBothStores(t, checkV4OneOfManyWritersWithOneTagSucceeds)
}

func checkV4OneOfManyWritersWithOneTagSucceeds(t *testing.T, e *running) {
	t.Helper()
	_, body := send(t, e, http.MethodPost, "/Users", `{"userName":"ann"}`, nil)
	id := idOf(t, body)
	statuses := together(10, func(i int) int {
		operations := fmt.Sprintf(`{"Operations":[{"op":"replace","path":"title","value":"T%d"}]}`, i)
		response, _ := send(t, e, http.MethodPatch, "/Users/"+id, operations, map[string]string{"If-Match": `W/"1"`})
		return response.StatusCode
	})
	if statuses[200] != 1 || statuses[412] != 9 {
		t.Errorf("statuses %v, want one 200 and nine 412", statuses)
	}
}

func TestG13ParallelPatchesOfOneGroupLoseNoMember(t *testing.T) {
	onBothStores(t, checkG13ParallelPatchesOfOneGroupLoseNoMember)
}

func checkG13ParallelPatchesOfOneGroupLoseNoMember(t *testing.T, e *running) {
	t.Helper()
	_, body := send(t, e, http.MethodPost, "/Groups", `{"displayName":"G"}`, nil)
	groupID := idOf(t, body)
	const people = 20
	var ids [people]string
	for i := range ids {
		_, body := send(t, e, http.MethodPost, "/Users", fmt.Sprintf(`{"userName":"u%d"}`, i), nil)
		ids[i] = idOf(t, body)
	}
	statuses := together(people, func(i int) int {
		operations := fmt.Sprintf(`{"Operations":[{"op":"Add","path":"members","value":[{"value":%q}]}]}`, ids[i])
		response, _ := send(t, e, http.MethodPatch, "/Groups/"+groupID, operations, nil)
		return response.StatusCode
	})
	if statuses[204] != people {
		t.Fatalf("statuses %v, want only 204", statuses)
	}
	_, body = send(t, e, http.MethodGet, "/Groups/"+groupID, "", nil)
	for _, id := range ids {
		if !strings.Contains(body, id) {
			t.Errorf("member %s is lost", id)
		}
	}
}
