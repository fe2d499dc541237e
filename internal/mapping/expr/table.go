package expr

import "strings"

// functions is the table of all functions of the language, sorted by name. Parameter names are the keys of Graph's source tree: those
// of Append, FormatDateTime, Join, Mid, Not, Prepend, Replace, SingleAppRoleAssignment, Split, StripSpaces and Switch as the functions
// call of the synchronization API publishes them, those of the others as the documented signatures spell them (unconfirmed).
var functions = []*function{
	{name: "AppRoleAssignments", lists: true, parameters: []parameter{list("source")}, role: true, evaluate: evaluateRoles},
	{name: "AppRoleAssignmentsComplex", lists: true, parameters: []parameter{list("source")}, role: true, evaluate: evaluateRoles},
	{name: "Append", parameters: []parameter{required("source"), required("suffix")}, evaluate: evaluateAppend},
	{name: "AssertiveAppRoleAssignmentsComplex", lists: true, parameters: []parameter{list("source")}, role: true, evaluate: evaluateRoles},
	{name: "BitAnd", parameters: []parameter{integer("value1"), integer("value2")}, evaluate: evaluateBitAnd},
	{name: "CBool", parameters: []parameter{condition("expression")}, evaluate: evaluateCBool},
	{name: "CDate", parameters: []parameter{required("expression")}},
	{name: "CStr", parameters: []parameter{required("value")}, evaluate: evaluateCStr},
	{name: "Coalesce", parameters: []parameter{{name: "source", repeated: true, list: true}}, evaluate: evaluateCoalesce},
	{name: "ConvertToBase64", parameters: []parameter{required("source")}, evaluate: textFunction(toBase64)},
	{name: "ConvertToUTF8Hex", parameters: []parameter{required("source")}, evaluate: textFunction(toUTF8Hex)},
	{name: "Count", parameters: []parameter{list("attribute")}, evaluate: evaluateCount},
	{name: "DateAdd", parameters: []parameter{required("interval"), integer("value"), required("dateTime")}},
	{name: "DateDiff", parameters: []parameter{required("interval"), required("date1"), required("date2")}},
	{name: "DateFromNum", parameters: []parameter{required("value")}},
	{name: "DefaultDomain"},
	{name: "FormatDateTime", parameters: []parameter{required("source"), optional("dateTimeStyles"), required("inputFormat"), required("outputFormat")}},
	{name: "Guid"},
	{name: "IIF", parameters: []parameter{condition("condition"), list("valueIfTrue"), list("valueIfFalse")}, evaluate: evaluateIIF},
	{name: "IgnoreFlowIfNullOrEmpty", parameters: []parameter{list("expression")}, evaluate: evaluateIgnoreFlow},
	{name: "InStr", parameters: []parameter{required("value1"), required("value2"), {name: "start", optional: true, integer: true}, optional("compareType")}, evaluate: evaluateInStr},
	{name: "IsNothing", parameters: []parameter{required("source")}},
	{name: "IsNull", parameters: []parameter{list("expression")}, evaluate: evaluateIsNull},
	{name: "IsNullOrEmpty", parameters: []parameter{list("expression")}, evaluate: evaluateIsNullOrEmpty},
	{name: "IsPresent", parameters: []parameter{list("expression")}, evaluate: evaluateIsPresent},
	{name: "IsString", parameters: []parameter{required("expression")}},
	{name: "Item", parameters: []parameter{list("attribute"), integer("index")}, evaluate: evaluateItem},
	{name: "Join", parameters: []parameter{required("separator"), {name: "source", repeated: true, list: true}}, evaluate: evaluateJoin},
	{name: "Left", parameters: []parameter{required("String"), integer("NumChars")}, evaluate: evaluateLeft},
	{name: "Mid", parameters: []parameter{required("source"), integer("start"), integer("length")}, evaluate: evaluateMid},
	{name: "NormalizeDiacritics", parameters: []parameter{required("source")}, evaluate: textFunction(normalizeDiacritics)},
	{name: "Not", parameters: []parameter{required("source")}, evaluate: evaluateNot},
	{name: "Now", evaluate: evaluateNow},
	{name: "NumFromDate", parameters: []parameter{required("value")}},
	{name: "PCase", parameters: []parameter{required("source"), optional("wordSeparators")}, evaluate: evaluatePCase},
	{name: "Prepend", parameters: []parameter{required("prefix"), required("source")}, evaluate: evaluatePrepend},
	{name: "RandomString", parameters: []parameter{integer("Length"), integer("MinimumNumbers"), integer("MinimumSpecialCharacters"),
		integer("MinimumCapital"), integer("MinimumLowerCase"), optional("CharactersToAvoid")}},
	{name: "Redact", parameters: []parameter{required("value")}, evaluate: evaluateRedact},
	{name: "RemoveDuplicates", lists: true, parameters: []parameter{list("attribute")}, evaluate: evaluateRemoveDuplicates},
	{name: "Replace", parameters: []parameter{required("source"), optional("Find"), optional("RegularExpression"), optional("RegularExpressionGroupName"),
		optional("Replacement"), optional("ReplacementPropertyName"), optional("Template")}, check: checkReplace, evaluate: evaluateReplace},
	{name: "SelectUniqueValue", parameters: []parameter{required("uniqueValueRule"), repeated("uniqueValueRule")}, unsupported: "SelectUniqueValue works only in provisioning from HR to Active Directory; Entra does not run it for a SCIM app"},
	{name: "SingleAppRoleAssignment", parameters: []parameter{list("source")}, role: true, evaluate: evaluateSingleRole},
	{name: "Split", lists: true, parameters: []parameter{required("source"), required("delimiter")}, evaluate: evaluateSplit},
	{name: "StripSpaces", parameters: []parameter{required("source")}, evaluate: textFunction(stripSpaces)},
	{name: "Switch", parameters: []parameter{required("source"), optional("defaultValue"), repeated("switchValue")}, check: checkSwitch, evaluate: evaluateSwitch},
	{name: "ToLower", parameters: []parameter{required("source"), optional("culture")}, evaluate: evaluateToLower},
	{name: "ToUpper", parameters: []parameter{required("source"), optional("culture")}, evaluate: evaluateToUpper},
	{name: "Word", parameters: []parameter{required("String"), integer("WordNumber"), required("Delimiters")}, evaluate: evaluateWord},
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

func stripSpaces(text string) string { return strings.ReplaceAll(text, " ", "") }
