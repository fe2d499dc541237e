package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// pageSize is how many rows a page shows.
const pageSize = 50

// page is a part of a list.
type page[T any] struct {
	Items           []T
	Query           string
	From, To, Total int    // rows, counted from 1
	Previous, Next  string // addresses; empty: there is none
}

// shown makes what a page shows of the items of a page.
func shown[T, U any](p page[T], show func(T) U) page[U] {
	out := page[U]{Query: p.Query, From: p.From, To: p.To, Total: p.Total, Previous: p.Previous, Next: p.Next}
	for _, item := range p.Items {
		out.Items = append(out.Items, show(item))
	}
	return out
}

// paged filters a list by the words of ?q= and takes the page that ?page= names.
func paged[T any](r *http.Request, all []T, words func(T) string) page[T] {
	query := r.URL.Query()
	p := page[T]{Query: strings.TrimSpace(query.Get("q"))}
	for word := range strings.FieldsSeq(strings.ToLower(p.Query)) {
		all = slices.DeleteFunc(all, func(item T) bool { return !strings.Contains(strings.ToLower(words(item)), word) })
	}
	p.Total = len(all)
	last := max((len(all)+pageSize-1)/pageSize, 1)
	number, err := strconv.Atoi(query.Get("page"))
	if err != nil {
		number = 1
	}
	number = min(max(number, 1), last)
	from, to := (number-1)*pageSize, min(number*pageSize, len(all))
	p.Items, p.From, p.To = all[from:to], min(from+1, to), to
	link := func(n int) string {
		values := url.Values{}
		for name := range query {
			values.Set(name, query.Get(name))
		}
		values.Set("page", strconv.Itoa(n))
		return "?" + values.Encode()
	}
	if number > 1 {
		p.Previous = link(number - 1)
	}
	if number < last {
		p.Next = link(number + 1)
	}
	return p
}
