package expr

import (
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// maxRandom is the longest text that RandomString makes.
const maxRandom = 256

// The characters of each kind that RandomString is made of; the special ones are those that Windows counts as such in a password.
const (
	digits        = "0123456789"
	specials      = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"
	capitals      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	smallLetters  = "abcdefghijklmnopqrstuvwxyz"
	lettersDigits = capitals + smallLetters + digits
)

func evaluateBitAnd(c *call) (Value, *Error) {
	left, err := c.integer(0)
	if err != nil {
		return Null(), err
	}
	right, err := c.integer(1)
	return String(strconv.FormatInt(left&right, 10)), err
}

// evaluateSame is the value itself: for CStr every value is a text already, and Redact hides it only in Entra's logs.
func evaluateSame(c *call) (Value, *Error) { return c.value(0) }

func evaluateDefaultDomain(c *call) (Value, *Error) {
	if c.env.DefaultDomain == "" {
		return Null(), c.node.at.errorf("the tenant's default domain is not known here")
	}
	return String(c.env.DefaultDomain), nil
}

func evaluateGUID(c *call) (Value, *Error) {
	if c.env.Random == nil {
		return Null(), c.node.noRandomness()
	}
	id, err := uuid.NewRandomFromReader(c.env.Random)
	if err != nil {
		return Null(), c.node.at.errorf("no random number for %s: %v", c.node.text, err)
	}
	return String(id.String()), nil
}

func (n *Node) noRandomness() *Error {
	return n.at.errorf("there is no source of randomness here for %s", n.text)
}

// checkRandomString checks the numbers that are written in the text.
func checkRandomString(arguments []*Node) string {
	var numbers []int64
	for _, argument := range arguments[:5] {
		number, ok := parseInteger(argument.text)
		if argument.kind != Constant || !ok {
			return ""
		}
		numbers = append(numbers, number)
	}
	return randomStringFault(numbers)
}

// randomStringFault says what is wrong with the length and the four minimums; empty is nothing.
func randomStringFault(numbers []int64) string {
	sum := int64(0)
	for _, minimum := range numbers[1:] {
		if minimum < 0 || minimum > maxRandom {
			return "each minimum of RandomString is 0 to 256"
		}
		sum += minimum
	}
	if length := numbers[0]; length < sum || length > maxRandom {
		return "Length of RandomString is at most 256 and at least the sum of the minimums"
	}
	return ""
}

func evaluateRandomString(c *call) (Value, *Error) {
	numbers := make([]int64, 5)
	for i := range numbers {
		var err *Error
		if numbers[i], err = c.integer(i); err != nil {
			return Null(), err
		}
	}
	if fault := randomStringFault(numbers); fault != "" {
		return Null(), c.node.at.errorf("%s", fault)
	}
	avoid, err := c.text(5)
	if err != nil {
		return Null(), err
	}
	if c.env.Random == nil {
		return Null(), c.node.noRandomness()
	}
	r := randomText{random: c.env.Random, avoid: avoid}
	for i, kind := range []string{digits, specials, capitals, smallLetters} {
		r.add(kind, numbers[1+i])
	}
	r.add(lettersDigits, numbers[0]-int64(len(r.text)))
	r.shuffle()
	if r.fault != "" {
		return Null(), c.node.at.errorf("%s", r.fault)
	}
	return String(string(r.text)), nil
}

// randomText is a text under way. After a fault it does nothing more.
type randomText struct {
	random io.Reader
	avoid  string
	text   []byte
	fault  string
}

// add appends count characters of the kind.
func (r *randomText) add(kind string, count int64) {
	allowed := strings.Map(func(c rune) rune {
		if strings.ContainsRune(r.avoid, c) {
			return -1
		}
		return c
	}, kind)
	if count > 0 && allowed == "" {
		r.fault = "CharactersToAvoid of RandomString leaves no character of a kind that is needed"
		return
	}
	for range count {
		r.text = append(r.text, allowed[r.below(len(allowed))])
	}
}

// shuffle puts the characters in a random order.
func (r *randomText) shuffle() {
	for i := len(r.text) - 1; i > 0; i-- {
		j := r.below(i + 1)
		r.text[i], r.text[j] = r.text[j], r.text[i]
	}
}

// below draws a number from 0 up to, not including, n, which is at most 256. Bytes that would favour some numbers are drawn again.
func (r *randomText) below(n int) int {
	var drawn [1]byte
	for r.fault == "" {
		if _, err := io.ReadFull(r.random, drawn[:]); err != nil {
			r.fault = "no random number for RandomString: " + err.Error()
			break
		}
		if number := int(drawn[0]); number < 256-256%n {
			return number % n
		}
	}
	return 0
}
