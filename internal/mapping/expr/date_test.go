package expr

import (
	"strings"
	"testing"
)

func TestDates(t *testing.T) {
	for text, want := range map[string]string{
		// CDate: all that it reads.
		`CDate("2020-03-16")`:                 "3/16/2020 12:00:00 AM",
		`CDate(" 2020-3-6 ")`:                 "3/6/2020 12:00:00 AM",
		`CDate("2009-06-15T01:45")`:           "6/15/2009 1:45:00 AM",
		`CDate("2009-06-15t01:45:30.25z")`:    "6/15/2009 1:45:30 AM",
		`CDate("2009-06-15 13:45:30 +02:00")`: "6/15/2009 11:45:30 AM",
		`CDate("8/25/2021 5:41:18 PM")`:       "8/25/2021 5:41:18 PM",
		`CDate("8/25/2021 5:41 pm")`:          "8/25/2021 5:41:00 PM",
		`CDate("12/31/2020")`:                 "12/31/2020 12:00:00 AM",
		`CDate("0001-01-01")`:                 "1/1/0001 12:00:00 AM",
		`CDate("9999-12-31T23:59:59")`:        "12/31/9999 11:59:59 PM",
		`CDate(Now())`:                        "7/2/2021 3:33:38 PM",
		// DateAdd: each interval, and months that are shorter.
		`DateAdd("s", 90, "2020-01-31")`:           "1/31/2020 12:01:30 AM",
		`DateAdd("n", -1, "2020-01-31")`:           "1/30/2020 11:59:00 PM",
		`DateAdd("h", 25, "2020-01-31T00:30:00")`:  "2/1/2020 1:30:00 AM",
		`DateAdd("d", 1, "1969-12-31T23:00:00.5")`: "1/1/1970 11:00:00 PM",
		`DateAdd("m", 1, "2020-01-31T10:11:12")`:   "2/29/2020 10:11:12 AM",
		`DateAdd("m", 1, "2021-01-31")`:            "2/28/2021 12:00:00 AM",
		`DateAdd("m", -2, "2021-01-31")`:           "11/30/2020 12:00:00 AM",
		`DateAdd("m", 11, "2021-01-15")`:           "12/15/2021 12:00:00 AM",
		`DateAdd("yyyy", 1, "2020-02-29")`:         "2/28/2021 12:00:00 AM",
		`DateAdd("yyyy", -2019, "2020-02-29")`:     "2/28/0001 12:00:00 AM",
		`DateAdd("yyyy", 9998, "0001-05-06")`:      "5/6/9999 12:00:00 AM",
		// DateDiff: boundaries, not lengths.
		`DateDiff("yyyy", "2020-12-31", "2021-01-01")`:                  "1",
		`DateDiff("m", "2020-12-31", "2021-02-01")`:                     "2",
		`DateDiff("d", "2021-08-25T23:59:00", "2021-08-26T00:01:00")`:   "1",
		`DateDiff("d", "2021-08-25T00:00:00", "2021-08-25T23:59:59")`:   "0",
		`DateDiff("ww", "2021-08-28T23:00:00", "2021-08-29T01:00:00")`:  "1",
		`DateDiff("ww", "2021-08-22", "2021-08-28")`:                    "0",
		`DateDiff("ww", "2021-08-29", "2021-08-21")`:                    "-2",
		`DateDiff("h", "2021-08-25T10:59:00", "2021-08-25T11:00:00")`:   "1",
		`DateDiff("n", "2021-08-25T10:00:59", "2021-08-25T10:01:00")`:   "1",
		`DateDiff("s", "2021-08-25T10:00:00.9", "2021-08-25T10:00:01")`: "1",
		`DateDiff("d", "1969-12-31T12:00:00", "1970-01-01T11:00:00")`:   "1",
		`DateDiff("d", "1969-12-30T00:00:00", "1969-12-31T00:00:00")`:   "1",
		`DateDiff("h", "1960-01-01T00:30:00", "1960-01-01T01:00:00")`:   "1",
		// Numbers of Active Directory.
		`DateFromNum(0)`:                               "1/1/1601 12:00:00 AM",
		`DateFromNum(2650467743990000000)`:             "12/31/9999 11:59:59 PM",
		`NumFromDate("1601-01-01")`:                    "0",
		`NumFromDate("1601-01-01T00:00:01.25")`:        "12500000",
		`NumFromDate("1970-01-01")`:                    "116444736000000000",
		`NumFromDate(DateFromNum(129699324000000000))`: "129699324000000000",
		`FormatDateTime("1/2/2003 4:05:06 PM", , "M/d/yyyy h:mm:ss tt", "s.FFFFFFF|fff")`: "6.|000",
		// FormatDateTime reads.
		`FormatDateTime("2015-1-3", , "yyyy-M-d", "yyyyMMdd")`:                                           "20150103",
		`FormatDateTime("15", , "yy", "yyyy-MM-dd")`:                                                     "2015-01-01",
		`FormatDateTime("49", , "yy", "yyyy")`:                                                           "2049",
		`FormatDateTime("50", , "yy", "yyyy")`:                                                           "1950",
		`FormatDateTime("5", , "%y", "yyyy")`:                                                            "2005",
		`FormatDateTime("850", , "yyy", "yyyy")`:                                                         "0850",
		`FormatDateTime("Monday, 15 june 2009", , "dddd, d MMMM yyyy", "yyyy-MM-dd")`:                    "2009-06-15",
		`FormatDateTime("Mon 15 JUN 2009", , "ddd dd MMM yyyy", "yyyy-MM-dd")`:                           "2009-06-15",
		`FormatDateTime("12:05 am 2020", , "h:mm tt yyyy", "HH:mm")`:                                     "00:05",
		`FormatDateTime("12:05 pm 2020", , "h:mm tt yyyy", "HH:mm")`:                                     "12:05",
		`FormatDateTime("01:05 P 2020", , "hh:mm t yyyy", "HH:mm")`:                                      "13:05",
		`FormatDateTime("11:05 A 2020", , "hh:mm t yyyy", "HH:mm")`:                                      "11:05",
		`FormatDateTime("23:05 2020", , "H:mm yyyy", "h:m t")`:                                           "11:5 P",
		`FormatDateTime("2020 12:00:07", , "yyyy hh:mm:ss", "HH:mm:s")`:                                  "12:00:7",
		`FormatDateTime("2020 1:2:3.25", , "yyyy H:m:s.ff", "HH:mm:ss.fff")`:                             "01:02:03.250",
		`FormatDateTime("2020 3.5", , "yyyy s.FFF", "s.FFF")`:                                            "3.5",
		`FormatDateTime("2020 3.", , "yyyy s.FFF", "ss.ff")`:                                             "03.00",
		`FormatDateTime("2020-12-31 23:30 -8", , "yyyy-MM-dd HH:mm z", "yyyy-MM-dd HH:mm z")`:            "2021-01-01 07:30 +0",
		`FormatDateTime("2020-12-31 01:30 +08", , "yyyy-MM-dd HH:mm zz", "yyyy-MM-dd HH:mm zz")`:         "2020-12-30 17:30 +00",
		`FormatDateTime("2020-12-31+0530", , "yyyy-MM-ddzzz", "yyyy-MM-ddTHH:mmzzz")`:                    "2020-12-30T18:30+00:00",
		`FormatDateTime("2020-12-31+14:00", , "yyyy-MM-ddzzz", "yyyy-MM-dd HH:mm")`:                      "2020-12-30 10:00",
		`FormatDateTime("2020-12-31+00:59", , "yyyy-MM-ddzzz", "HH:mm")`:                                 "23:01",
		`FormatDateTime("2020-12-31Z", , "yyyy-MM-ddK", "yyyy-MM-dd")`:                                   "2020-12-31",
		`FormatDateTime("2020-12-31", , "yyyy-MM-ddK", "yyyy-MM-dd")`:                                    "2020-12-31",
		`FormatDateTime("2020-12-31+01:00", , "yyyy-MM-ddK", "yyyy-MM-dd")`:                              "2020-12-30",
		`FormatDateTime("on 2020", , "'on' yyyy", "'y''s' yyyy")`:                                        "ys 2020",
		`FormatDateTime("d:2020", , "\\d:yyyy", "\"year\" yyyy\\y%d")`:                                   "year 2020y1",
		`FormatDateTime("2020", , "yyyy", "ddd dddd ddddd, MMM MMMM, yy, y%yy/x")`:                       "Wed Wednesday Wednesday, Jan January, 20, 2020/x",
		`FormatDateTime("2005 00:30", , "yyyy HH:mm", "h hh hhh %y")`:                                    "12 12 12 5",
		`FormatDateTime("2024-02-29", , "yyyy-MM-dd", "dd.MM.")`:                                         "29.02.",
		`FormatDateTime("2020 01:02:03 PM", , "yyyy hh:mm:ss tt", "yyy HHH mmm sss ttt MMMMM zzzz hhh")`: "2020 13 02 03 PM January +00:00 01",
		// Styles.
		`FormatDateTime("  2020 ", , "yyyy", "yy")`:                                                                  "20",
		`FormatDateTime(" 2020", "AllowLeadingWhite", "yyyy", "yy")`:                                                 "20",
		`FormatDateTime("2020 ", "DateTimeStyles.AllowTrailingWhite, DateTimeStyles.RoundtripKind", "yyyy", "yy")`:   "20",
		`FormatDateTime("2020", "None", "yyyy", "yy")`:                                                               "20",
		`FormatDateTime("2020", "AdjustToUniversal,AssumeUniversal,AssumeLocal,NoCurrentDateDefault", "yyyy", "yy")`: "20",
	} {
		t.Run(text, func(t *testing.T) {
			got, err := mustParse(t, text).Evaluate(john.environment())
			if err != nil || got.Single() != want {
				t.Errorf("%q (%v), want %q", got.Single(), err, want)
			}
		})
	}
}

