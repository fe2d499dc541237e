package delivery

import (
	"encoding/base64"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		retryAfter string
		want       verdict
		wait       time.Duration
	}{
		"done":                                   {200, "", delivered, 0},
		"done without a body":                    {204, "", delivered, 0},
		"a redirect is not followed":             {302, "", failed, 0},
		"a wrong request is never right":         {400, "", refused, 0},
		"gone":                                   {410, "", refused, 0},
		"an event that the app does not like":    {422, "", refused, 0},
		"a wrong secret can be mended":           {401, "", failed, 0},
		"a proxy that lets nobody through":       {403, "", failed, 0},
		"a proxy that knows no app":              {404, "", failed, 0},
		"a time-out of the app":                  {408, "", unreachable, 0},
		"too early":                              {425, "", unreachable, 0},
		"too many, with a time":                  {429, "7", unreachable, 7 * time.Second},
		"a time that is a date is left alone":    {503, "Fri, 02 Jan 2026 12:00:00 GMT", unreachable, 0},
		"nobody waits for longer than 5 minutes": {503, "86400", unreachable, 5 * time.Minute},
		"a proxy without an app":                 {502, "", unreachable, 0},
		"a proxy whose app is slow":              {504, "", unreachable, 0},
		"an app that failed at this event":       {500, "", failed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := judge(c.status, c.retryAfter); got.verdict != c.want || got.retryAfter != c.wait {
				t.Errorf("%s after %v, want %s after %v", got.verdict, got.retryAfter, c.want, c.wait)
			}
		})
	}
}

func TestBackoffDoublesUpToItsLongestAndJitterTakesUpToAHalf(t *testing.T) {
	for name, c := range map[string]struct {
		failures int
		jitter   float64
		want     time.Duration
	}{
		"the first":               {1, 0, time.Second},
		"the fourth":              {4, 0, 8 * time.Second},
		"the fourth, with jitter": {4, 0.5, 6 * time.Second},
		"at most":                 {12, 0, time.Minute},
		"after very many":         {1000, 1, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			if got := backoff(c.failures, time.Minute, c.jitter); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestSigningSecrets(t *testing.T) {
	good := "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, minSecret))
	for name, c := range map[string]struct {
		content string
		want    int
	}{
		"one":               {good + "\n", 1},
		"two while rotated": {good + "\n\n" + good, 2},
		"none":              {"\n", 0},
		"no prefix":         {good[len("whsec_"):], 0},
		"no base64":         {"whsec_!", 0},
		"too short":         {"whsec_c2hvcnQ=", 0},
	} {
		t.Run(name, func(t *testing.T) {
			signers, err := parseSecrets(c.content)
			if len(signers) != c.want || (err == nil) != (c.want > 0) {
				t.Errorf("%d secrets, error %v, want %d", len(signers), err, c.want)
			}
		})
	}
}
