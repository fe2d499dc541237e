package nearest

import "strings"

// maxDistance bounds how many edits apart two names may be and still be taken for a slip of the pen: a third of the name, at least one.
func maxDistance(name string) int {
	return max(1, len([]rune(name))/3)
}

// Name returns the member of known that is closest to name, and whether any is close enough to be worth suggesting. A difference in
// letter case alone is always closest; among equals the first of known wins.
func Name(name string, known []string) (string, bool) {
	best, bestDistance := "", maxDistance(name)+1
	for _, candidate := range known {
		if strings.EqualFold(candidate, name) {
			return candidate, true
		}
		if d := distance(strings.ToLower(name), strings.ToLower(candidate), bestDistance); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best, best != ""
}

// distance is the optimal string alignment distance (insertions, deletions, substitutions, swaps of neighbours) between a and b, or
// limit where it is at least that much.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if abs(len(x)-len(y)) >= limit {
		return limit
	}
	beforeLast, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		beforeLast, last, row = last, row, beforeLast
		row[0] = i
		for j := 1; j <= len(y); j++ {
			substitution := last[j-1]
			if x[i-1] != y[j-1] {
				substitution++
			}
			row[j] = min(last[j]+1, row[j-1]+1, substitution)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], beforeLast[j-2]+1)
			}
		}
	}
	return min(row[len(y)], limit)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
