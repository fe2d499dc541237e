package expr

const (
	nullStaysNull = "Null gives null (unconfirmed)."
	nullIsEmpty   = "Null counts as the empty text."
)

// textFunctions take texts apart and put them together.
var textFunctions = []function{
	{
		name: "Append", summary: "The source with the suffix after it.",
		nulls:      "A null source gives null (unconfirmed); a null suffix adds nothing.",
		parameters: []parameter{text("source", ""), text("suffix", "")}, evaluate: evaluateAppend,
		examples: []Example{
			gives(`Append([userPrincipalName], ".test")`, "John.Doe@contoso.com.test").where("userPrincipalName", "John.Doe@contoso.com"),
			gives(`Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))`, "JohDoe").where("givenName", "John").where("surname", "Doe"),
			gives(`Append([department], "-team")`),
		},
	},
	{
		name: "ConvertToBase64", summary: "The text in Base64 of its UTF-16LE bytes, not of its UTF-8 bytes.",
		nulls: nullStaysNull, parameters: []parameter{text("source", "")}, evaluate: textFunction(toBase64),
		examples: []Example{gives(`ConvertToBase64("Hello world!")`, "SABlAGwAbABvACAAdwBvAHIAbABkACEA")},
	},
	{
		name: "ConvertToUTF8Hex", summary: "The UTF-8 bytes of the text, each as two hexadecimal digits in upper case.",
		nulls: nullStaysNull, parameters: []parameter{text("source", "")}, evaluate: textFunction(toUTF8Hex),
		examples: []Example{gives(`ConvertToUTF8Hex("Hello world!")`, "48656C6C6F20776F726C6421")},
	},
	{
		name: "InStr", summary: "The position of the first occurrence of the second text in the first, counted from 1; 0 where there is none. " +
			"Without compareType case counts (unconfirmed).",
		nulls: nullIsEmpty,
		parameters: []parameter{text("value1", "the text that is searched"), text("value2", "the text that is looked for"),
			whole("start", "where the search starts; 1 when left out").orNone(),
			text("compareType", "vbTextCompare takes no notice of case").oneOf("vbTextCompare", "vbBinaryCompare").orNone()},
		evaluate: evaluateInStr,
		examples: []Example{
			gives(`InStr("The quick brown fox","quick")`, "5"),
			gives(`InStr("repEated","e",3,vbBinaryCompare)`, "7"),
			gives(`InStr("repEated","e",3,vbTextCompare)`, "4"),
			gives(`InStr("fox","dog")`, "0"),
		},
	},
	{
		name: "Left", summary: "The first characters of the text. 0 gives the empty text; a negative number, or one beyond the end, gives the whole text.",
		nulls: "A null text gives the empty text.", parameters: []parameter{text("String", ""), whole("NumChars", "how many characters")}, evaluate: evaluateLeft,
		examples: []Example{gives(`Left("John Doe", 3)`, "Joh"), gives(`Left("John Doe", 0)`, ""), gives(`Left("John Doe", -1)`, "John Doe"), gives(`Left([department], 3)`, "")},
	},
	{
		name: "Mid", summary: "A part of the text. One that runs over the end gives the rest.",
		nulls:      nullStaysNull,
		parameters: []parameter{text("source", ""), whole("start", "its first character, counted from 1"), whole("length", "how many characters")},
		evaluate:   evaluateMid,
		examples: []Example{
			gives(`Mid([userPrincipalName], 1, 8)`, "John.Doe").where("userPrincipalName", "John.Doe@contoso.com"),
			gives(`Mid("abc", 2, 9)`, "bc"), gives(`Mid("abc", 9, 1)`, ""),
		},
	},
	{
		name: "NormalizeDiacritics", summary: "The text with plain letters for letters with marks: æ becomes ae, ø and œ become oe, ß becomes ss. " +
			"Letters of other scripts than Latin stay.",
		nulls: nullStaysNull, parameters: []parameter{text("source", "")}, evaluate: textFunction(normalizeDiacritics),
		examples: []Example{
			gives(`NormalizeDiacritics([givenName])`, "Zoe").where("givenName", "Zoë"),
			gives(`NormalizeDiacritics("Łukasz Åström, Weiß, Sørensen")`, "Lukasz Astrom, Weiss, Soerensen"),
		},
	},
	{
		name: "PCase", summary: "The text with a capital at the start of each word and small letters after it. Without wordSeparators the rules of .NET " +
			"for titles hold: all but letters, digits, marks and apostrophes separates words.",
		nulls: nullStaysNull, parameters: []parameter{text("source", ""), text("wordSeparators", "the only characters that separate words").orNone()}, evaluate: evaluatePCase,
		examples: []Example{
			gives(`PCase([firstName])`, "Pablo Gonsalves (Second)").where("firstName", "PABLO GONSALVES (SECOND)"),
			gives(`PCase([lastName]," '-")`, "Pinto-De'Silva").where("lastName", "PINTO-DE'SILVA"),
			gives(`PCase(Join(" ",[firstName],[lastName]))`, "Gregory James").where("firstName", "GREGORY").where("lastName", "JAMES"),
			gives(`PCase("o'brien_smith")`, "O'brien_Smith"),
		},
	},
	{
		name: "Prepend", summary: "The source with the prefix before it.", undocumented: true,
		nulls:      "A null source gives null; a null prefix adds nothing.",
		parameters: []parameter{text("prefix", ""), text("source", "")}, evaluate: evaluatePrepend,
		examples: []Example{gives(`Prepend("x-", [mailNickname])`, "x-john").where("mailNickname", "john")},
	},
	{
		name: "StripSpaces", summary: "The text without its spaces. Other blanks, such as tabs, stay.",
		nulls: nullStaysNull, parameters: []parameter{text("source", "")}, evaluate: textFunction(stripSpaces),
		examples: []Example{gives(`StripSpaces(" Anna  Maria ")`, "AnnaMaria")},
	},
	{
		name: "ToLower", summary: "The text in small letters, by the rules of the culture, or else by those that are the same everywhere. To bring a mere change " +
			"of case to people who are provisioned already, the target attribute has to be caseExact.",
		nulls: nullStaysNull, parameters: []parameter{text("source", ""), text("culture", "such as en-US or tr-TR").orNone()}, evaluate: evaluateToLower,
		examples: []Example{
			gives(`ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".",  [PreferredFirstName], [PreferredLastName]))), "contoso.com"))`, "john.smith@contoso.com").
				where("PreferredFirstName", "John").where("PreferredLastName", "Smith"),
			gives(`ToLower("IĞDIR", "tr-TR")`, "ığdır"),
		},
	},
	{
		name: "ToUpper", summary: "The text in capitals, by the same rules as ToLower.",
		nulls: nullStaysNull, parameters: []parameter{text("source", ""), text("culture", "such as en-US or tr-TR").orNone()}, evaluate: evaluateToUpper,
		examples: []Example{gives(`ToUpper([usageLocation])`, "DE").where("usageLocation", "de"), gives(`ToUpper("izmir", "tr-TR")`, "İZMİR")},
	},
	{
		name: "Word", summary: "One word of the text. A number below 1 or beyond the last word gives the empty text.",
		nulls: "A null text gives the empty text.",
		parameters: []parameter{text("String", ""), whole("WordNumber", "which word, counted from 1"),
			text("Delimiters", "each of its characters separates words; several in a row count as one (unconfirmed)")},
		evaluate: evaluateWord,
		examples: []Example{
			gives(`Word("The quick brown fox",3," ")`, "brown"), gives(`Word("This,string!has&many separators",3,",!&#")`, "has"), gives(`Word("The quick", 3, " ")`, ""),
		},
	},
	replaceFunction,
}

// textFunction is the evaluation of a function from one text to another. Null stays null: Entra skips an attribute whose expression
// finds nothing (for most functions unconfirmed in this form).
func textFunction(convert func(string) string) func(*call) (Value, *Error) {
	return func(c *call) (Value, *Error) {
		value, err := c.value(0)
		if err != nil || value.IsNull() {
			return Null(), err
		}
		return String(convert(value.Single())), nil
	}
}
