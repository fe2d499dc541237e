package expr

import (
	"slices"
	"strconv"
	"time"
)

// date is the argument as a date; nil when it is null.
func (c *call) date(i int) (*time.Time, *Error) {
	value, err := c.value(i)
	if err != nil || value.IsNull() {
		return nil, err
	}
	date, ok := parseDate(value.Single())
	if !ok {
		return nil, c.node.arguments[i].at.errorf("%s needs a date as 2006-01-31, 2006-01-31T15:04:05-07:00 or 1/31/2006 3:04:05 PM, not %s; "+
			"read other forms with FormatDateTime", c.node.text, quote(value.Single()))
	}
	return &date, nil
}

func dateValue(date time.Time) Value { return String(date.UTC().Format(dateForm)) }

func evaluateCDate(c *call) (Value, *Error) {
	date, err := c.date(0)
	if date == nil {
		return Null(), err
	}
	return dateValue(*date), nil
}

// evaluateNow gives the present time in the form that the date functions read.
func evaluateNow(c *call) (Value, *Error) {
	if c.env.Now == nil {
		return Null(), c.node.at.errorf("there is no clock here for Now")
	}
	return dateValue(c.env.Now()), nil
}

func evaluateDateAdd(c *call) (Value, *Error) {
	interval, err := c.choice(0)
	if err != nil {
		return Null(), err
	}
	value, err := c.integer(1)
	if err != nil {
		return Null(), err
	}
	date, err := c.date(2)
	if date == nil {
		return Null(), err
	}
	sum, ok := addInterval(*date, interval, value)
	if !ok {
		return Null(), c.node.at.errorf("the result of DateAdd is not in the years 1 to 9999")
	}
	return dateValue(sum), nil
}

func evaluateDateDiff(c *call) (Value, *Error) {
	interval, err := c.choice(0)
	if err != nil {
		return Null(), err
	}
	from, err := c.date(1)
	if from == nil {
		return Null(), err
	}
	to, err := c.date(2)
	if to == nil {
		return Null(), err
	}
	return String(strconv.FormatInt(countInterval(interval, *from, *to), 10)), nil
}

func evaluateDateFromNum(c *call) (Value, *Error) {
	value, err := c.value(0)
	if err != nil || value.IsNull() {
		return Null(), err
	}
	ticks, ok := parseInteger(value.Single())
	if !ok {
		return Null(), c.notInteger(0, value.Single())
	}
	date := fromTicks(ticks)
	if ticks < 0 || !isDate(date) {
		return Null(), c.node.at.errorf("%d is no date of Active Directory", ticks)
	}
	return dateValue(date), nil
}

func evaluateNumFromDate(c *call) (Value, *Error) {
	date, err := c.date(0)
	if date == nil {
		return Null(), err
	}
	if date.Year() < 1601 {
		return Null(), c.node.at.errorf("Active Directory has no dates before 1601")
	}
	return String(strconv.FormatInt(toTicks(*date), 10)), nil
}

// evaluateFormatDateTime reads the date in UTC, to which its offset is resolved (the service's own zone is unconfirmed).
func evaluateFormatDateTime(c *call) (Value, *Error) {
	source, err := c.value(0)
	if err != nil || source.IsNull() {
		return Null(), err
	}
	styles, err := c.dateStyles(1)
	if err != nil {
		return Null(), err
	}
	input, err := c.dateFormat(2)
	if err != nil {
		return Null(), err
	}
	output, err := c.dateFormat(3)
	if err != nil {
		return Null(), err
	}
	if slices.ContainsFunc(output.fields, func(f dateField) bool { return f.letter == 'K' }) {
		return Null(), c.node.arguments[3].at.errorf("K in the output format is not evaluated here; write Z or zzz")
	}
	date, ok := input.parse(source.Single(), styles)
	if !ok {
		return Null(), c.node.arguments[0].at.errorf("%s is no date in the form %s", quote(source.Single()), quote(input.text))
	}
	return String(output.print(date)), nil
}

func (c *call) dateFormat(i int) (dateFormat, *Error) {
	text, err := c.text(i)
	if err != nil {
		return dateFormat{}, err
	}
	format, fault := compileDateFormat(text)
	if fault != "" {
		return dateFormat{}, c.node.arguments[i].at.errorf("%s", fault)
	}
	return format, nil
}