func TestDatesOfNullAreNull(t *testing.T) {
	for _, text := range []string{
		`CDate([absent])`, `DateAdd("d", 1, [absent])`, `DateDiff("d", [absent], "2020-01-01")`, `DateDiff("d", "2020-01-01", [absent])`, `DateFromNum([absent])`,
		`NumFromDate([absent])`, `FormatDateTime([absent], , "yyyy", "yy")`,
	} {
		if got, err := mustParse(t, text).Evaluate(john.environment()); err != nil || !got.IsNull() {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
}

func TestDatesRefuse(t *testing.T) {
	for text, want := range map[string]string{
		`CDate("16 March 2020")`:                                                 "line 1, column 7: CDate needs a date as 2006-01-31",
		`CDate("2020-02-30")`:                                                    "needs a date",
		`CDate("0001-01-01+02:00")`:                                              "needs a date",
		`CDate("9999-12-31T23:59:59-02:00")`:                                     "needs a date",
		`CDate("")`:                                                              "needs a date",
		`DateAdd([givenName], 1, "2020-01-01")`:                                  `line 1, column 9: expected interval of DateAdd to be yyyy, m, d, ww, h, n or s, found "John"`,
		`DateAdd("d", [givenName], "2020-01-01")`:                                "whole number",
		`DateAdd("d", 1, "soon")`:                                                "DateAdd needs a date",
		`DateAdd("yyyy", 1, "9999-12-31")`:                                       "not in the years 1 to 9999",
		`DateAdd("d", -1, "0001-01-01")`:                                         "not in the years 1 to 9999",
		`DateAdd("s", 9223372036854775807, "2020-01-01")`:                        "not in the years 1 to 9999",
		`DateAdd("s", -9223372036854775807, "2020-01-01")`:                       "not in the years 1 to 9999",
		`DateAdd("ww", 4611686018427387904, "2020-01-01")`:                       "not in the years 1 to 9999",
		`DateAdd("m", 768614336404564651, "2020-01-01")`:                         "not in the years 1 to 9999",
		`DateDiff([givenName], "2020-01-01", "2020-01-01")`:                      "expected interval of DateDiff",
		`DateDiff("d", "soon", "2020-01-01")`:                                    "line 1, column 15: DateDiff needs a date",
		`DateDiff("d", "2020-01-01", "soon")`:                                    "line 1, column 29: DateDiff needs a date",
		`DateFromNum([givenName])`:                                               `value of DateFromNum must be a whole number, not "John"`,
		`DateFromNum(-1)`:                                                        "no date of Active Directory",
		`DateFromNum(2650467744000000000)`:                                       "no date of Active Directory",
		`NumFromDate("soon")`:                                                    "NumFromDate needs a date",
		`NumFromDate("1600-12-31T23:59:59")`:                                     "no dates before 1601",
		`FormatDateTime("2020", "AllowInnerWhite", "yyyy", "yy")`:                `dateTimeStyles of FormatDateTime has "AllowInnerWhite", which is not evaluated here`,
		`FormatDateTime(" 2020", "AllowTrailingWhite", "yyyy", "yy")`:            `" 2020" is no date in the form "yyyy"`,
		`FormatDateTime("2020 ", "AllowLeadingWhite", "yyyy", "yy")`:             `"2020 " is no date in the form "yyyy"`,
		`FormatDateTime("2020", , "d", "yy")`:                                    `the format "d" is a standard format of .NET`,
		`FormatDateTime("2020", , "yyyy", "")`:                                   `the format "" is a standard format of .NET`,
		`FormatDateTime("2020", , "yyyy", "K ")`:                                 "K in the output format",
		`FormatDateTime("2020", , "yyyy g", "yy")`:                               "the era (g)",
		`FormatDateTime("2020", , "yyyyy", "yy")`:                                "has yyyyy, which is not evaluated here",
		`FormatDateTime("2020", , "yyyy.ffffffff", "yy")`:                        "has ffffffff",
		`FormatDateTime("2020", , "yyyy.FFFFFFFF", "yy")`:                        "has FFFFFFFF",
		`FormatDateTime("2020", , "yyyyKK", "yy")`:                               "has KK",
		`FormatDateTime("2020", , "yyyy%", "yy")`:                                "a % in a date format",
		`FormatDateTime("2020", , "yyyy%%", "yy")`:                               "a % in a date format",
		`FormatDateTime("2020", , "yyyy\\", "yy")`:                               "a \\ in a date format",
		`FormatDateTime("2020", , "yyyy'", "yy")`:                                "starts with ' in the date format has no end",
		`FormatDateTime("2020x", , "yyyy", "yy")`:                                "no date in the form",
		`FormatDateTime("202", , "yyyy", "yy")`:                                  "no date in the form",
		`FormatDateTime("85", , "yyy", "yy")`:                                    "no date in the form",
		`FormatDateTime("2", , "yy", "yy")`:                                      "no date in the form",
		`FormatDateTime("2020-1-05", , "yyyy-MM-dd", "yy")`:                      "no date in the form",
		`FormatDateTime("2020-13-05", , "yyyy-MM-dd", "yy")`:                     "no date in the form",
		`FormatDateTime("2021-02-29", , "yyyy-MM-dd", "yy")`:                     "no date in the form",
		`FormatDateTime("2020 Tue 15 Jun 2009", , "yyyy ddd dd MMM yyyy", "yy")`: "no date in the form",
		`FormatDateTime("Xyz 2009", , "MMM yyyy", "yy")`:                         "no date in the form",
		`FormatDateTime("Ju", , "MMM", "yy")`:                                    "no date in the form",
		`FormatDateTime("2020 24:00", , "yyyy HH:mm", "yy")`:                     "no date in the form",
		`FormatDateTime("2020 23:60", , "yyyy HH:mm", "yy")`:                     "no date in the form",
		`FormatDateTime("2020 00:30", , "yyyy hh:mm", "yy")`:                     "no date in the form",
		`FormatDateTime("2020 13:30", , "yyyy hh:mm", "yy")`:                     "no date in the form",
		`FormatDateTime("2020 13:30 PM", , "yyyy HH:mm tt", "yy")`:               "no date in the form",
		`FormatDateTime("2020 12:30:60", , "yyyy hh:mm:ss", "yy")`:               "no date in the form",
		`FormatDateTime("2020.2", , "yyyy.ff", "yy")`:                            "no date in the form",
		`FormatDateTime("2020 08", , "yyyy zz", "yy")`:                           "no date in the form",
		`FormatDateTime("2020 +8", , "yyyy zz", "yy")`:                           "no date in the form",
		`FormatDateTime("2020 +15", , "yyyy zz", "yy")`:                          "no date in the form",
		`FormatDateTime("2020 +08:60", , "yyyy zzz", "yy")`:                      "no date in the form",
		`FormatDateTime("2020 +08:6", , "yyyy zzz", "yy")`:                       "no date in the form",
		`FormatDateTime("2020 x", , "yyyy K", "yy")`:                             "no date in the form",
		`FormatDateTime("850", , "yy", "yy")`:                                    "no date in the form",
		`FormatDateTime("2009", , "yyyyMMM", "yy")`:                              "no date in the form",
		`FormatDateTime("2020", , "yyyyzz", "yy")`:                               "no date in the form",
		`FormatDateTime("2020 +08:001", , "yyyy zzz", "yy")`:                     "no date in the form",
		`FormatDateTime("2009 Sun 15 06", , "yyyy ddd dd MM", "yy")`:             "no date in the form",
		`FormatDateTime("2021x", , "yyyy", "yy")`:                                `line 1, column 16: "2021x" is no date`,
		`FormatDateTime("12-31", , "MM-dd", "yy")`:                               "no date in the form",
		`FormatDateTime("0001-01-01+01:00", , "yyyy-MM-ddzzz", "yy")`:            "no date in the form",
	} {
		t.Run(text, func(t *testing.T) {
			got, err := mustParse(t, text).Evaluate(john.environment())
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v %v, want %s", got, err, want)
			}
		})
	}
}
