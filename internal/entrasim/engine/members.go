package engine

// JoinedAndLeft compares two lists of members. What is alike at both ends is passed over at once, so that the usual change of
// a large group costs little.
func JoinedAndLeft(before, after []string) (joined, left []string) {
	for len(before) > 0 && len(after) > 0 && before[0] == after[0] {
		before, after = before[1:], after[1:]
	}
	for len(before) > 0 && len(after) > 0 && before[len(before)-1] == after[len(after)-1] {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	return missing(after, before), missing(before, after)
}

// missing are those of a list that the other one does not have.
func missing(list, other []string) []string {
	if len(list) == 0 || len(other) == 0 {
		return list
	}
	has := make(map[string]bool, len(other))
	for _, s := range other {
		has[s] = true
	}
	var out []string
	for _, s := range list {
		if !has[s] {
			out = append(out, s)
		}
	}
	return out
}
