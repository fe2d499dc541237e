package expr

// logicFunctions ask and choose.
var logicFunctions = []function{
	{
		name: "CBool", summary: "True when the argument is a number other than 0, or a truth that is true; else False.",
		nulls: "Null gives False (unconfirmed).", parameters: []parameter{{name: "expression", condition: true}}, evaluate: evaluateCBool,
		examples: []Example{
			gives(`CBool([attribute1] = [attribute2])`, "True").where("attribute1", "a").where("attribute2", "a"),
			gives(`CBool(0)`, "False"), gives(`CBool(7)`, "True"),
		},
	},
	{
		name: "Coalesce", summary: "The first argument that is not null; the last one is so the default.",
		nulls:      "Null in all arguments gives null. The empty text is not null.",
		parameters: []parameter{list("source", "").orMore()}, evaluate: evaluateCoalesce,
		examples: []Example{
			gives(`Coalesce([mail],[userPrincipalName])`, "John.Doe@contoso.com").where("userPrincipalName", "John.Doe@contoso.com"),
			gives(`Coalesce([mail], [mobile], "none")`, "none"), gives(`Coalesce([mail], "none")`, "").where("mail", ""), gives(`Coalesce([mail])`),
		},
	},
	{
		name: "IgnoreFlowIfNullOrEmpty", summary: "The value; where it is null or empty, the attribute is not sent at all.",
		nulls: "Null stays null, and the empty text becomes null.", parameters: []parameter{list("expression", "")}, evaluate: evaluateIgnoreFlow,
		examples: []Example{
			gives(`IgnoreFlowIfNullOrEmpty([department])`, "Sales").where("department", "Sales"),
			gives(`IgnoreFlowIfNullOrEmpty([department])`).where("department", ""),
			gives(`IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof.", "3445", "Prof. Dr."))`).where("prefix", "1"),
			gives(`IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof.", "3445", "Prof. Dr."))`, "Prof.").where("prefix", "3444"),
		},
	},
	{
		name: "IIF", summary: "The second argument where the condition holds, else the third. A condition is a truth, or a comparison with =, <>, >, >=, < or <=. " +
			"There is no AND and no OR: nest IIF in the second argument for AND, in the third for OR.",
		nulls:      "A null or empty attribute in the condition makes the check fail, whatever the condition asks; the third argument is taken then (unconfirmed).",
		parameters: []parameter{{name: "condition", condition: true}, list("valueIfTrue", ""), list("valueIfFalse", "")},
		evaluate:   evaluateIIF,
		examples: []Example{
			gives(`IIF([country]="USA",[country],[department])`, "USA").where("country", "USA").where("department", "Sales"),
			gives(`IIF([country]="USA",[country],[department])`, "Sales").where("country", "usa").where("department", "Sales"),
			gives(`IIF([country]="USA",IIF([state]="CA","True","False"),"False")`, "True").where("country", "USA").where("state", "CA"),
			gives(`IIF([country]="USA","True",IIF([state]="CA","True","False"))`, "False").where("country", "Canada").where("state", "QC"),
			gives(`IIF([country]="","Other",[country])`, "").where("country", ""),
			gives(`IIF(IsNullOrEmpty([country]),"Other","given")`, "given"),
		},
	},
	{
		name: "IsNothing", summary: "True when the argument is null; else False.", undocumented: true,
		nulls: "Null gives True.", parameters: []parameter{list("source", "")}, evaluate: evaluateIsNull,
		examples: []Example{gives(`IsNothing([displayName])`, "True"), gives(`IsNothing([displayName])`, "False").where("displayName", "John")},
	},
	{
		name: "IsNull", summary: "True when the argument is null, as an attribute is that the object does not have; else False.",
		nulls: "Null gives True, the empty text False.", parameters: []parameter{list("expression", "")}, evaluate: evaluateIsNull,
		examples: []Example{gives(`IsNull([displayName])`, "True"), gives(`IsNull([displayName])`, "False").where("displayName", "")},
	},
	{
		name: "IsNullOrEmpty", summary: "True when the argument is null or the empty text; else False.",
		nulls: "Null gives True.", parameters: []parameter{list("expression", "")}, evaluate: evaluateIsNullOrEmpty,
		examples: []Example{gives(`IsNullOrEmpty([displayName])`, "True"), gives(`IsNullOrEmpty([displayName])`, "True").where("displayName", ""),
			gives(`IsNullOrEmpty([displayName])`, "False").where("displayName", "John")},
	},
	{
		name: "IsPresent", summary: "True when the argument is neither null nor the empty text; else False.",
		nulls: "Null gives False.", parameters: []parameter{list("expression", "")}, evaluate: evaluateIsPresent,
		examples: []Example{gives(`IsPresent([directManager])`, "True").where("directManager", "Ann"), gives(`IsPresent([directManager])`, "False")},
	},
	{
		name: "IsString", summary: "True when the argument is a single text; else False.",
		nulls: "Null gives False (unconfirmed).", parameters: []parameter{list("expression", "")}, evaluate: evaluateIsString,
		examples: []Example{gives(`IsString([department])`, "True").where("department", "Sales"), gives(`IsString([proxyAddresses])`, "False").where("proxyAddresses", "a", "b")},
	},
	{
		name: "Not", summary: "False when the source is True, and True when it is anything else.",
		nulls: "Null gives True.", parameters: []parameter{text("source", "True or False")}, evaluate: evaluateNot,
		examples: []Example{gives(`Not([IsSoftDeleted])`, "True").where("IsSoftDeleted", "False"), gives(`Not([IsSoftDeleted])`, "False").where("IsSoftDeleted", "True")},
	},
	{
		name: "Switch", summary: "The value after the first key that equals the source, else the default; case counts. The number of arguments is even, so the comma of a " +
			"default that is left out stays. Do not give it a reference, such as manager, as its source.",
		nulls:      "A null or empty source is matched by the key \"\". A default that is left out is null.",
		parameters: []parameter{text("source", ""), text("defaultValue", "").orNone(), text("switchValue", "a key, and after each key its value").orMore()},
		check:      checkSwitch, evaluate: evaluateSwitch,
		examples: []Example{
			gives(`Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney","QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")`, "Australia/Brisbane").where("state", "QLD"),
			gives(`Switch([IsSoftDeleted], , "False", "True", "True", "False")`, "True").where("IsSoftDeleted", "False"),
			gives(`Switch(ToLower([statusFlag]), "0", "true", "1", "false", "0")`, "1").where("statusFlag", "TRUE"),
			gives(`Switch([statusFlag], "Default Value", "true", "1", "", "0")`, "0").where("statusFlag", ""),
			gives(`Switch([country],[country],"","Other")`, "Other"), gives(`Switch([country],[country],"","Other")`, "USA").where("country", "USA"),
			gives(`Switch([state], , "NSW", "x")`).where("state", "QLD"),
		},
	},
}
