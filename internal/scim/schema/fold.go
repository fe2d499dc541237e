package schema

import (
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Fold returns the comparison key of a string whose attribute is not caseExact: width mapped, case folded, in
// normalisation form C. It is the only such function, so that a database index and the in-memory evaluator always
// agree; a database's own lower() differs by product and collation (K-1).
func Fold(s string) string {
	if isLowerASCII(s) {
		return s
	}
	return norm.NFC.String(cases.Fold().String(width.Fold.String(s)))
}

// isLowerASCII spares the usual value, which is its own key, three passes and an allocation.
func isLowerASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x80 || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}
