package postgres

// The statements of the hot paths, whose plans are tested.
var HotStatements = map[string]string{
	"create":         createWithout,
	"update a user":  updateUser,
	"keep names":     updateKnown,
	"update a group": updateGroup,
	"add users":      addUsers,
	"add members":    addMembers,
	"remove users":   removeUsers,
	"remove members": removeMembers,
	"delete":         remove,
	"find a horizon": findHorizon,
}

// Configure lets a test have sessions like those of the store.
var Configure = configure

// Drawing is joined to what draws a sequence.
const Drawing = drawing

// Waiting is how many mutations of a group queue behind the transaction under way.
func (s *Store) Waiting(groupID string) int {
	s.moves.mu.Lock()
	defer s.moves.mu.Unlock()
	return len(s.moves.waiting[groupID])
}
