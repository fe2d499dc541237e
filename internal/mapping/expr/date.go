package expr

import (
	"strings"
	"time"
)

// dateForm is the form in which every date function gives its date: M/d/yyyy h:mm:ss tt in UTC.
const dateForm = "1/2/2006 3:04:05 PM"

// dateLayouts are the forms in which a date is read: those of the documented samples and of ISO 8601, in all combinations.
var dateLayouts = func() (layouts []string) {
	for _, date := range []string{"2006-1-2", "1/2/2006"} {
		for _, hour := range []string{"", "T15:04", "T15:04:05", " 15:04", " 15:04:05", " 3:04 PM", " 3:04:05 PM"} {
			for _, zone := range []string{"", "Z07:00", " Z07:00"} {
				layouts = append(layouts, date+hour+zone)
			}
		}
	}
	return layouts
}()

// parseDate reads a date; one without an offset is in UTC.
func parseDate(text string) (time.Time, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	for _, layout := range dateLayouts {
		if date, err := time.Parse(layout, text); err == nil {
			return date.UTC(), isDate(date.UTC())
		}
	}
	return time.Time{}, false
}

// isDate says whether .NET has a date for the time.
func isDate(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// Active Directory counts 100 nanoseconds since 1601.
const (
	ticksPerSecond    = 10_000_000
	secondsBeforeUnix = 11_644_473_600
)

func fromTicks(ticks int64) time.Time {
	return time.Unix(ticks/ticksPerSecond-secondsBeforeUnix, ticks%ticksPerSecond*100).UTC()
}

func toTicks(t time.Time) int64 {
	return (t.Unix()+secondsBeforeUnix)*ticksPerSecond + int64(t.Nanosecond())/100
}

// intervalSeconds are the intervals of constant length.
var intervalSeconds = map[string]int64{"s": 1, "n": 60, "h": 3600, "d": 86_400, "ww": 604_800}

// addInterval adds to a date; false where the result is no date any more.
func addInterval(date time.Time, interval string, value int64) (time.Time, bool) {
	length, constant := intervalSeconds[interval]
	if !constant {
		length = monthSeconds
	}
	// Beyond that many there is no date, and below it nothing overflows.
	if most := maxSeconds / length; value < -most || value > most {
		return time.Time{}, false
	}
	switch interval {
	case "yyyy":
		date = addMonths(date, 12*value)
	case "m":
		date = addMonths(date, value)
	default:
		date = time.Unix(date.Unix()+value*length, int64(date.Nanosecond())).UTC()
	}
	return date, isDate(date)
}

const (
	maxSeconds   = 9999 * 366 * 86_400 // all the years that there are
	monthSeconds = 28 * 86_400         // the shortest month
)

// addMonths keeps the day of the month, or takes the last one where the month is shorter.
func addMonths(date time.Time, months int64) time.Time {
	first := time.Date(date.Year(), date.Month()+time.Month(months), 1, date.Hour(), date.Minute(), date.Second(), date.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(date.Day(), last)-1)
}

// countInterval counts the boundaries of the interval that lie between two dates, as VBA does.
func countInterval(interval string, from, to time.Time) int64 {
	switch interval {
	case "yyyy":
		return int64(to.Year() - from.Year())
	case "m":
		return int64(12*(to.Year()-from.Year())) + int64(to.Month()-from.Month())
	case "ww":
		return (sunday(to) - sunday(from)) / intervalSeconds["ww"]
	default:
		length := intervalSeconds[interval]
		return floor(to.Unix(), length) - floor(from.Unix(), length)
	}
}

// sunday is the start of the date's week in seconds.
func sunday(date time.Time) int64 {
	day := date.Truncate(24 * time.Hour)
	return day.Unix() - int64(day.Weekday())*intervalSeconds["d"]
}

// floor divides towards the earlier time also before 1970.
func floor(seconds, length int64) int64 {
	quotient := seconds / length
	if seconds%length < 0 {
		quotient--
	}
	return quotient
}
