package expr

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters that no decomposition takes apart, as the documented table of NormalizeDiacritics replaces them.
var letters = strings.NewReplacer(
	"æ", "ae", "Æ", "AE", "ø", "oe", "Ø", "OE", "œ", "oe", "Œ", "OE",
	"ß", "ss", "ẞ", "SS", "ı", "i", "ł", "l", "Ł", "L",
)

// normalizeDiacritics takes the marks off Latin letters. Marks of other scripts stay: there they are part of the letter.
func normalizeDiacritics(text string) string {
	var plain strings.Builder
	latin := false
	for _, r := range norm.NFD.String(text) {
		if unicode.Is(unicode.Mn, r) {
			if latin {
				continue
			}
		} else {
			latin = unicode.Is(unicode.Latin, r)
		}
		plain.WriteRune(r)
	}
	return letters.Replace(norm.NFC.String(plain.String()))
}
