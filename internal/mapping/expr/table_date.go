package expr

const dateText = "a date as CDate reads and gives it"

// dateFunctions read and write dates. A date is a text: M/d/yyyy h:mm:ss tt in UTC.
var dateFunctions = []function{
	{
		name: "CDate", summary: "The date in UTC as M/d/yyyy h:mm:ss tt. It reads ISO 8601 and its own form, with or without a time and an offset from UTC; " +
			"without an offset it is UTC. Other forms are read by FormatDateTime.",
		nulls: nullStaysNull, parameters: []parameter{text("expression", "")}, evaluate: evaluateCDate,
		examples: []Example{
			gives(`CDate([StatusHireDate])`, "3/16/2020 7:00:00 AM").where("StatusHireDate", "2020-03-16-07:00"),
			gives(`CDate("2021-06-30+08:00")`, "6/29/2021 4:00:00 PM"),
			gives(`CDate("2009-06-15T01:45:30-07:00")`, "6/15/2009 8:45:30 AM"),
		},
	},
	{
		name: "DateAdd", summary: "The date with that many intervals added. A month or year that has no such day gives its last day.",
		nulls: "A null date gives null (unconfirmed).", parameters: []parameter{interval, whole("value", "how many; negative goes back"), text("dateTime", dateText)}, evaluate: evaluateDateAdd,
		examples: []Example{
			gives(`DateAdd("d", 7, CDate([StatusHireDate]))`, "3/23/2012 7:00:00 AM").where("StatusHireDate", "2012-03-16-07:00"),
			gives(`DateAdd("d", -10, CDate([StatusHireDate]))`, "3/6/2012 7:00:00 AM").where("StatusHireDate", "2012-03-16-07:00"),
			gives(`DateAdd("ww", 2, CDate([StatusHireDate]))`, "3/30/2012 7:00:00 AM").where("StatusHireDate", "2012-03-16-07:00"),
			gives(`DateAdd("m", 10, CDate([StatusHireDate]))`, "1/16/2013 7:00:00 AM").where("StatusHireDate", "2012-03-16-07:00"),
			gives(`DateAdd("yyyy", 2, CDate([StatusHireDate]))`, "3/16/2014 7:00:00 AM").where("StatusHireDate", "2012-03-16-07:00"),
		},
	},
	{
		name: "DateDiff", summary: "How many boundaries of the interval lie between the dates: midnights for d, Sundays for ww, firsts of the month for m, and so on (for n, s, h and d " +
			"unconfirmed). Negative where date2 is the earlier one.",
		nulls: "A null date gives null (unconfirmed).", parameters: []parameter{interval, text("date1", dateText), text("date2", dateText)}, evaluate: evaluateDateDiff,
		examples: []Example{
			gives(`DateDiff("d", "2021-08-18+08:00", "2021-08-31+08:00")`, "13"), gives(`DateDiff("d", "2021-08-31+08:00", "2021-08-31+08:00")`, "0"),
			gives(`DateDiff("d", "8/25/2021 5:41:18 PM", "2012-03-16-07:00")`, "-3449"), gives(`DateDiff("ww", "8/25/2021 5:41:18 PM", "2012-03-16-07:00")`, "-493"),
			gives(`DateDiff("m", "8/25/2021 5:41:18 PM", "2012-03-16-07:00")`, "-113"), gives(`DateDiff("yyyy", "8/25/2021 5:41:18 PM", "2012-03-16-07:00")`, "-9"),
			gives(`DateDiff("h", "2021-08-24", "2021-08-25")`, "24"), gives(`DateDiff("n", "2021-08-24", "2021-08-25")`, "1440"), gives(`DateDiff("s", "2021-08-24", "2021-08-25")`, "86400"),
			gives(`Switch([Active], , "1", IIF(DateDiff("d", Now(), CDate([StatusHireDate])) > 5, "False", "True"), "0", "False")`, "False").
				where("Active", "1").where("StatusHireDate", "2021-07-09"),
			gives(`IgnoreFlowIfNullOrEmpty(IIF(DateDiff("d", Now(), CDate([employeeHireDate])) > 0, "", [userPrincipalName]))`, "user@contoso.com").
				where("employeeHireDate", "2021-06-15").where("userPrincipalName", "user@contoso.com"),
		},
	},
	{
		name: "DateFromNum", summary: "The date of a number as Active Directory writes dates: units of 100 nanoseconds since 1601.",
		nulls: nullStaysNull, parameters: []parameter{whole("value", "")}, evaluate: evaluateDateFromNum,
		examples: []Example{gives(`DateFromNum(129699324000000000)`, "1/1/2012 11:00:00 PM")},
	},
	{
		name: "FormatDateTime", summary: "The date read in one form and written in another, both in the custom formats of .NET. Standard formats of a single letter are not evaluated here.",
		nulls: nullStaysNull,
		parameters: []parameter{text("source", ""), text("dateTimeStyles", "names of .NET's DateTimeStyles; left out, blanks around the date are allowed").orNone(),
			text("inputFormat", "such as yyyyMMdd"), text("outputFormat", "such as yyyy-MM-dd")},
		evaluate: evaluateFormatDateTime,
		examples: []Example{
			gives(`FormatDateTime([extensionAttribute1], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")`, "2015-01-23").where("extensionAttribute1", "20150123105347.1Z"),
			gives(`FormatDateTime([endDate], ,"M/d/yyyy hh:mm:ss tt","yyyy-MM-dd")`, "2020-12-31").where("endDate", "12/31/2020 11:59:00 PM"),
		},
	},
	{
		name: "Now", summary: "The present time in UTC as M/d/yyyy h:mm:ss tt.", nulls: "Takes no argument.", evaluate: evaluateNow,
		examples: []Example{gives(`Now()`, "7/2/2021 3:33:38 PM").varying()},
	},
	{
		name: "NumFromDate", summary: "The number that Active Directory writes for the date: units of 100 nanoseconds since 1601. It reads what CDate reads.",
		nulls: nullStaysNull, parameters: []parameter{text("value", "")}, evaluate: evaluateNumFromDate,
		examples: []Example{
			gives(`NumFromDate(Join("", FormatDateTime([ContractEndDate], ,"yyyy-MM-ddzzz", "yyyy-MM-dd"), " 23:59:59-08:00"))`, "132539615990000000").where("ContractEndDate", "2020-12-31-08:00"),
			gives(`NumFromDate(Join("",FormatDateTime([endDate], ,"M/d/yyyy hh:mm:ss tt","yyyy-MM-dd")," 23:59:59-08:00"))`, "132539615990000000").where("endDate", "12/31/2020 08:00:00 AM"),
		},
	},
}

var interval = text("interval", "yyyy year, m month, d day, ww week, h hour, n minute, s second").oneOf("yyyy", "m", "d", "ww", "h", "n", "s")
