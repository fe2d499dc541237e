package expr

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

func evaluateAppend(c *call) (Value, *Error) {
	source, err := c.value(0)
	if err != nil || source.IsNull() {
		return Null(), err
	}
	suffix, err := c.text(1)
	return String(source.Single() + suffix), err
}

func evaluatePrepend(c *call) (Value, *Error) {
	source, err := c.value(1)
	if err != nil || source.IsNull() {
		return Null(), err
	}
	prefix, err := c.text(0)
	return String(prefix + source.Single()), err
}

// evaluateLeft gives the first characters; unlike the other functions it turns null into the empty text, and a negative number of
// characters gives the whole text.
func evaluateLeft(c *call) (Value, *Error) {
	text, err := c.text(0)
	if err != nil {
		return Null(), err
	}
	count, err := c.integer(1)
	if err != nil {
		return Null(), err
	}
	characters := []rune(text)
	if count < 0 {
		return String(text), nil
	}
	return String(string(characters[:min(count, int64(len(characters)))])), nil
}

// evaluateMid gives a part of the text; start is 1-based, and a part that runs over the end gives the rest.
func evaluateMid(c *call) (Value, *Error) {
	source, err := c.value(0)
	if err != nil || source.IsNull() {
		return Null(), err
	}
	start, err := c.integer(1)
	if err != nil {
		return Null(), err
	}
	length, err := c.integer(2)
	if err != nil {
		return Null(), err
	}
	if start < 1 || length < 0 {
		return Null(), c.node.at.errorf("start of Mid is at least 1 and length at least 0, not %d and %d", start, length)
	}
	characters := []rune(source.Single())
	total := int64(len(characters))
	from := min(start-1, total)
	return String(string(characters[from : from+min(length, total-from)])), nil
}

func evaluateToLower(c *call) (Value, *Error) {
	return changeCase(c, unicode.ToLower, unicode.TurkishCase.ToLower)
}

func evaluateToUpper(c *call) (Value, *Error) {
	return changeCase(c, unicode.ToUpper, unicode.TurkishCase.ToUpper)
}

// changeCase uses the invariant mapping without a culture, and another one for those cultures whose i differs.
func changeCase(c *call, general, turkic func(rune) rune) (Value, *Error) {
	source, err := c.value(0)
	if err != nil || source.IsNull() {
		return Null(), err
	}
	culture, err := c.text(1)
	if err != nil {
		return Null(), err
	}
	switch language, _, _ := strings.Cut(strings.ToLower(culture), "-"); language {
	case "":
		return String(strings.Map(func(r rune) rune {
			if r == 'İ' || r == 'ı' { // .NET's invariant culture leaves them alone
				return r
			}
			return general(r)
		}, source.Single())), nil
	case "tr", "az":
		return String(strings.Map(turkic, source.Single())), nil
	default:
		return String(strings.Map(general, source.Single())), nil
	}
}

// evaluatePCase capitalises the first letter of each word and lowers the rest. With separators only those characters end a word.
func evaluatePCase(c *call) (Value, *Error) {
	source, err := c.value(0)
	if err != nil || source.IsNull() {
		return Null(), err
	}
	separators, err := c.text(1)
	if err != nil {
		return Null(), err
	}
	if err := c.charge(c.node, source.size()*len(separators)); err != nil {
		return Null(), err
	}
	endsWord := func(r rune) bool { return strings.ContainsRune(separators, r) }
	if separators == "" {
		endsWord = endsTitleWord
	}
	inWord := false
	return String(strings.Map(func(r rune) rune {
		switch {
		case endsWord(r):
			inWord = false
		case inWord:
			return unicode.ToLower(r)
		case unicode.IsLetter(r) || separators != "":
			inWord = true
			return unicode.ToUpper(r)
		}
		return r
	}, source.Single())), nil
}

// endsTitleWord follows .NET's title-case rule: everything but letters, digits, marks and apostrophes separates words.
func endsTitleWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && r != '\''
}

// evaluateWord gives the n-th of the words that any of the delimiter characters separate; the empty text where there is none. Runs of
// delimiters count as one (unconfirmed).
func evaluateWord(c *call) (Value, *Error) {
	text, err := c.text(0)
	if err != nil {
		return Null(), err
	}
	number, err := c.integer(1)
	if err != nil {
		return Null(), err
	}
	delimiters, err := c.text(2)
	if err != nil {
		return Null(), err
	}
	if err := c.charge(c.node, len(text)*len(delimiters)); err != nil {
		return Null(), err
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(delimiters, r) })
	if number < 1 || number > int64(len(words)) {
		return String(""), nil
	}
	return String(words[number-1]), nil
}

// evaluateInStr gives the 1-based position of the first occurrence at or after start, 0 where there is none. Without a compare type
// case counts, as everywhere in the language (unconfirmed).
func evaluateInStr(c *call) (Value, *Error) {
	text, err := c.text(0)
	if err != nil {
		return Null(), err
	}
	sought, err := c.text(1)
	if err != nil {
		return Null(), err
	}
	start := int64(1)
	if c.given(2) {
		if start, err = c.integer(2); err != nil {
			return Null(), err
		}
	}
	if c.given(3) {
		compareType, err := c.choice(3)
		if err != nil {
			return Null(), err
		}
		if compareType == "vbTextCompare" {
			text, sought = strings.ToLower(text), strings.ToLower(sought)
		}
	}
	return String(fmt.Sprint(indexFrom([]rune(text), sought, start))), nil
}

func indexFrom(characters []rune, sought string, start int64) int {
	if start < 1 || start > int64(len(characters)) {
		return 0
	}
	before, _, found := strings.Cut(string(characters[start-1:]), sought)
	if !found {
		return 0
	}
	return int(start) + len([]rune(before))
}

func stripSpaces(text string) string { return strings.ReplaceAll(text, " ", "") }

// toBase64 encodes the UTF-16LE bytes of the text, as Entra does, not its UTF-8 bytes.
func toBase64(text string) string {
	units := utf16.Encode([]rune(text))
	var raw []byte
	for _, unit := range units {
		raw = append(raw, byte(unit), byte(unit>>8))
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func toUTF8Hex(text string) string { return fmt.Sprintf("%X", text) }
