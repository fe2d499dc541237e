package expr

// otherFunctions convert numbers and texts, or make them up.
var otherFunctions = []function{
	{
		name: "BitAnd", summary: "The bits that both numbers have set.", nulls: "Null is an error.",
		parameters: []parameter{whole("value1", ""), whole("value2", "")}, evaluate: evaluateBitAnd,
		examples: []Example{gives(`BitAnd(&HF, &HF7)`, "7"), gives(`BitAnd([userAccountControl], 2)`, "2").where("userAccountControl", "514")},
	},
	{
		name: "CStr", summary: "The value as a text, which here every value is already.", nulls: nullStaysNull,
		parameters: []parameter{text("value", "a number, a reference or a truth")}, evaluate: evaluateSame,
		examples: []Example{gives(`CStr([dn])`, "cn=Joe,dc=contoso,dc=com").where("dn", "cn=Joe,dc=contoso,dc=com")},
	},
	{
		name: "DefaultDomain", summary: "The tenant's default domain.", undocumented: true, nulls: "Takes no argument.", evaluate: evaluateDefaultDomain,
		examples: []Example{gives(`Join("@", [mailNickname], DefaultDomain())`, "john@contoso.com").where("mailNickname", "john")},
	},
	{
		name: "Guid", summary: "A new random GUID.", nulls: "Takes no argument.", evaluate: evaluateGUID,
		examples: []Example{gives(`Guid()`, "d9877ece-6d36-4aac-9a6f-419ec627c76b").varying()},
	},
	{
		name: "RandomString", summary: "A random text with at least that many characters of each kind. What the length leaves over are letters and digits (unconfirmed).",
		nulls: "Null is an error for a number, and avoids nothing.",
		parameters: []parameter{whole("Length", "at most 256, and at least the sum of the minimums"), whole("MinimumNumbers", ""), whole("MinimumSpecialCharacters", ""),
			whole("MinimumCapital", ""), whole("MinimumLowerCase", ""), text("CharactersToAvoid", "characters that do not appear").orNone()},
		check: checkRandomString, evaluate: evaluateRandomString,
		examples: []Example{gives(`RandomString(6,3,0,0,3)`, "y5cf67").varying(), gives(`RandomString(10,2,2,2,1,"?,")`, "7aw<^5FixC").varying()},
	},
	{
		name: "Redact", summary: "The value. It is sent as it is; only Entra's logs show [Redact] in its place.", nulls: nullStaysNull,
		parameters: []parameter{text("value", "")}, evaluate: evaluateSame,
		examples: []Example{gives(`Redact([userPrincipalName])`, "John.Doe@contoso.com").where("userPrincipalName", "John.Doe@contoso.com")},
	},
	{
		name: "SelectUniqueValue", summary: "The first of the values that nobody has in the target yet.", nulls: "Not evaluated here.",
		parameters:  []parameter{text("uniqueValueRule", ""), text("uniqueValueRule", "").orMore()},
		unsupported: "SelectUniqueValue works only in provisioning from HR to Active Directory; Entra does not run it for a SCIM app",
	},
}
