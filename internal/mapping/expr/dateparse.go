package expr

import (
	"strconv"
	"strings"
	"time"
)

// parse reads a date that is written in the format, and gives it in UTC. A month or day that the format does not have is the first.
func (f dateFormat) parse(text string, styles dateStyles) (time.Time, bool) {
	if styles.leadingWhite {
		text = strings.TrimLeft(text, " \t")
	}
	if styles.trailingWhite {
		text = strings.TrimRight(text, " \t")
	}
	p := dateParser{rest: text, month: 1, day: 1, weekday: -1, half: -1}
	for _, field := range f.fields {
		if !p.field(field) {
			return time.Time{}, false
		}
	}
	return p.date()
}

var (
	dayNames   = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	monthNames = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	halves     = []string{"AM", "PM"}
)

// dateParser is the state of parsing: what is left to read, and what was read.
type dateParser struct {
	rest                   string
	year, month, day, hour int
	minute, second, nano   int
	weekday                int // -1 when it was not given
	half                   int // 0 before noon, 1 after noon, -1 when it was not given
	offset                 int // in minutes east of UTC
}

// field reads what one field of the format stands for.
func (p *dateParser) field(f dateField) bool {
	switch f.letter {
	case 'd':
		if f.width > 2 {
			return p.name(f.width, dayNames, &p.weekday)
		}
		return p.number(f, &p.day)
	case 'M':
		if f.width > 2 {
			ok := p.name(f.width, monthNames, &p.month)
			p.month++
			return ok
		}
		return p.number(f, &p.month)
	case 'y':
		return p.readYear(f.width)
	case 'h', 'H':
		return p.number(f, &p.hour) && (f.letter == 'H' || p.hour >= 1 && p.hour <= 12)
	case 'm':
		return p.number(f, &p.minute)
	case 's':
		return p.number(f, &p.second)
	case 'f', 'F':
		return p.fraction(f)
	case 't':
		return p.name(f.width, halves, &p.half)
	case 'z':
		return p.zone(f.width)
	case 'K':
		return p.rest == "" || p.literal("Z") || p.zone(3)
	default:
		return p.literal(f.literal)
	}
}

func (p *dateParser) literal(text string) (ok bool) {
	p.rest, ok = strings.CutPrefix(p.rest, text)
	return ok
}

// digits takes from least to most digits off the text.
func (p *dateParser) digits(least, most int) (string, bool) {
	count := 0
	for count < most && count < len(p.rest) && isDigit(rune(p.rest[count])) {
		count++
	}
	digits := p.rest[:count]
	p.rest = p.rest[count:]
	return digits, count >= least
}

// number reads a number of one or two digits: exactly two where the field has two.
func (p *dateParser) number(f dateField, number *int) bool {
	digits, ok := p.digits(f.width, 2)
	*number, _ = strconv.Atoi(digits)
	return ok
}

// readYear takes years of two digits up to 49 for those of this century.
func (p *dateParser) readYear(width int) bool {
	most := 4
	if width < 3 {
		most = 2
	}
	digits, ok := p.digits(width, most)
	p.year, _ = strconv.Atoi(digits)
	switch {
	case most == 4:
	case p.year < 50:
		p.year += 2000
	default:
		p.year += 1900
	}
	return ok
}

// name reads one of the names, in any case and cut to the width where that is below four.
func (p *dateParser) name(width int, names []string, index *int) bool {
	for i, candidate := range names {
		if width < 4 {
			candidate = candidate[:width]
		}
		if len(p.rest) >= len(candidate) && strings.EqualFold(p.rest[:len(candidate)], candidate) {
			p.rest = p.rest[len(candidate):]
			*index = i
			return true
		}
	}
	return false
}

// fraction reads as many digits as the field is wide, or with F up to as many.
func (p *dateParser) fraction(f dateField) bool {
	least := f.width
	if f.letter == 'F' {
		least = 0
	}
	digits, ok := p.digits(least, f.width)
	p.nano, _ = strconv.Atoi((digits + "000000000")[:9])
	return ok
}

// zone reads an offset from UTC: hours, and minutes where the field is three wide.
func (p *dateParser) zone(width int) bool {
	sign := 1
	if !p.literal("+") {
		if !p.literal("-") {
			return false
		}
		sign = -1
	}
	digits, ok := p.digits(min(width, 2), 2)
	hours, _ := strconv.Atoi(digits)
	minutes := 0
	if width == 3 {
		p.literal(":")
		digits, enough := p.digits(2, 2)
		minutes, _ = strconv.Atoi(digits)
		ok = ok && enough
	}
	p.offset = sign * (60*hours + minutes)
	return ok && hours <= 14 && minutes < 60
}

// date puts together what was read; false where it is no date, or something is left.
func (p *dateParser) date() (time.Time, bool) {
	if p.half >= 0 {
		if p.hour > 12 {
			return time.Time{}, false
		}
		p.hour = p.hour%12 + 12*p.half
	}
	date := time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.second, p.nano, time.UTC)
	same := date.Year() == p.year && int(date.Month()) == p.month && date.Day() == p.day && date.Hour() == p.hour && date.Minute() == p.minute && date.Second() == p.second
	if p.rest != "" || !same || p.weekday >= 0 && int(date.Weekday()) != p.weekday {
		return time.Time{}, false
	}
	date = date.Add(-time.Duration(p.offset) * time.Minute)
	return date, isDate(date)
}
