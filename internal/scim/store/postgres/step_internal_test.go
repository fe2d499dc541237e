package postgres

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scim-operator/scim-operator/internal/scim/store"
)

// movesOf reads moves: "+a" adds a, "-a" removes it, "+a,b" adds both, and "+a!" is one that the statement for users left.
func movesOf(text string) (all []*move) {
	for word := range strings.FieldsSeq(text) {
		ids, apart := strings.CutSuffix(word[1:], "!")
		change := store.MemberChange{Operation: store.AddMembers, IDs: strings.Split(ids, ",")}
		if word[0] == '-' {
			change.Operation = store.RemoveMembers
		}
		all = append(all, &move{apart: apart, m: &store.Mutation{Members: []store.MemberChange{change}}})
	}
	return all
}

func TestMovesOfOneMemberEachBecomeOneStatement(t *testing.T) {
	for _, test := range []struct {
		name, moves string
		want        []int // how many moves each statement has
	}{
		{"additions of different members", "+a +b +c", []int{3}},
		{"removals of different members", "-a -b", []int{2}},
		{"an addition after a removal begins another", "-a +a +b", []int{1, 2}},
		{"a member that comes again begins another, so that the second changes nothing", "+a +b +a +c", []int{2, 2}},
		{"the same member twice in a request counts once", "+a,a +b", []int{2}},
		{"several members in a request stay by themselves", "+a +b,c +d +e", []int{1, 1, 2}},
		{"what is no user stays by itself", "+a! +b +c", []int{1, 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []int
			for _, steps := range stepsOf(movesOf(test.moves)) {
				got = append(got, len(steps))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("moves of each statement (-want +got):\n%s", diff)
			}
		})
	}
}
