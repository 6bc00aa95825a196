package model

import "testing"

func TestQuerySmoke(t *testing.T) {
	q, p := ParseQuery(`prod -"old one" age>90d status:act foo:x used:never created:2024-02-30 "`, nil)
	t.Log(q, p)
}
