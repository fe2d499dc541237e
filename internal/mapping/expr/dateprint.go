package expr

import (
	"fmt"
	"strings"
	"time"
)

// print writes a date, which is in UTC.
func (f dateFormat) print(date time.Time) string {
	var text strings.Builder
	for _, field := range f.fields {
		text.WriteString(field.print(date))
	}
	return text.String()
}

func (f dateField) print(date time.Time) string {
	switch f.letter {
	case 'd':
		return f.named(date.Day(), date.Weekday().String())
	case 'M':
		return f.named(int(date.Month()), date.Month().String())
	case 'y':
		return f.year(date.Year())
	case 'h':
		return f.number((date.Hour()+11)%12 + 1)
	case 'H':
		return f.number(date.Hour())
	case 'm':
		return f.number(date.Minute())
	case 's':
		return f.number(date.Second())
	case 'f', 'F':
		return f.fraction(date)
	case 't':
		return date.Format("PM")[:f.width]
	case 'z':
		return [...]string{"+0", "+00", "+00:00"}[f.width-1]
	default:
		return f.literal
	}
}

func (f dateField) number(n int) string { return fmt.Sprintf("%0*d", f.width, n) }

// named is a day or month: a number, or in three letters or more its name.
func (f dateField) named(n int, name string) string {
	switch f.width {
	case 3:
		return name[:3]
	case 4:
		return name
	default:
		return f.number(n)
	}
}

// year has two digits at most where the width is one or two.
func (f dateField) year(year int) string {
	if f.width < 3 {
		year %= 100
	}
	return f.number(year)
}

// fraction is the first digits of the second's fraction; F drops zeros at its end.
func (f dateField) fraction(date time.Time) string {
	fraction := fmt.Sprintf("%09d", date.Nanosecond())[:f.width]
	if f.letter == 'F' {
		fraction = strings.TrimRight(fraction, "0")
	}
	return fraction
}
