package expr

const phonePattern = `"\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})"`

var replaceFunction = function{
	name: "Replace",
	summary: "The source with something replaced; case counts. Which arguments are given decides what: oldValue and replacementValue replace every " +
		"oldValue in the source; oldValue and template replace every oldValue in the template by the source; regexPattern and replacementValue replace " +
		"every match, where ${name} and $1 stand for groups; regexPattern, regexGroupName and replacementValue replace only what the group matches; " +
		"regexPattern, regexGroupName and replacementAttributeName give the source where it has a value, else what the group matches in the other attribute. " +
		"No other set of arguments is taken. Keep the commas of those that are left out.",
	nulls: "A null source gives null (unconfirmed), but in the last form.",
	parameters: []parameter{text("source", ""), text("Find", "documented as oldValue").orNone(),
		text("RegularExpression", "documented as regexPattern; a regular expression of .NET").orNone(),
		text("RegularExpressionGroupName", "documented as regexGroupName").orNone(), text("Replacement", "documented as replacementValue").orNone(),
		text("ReplacementPropertyName", "documented as replacementAttributeName").orNone(), text("Template", "documented as template").orNone()},
	check: checkReplace, evaluate: evaluateReplace,
	examples: []Example{
		gives(`Replace([mail], "@contoso.com", , ,"", ,)`, "john.doe").where("mail", "john.doe@contoso.com"),
		gives(`Replace([preferredLanguage], "-", , , "_", ,  )`, "EN_US").where("preferredLanguage", "EN-US"),
		gives(`Replace([BusinessTitle],"Product Developer", , , "Software Engineer", , )`, "Software Engineer").where("BusinessTitle", "Product Developer"),
		gives(`Replace([UserID],"<username>", , , , , "<username>@contoso.com")`, "jsmith@contoso.com").where("UserID", "jsmith"),
		gives(`Replace([telephoneNumber], , `+phonePattern+`, , "${phoneNumber}", , )`, "9998887777").where("telephoneNumber", "+91 9998887777"),
		gives(`Replace([mobile], , "[()\\s-]+", , "", , )`, "+19998887777").where("mobile", "+1 (999) 888-7777"),
		gives(`Replace([mailNickname], , "[a-zA-Z_]*", , "", , )`, "72").where("mailNickname", "john_doe72"),
		gives(`Replace([AddressLineData], ,"(?<streetNumber>^\\d*)","streetNumber", "888", , )`, "888 Tremont Street").where("AddressLineData", "545 Tremont Street"),
		gives(`Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )`, "jsmith").where("userPrincipalName", "jsmith@contoso.com"),
		gives(`Replace([telephoneNumber], , `+phonePattern+`, "phoneNumber" , , [mobile], )`, "8887779999").where("telephoneNumber", "").where("mobile", "+91 8887779999"),
		gives(`Replace([telephoneNumber], , `+phonePattern+`, "phoneNumber" , , [mobile], )`, "1234").where("telephoneNumber", "1234").where("mobile", "+91 8887779999"),
	},
}
