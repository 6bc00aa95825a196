package model

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones whose clocks are put forward at midnight
	"unicode"
	"unicode/utf8"
)

// date is a moment of the clock in UTC: "2024-06-01" or "2024-06-01 12:30".
func date(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		if at, err = time.Parse("2006-01-02", text); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

func TestParseQueryTerms(t *testing.T) {
	word := func(text string, fold bool) Term { return Term{Text: text, Fold: fold} }
	in := func(f Field, text string) Term { return Term{Field: f, Text: text, Fold: true} }
	not := func(t Term) Term { t.Not = true; return t }
	span := func(f Field, op Op, text string, d time.Duration) Term {
		return Term{Field: f, Op: op, Text: text, Span: d}
	}
	created := func(op Op, text, from, to string) Term {
		return Term{Field: FieldCreated, Op: op, Text: text, From: date(t, from), To: date(t, to)}
	}
	status := func(text string, set StatusSet) Term { return Term{Field: FieldStatus, Text: text, Statuses: set} }
	for _, c := range []struct {
		text string
		want []Term
	}{
		{"", nil},
		{" \t\u00a0\u3000\n", nil},
		{"prod", []Term{word("prod", true)}},
		{"  ci\u3000prod\t", []Term{word("ci", true), word("prod", true)}},
		{"Prod", []Term{word("Prod", false)}},
		{"ÉCOLE école", []Term{word("ÉCOLE", false), word("école", true)}},
		{"ǅ", []Term{word("ǅ", false)}},
		{"cafe\u0301", []Term{word("caf\u00e9", true)}},
		{"\u212b", []Term{word("\u00c5", false)}},
		{"日本", []Term{word("日本", true)}},
		{"-prod", []Term{not(word("prod", true))}},
		{"--", []Term{not(word("-", true))}},
		{"--prod", []Term{not(word("-prod", true))}},
		{"a-b", []Term{word("a-b", true)}},
		{`"two words"`, []Term{word("two words", true)}},
		{`-"two words" x`, []Term{not(word("two words", true)), word("x", true)}},
		{`"say ""hi"""`, []Term{word(`say "hi"`, true)}},
		{`""""`, []Term{word(`"`, true)}},
		{`a"b c"`, []Term{word(`a"b`, true), word(`c"`, true)}},
		{`"-"`, []Term{word("-", true)}},
		{`"age>90d"`, []Term{word("age>90d", true)}},
		{`"foo:bar" "never:"`, []Term{word("foo:bar", true), word("never:", true)}},
		{"10:30 ::1 :x >5 a.b:c k=v a=", []Term{
			word("10:30", true), word("::1", true), word(":x", true), word(">5", true), word("a.b:c", true),
			word("k=v", true), word("a=", true)}},
		{"name:prod hint:9f3q id:0198 owner:ann", []Term{
			in(FieldName, "prod"), in(FieldHint, "9f3q"), in(FieldID, "0198"), in(FieldOwner, "ann")}},
		{"NAME:x Age<1d", []Term{in(FieldName, "x"), span(FieldAge, OpLess, "1d", day)}},
		{`name:"two words" owner:CORP\ann`, []Term{
			in(FieldName, "two words"), {Field: FieldOwner, Text: `CORP\ann`}}},
		{"name:a:b name:<x -name:-x", []Term{in(FieldName, "a:b"), in(FieldName, "<x"), not(in(FieldName, "-x"))}},
		{"age>90d age<1y age<=2w age>=12h", []Term{
			span(FieldAge, OpMore, "90d", 90*day), span(FieldAge, OpLess, "1y", 365*day),
			span(FieldAge, OpAtMost, "2w", 14*day), span(FieldAge, OpAtLeast, "12h", 12*time.Hour)}},
		{"-unused>30d", []Term{not(span(FieldUnused, OpMore, "30d", 30*day))}},
		{`age>"3mo"`, []Term{span(FieldAge, OpMore, "3mo", 90*day)}},
		{"used<7d used:never used:unknown", []Term{
			span(FieldUsed, OpLess, "7d", 7*day), {Field: FieldUsed, Op: OpNever, Text: "never"},
			{Field: FieldUsed, Op: OpUnknown, Text: "unknown"}}},
		{"expires<7d expires>0d expires:never", []Term{
			span(FieldExpires, OpLess, "7d", 7*day), span(FieldExpires, OpMore, "0d", 0),
			{Field: FieldExpires, Op: OpNever, Text: "never"}}},
		{"created<2024-06-01", []Term{created(OpLess, "2024-06-01", "2024-06-01", "2024-06-02")}},
		{"created>=2024-02", []Term{created(OpAtLeast, "2024-02", "2024-02-01", "2024-03-01")}},
		{"created:2024-12", []Term{created(OpHas, "2024-12", "2024-12-01", "2025-01-01")}},
		{"created>1969 created:2024-02-29", []Term{
			created(OpMore, "1969", "1969-01-01", "1970-01-01"), created(OpHas, "2024-02-29", "2024-02-29", "2024-03-01")}},
		{"status:active", []Term{status("active", 1)}},
		{"status:Expired,active", []Term{status("active,expired", 5)}},
		{"-status:disabled|expired", []Term{not(status("disabled,expired", 6))}},
	} {
		got, problems := ParseQuery(c.text, nil)
		if len(problems) != 0 || !reflect.DeepEqual(got.Terms(), c.want) {
			t.Errorf("ParseQuery(%q)\n  has %+v, %v\n want %+v", c.text, got.Terms(), problems, c.want)
		}
		if got.Empty() != (len(c.want) == 0) {
			t.Errorf("ParseQuery(%q).Empty() is %v", c.text, got.Empty())
		}
	}
}

// TestParseQueryProblems writes what is marked between ⟦ and ⟧, and what was expected there in order.
func TestParseQueryProblems(t *testing.T) {
	const unknown = "one of name, hint, id, owner, age, created, unused, used, expires, status, or quotes around it all"
	for _, c := range []struct {
		marked string
		left   string // the query that can be read
		wants  []string
	}{
		{"⟦-⟧", "", []string{wantExcluded}},
		{"prod ⟦-⟧ x", "prod x", []string{wantExcluded}},
		{`⟦"⟧`, "", []string{wantClosing}},
		{`a ⟦"⟧two wor`, `a "two wor"`, []string{wantClosing}},
		{`⟦"⟧a""`, `a"`, []string{wantClosing}},
		{`-⟦"⟧`, "", []string{wantClosing}},
		{`⟦""⟧`, "", []string{wantQuoted}},
		{`-⟦""⟧ x`, "x", []string{wantQuoted}},
		{`"a b"⟦c"⟧ d`, `"a b" d`, []string{wantSpace}},
		{"x ⟦\xff⟧", "x", []string{wantUTF8}},
		{"x name:⟦a\xc3⟧ y", "x y", []string{wantUTF8}},
		{"⟦\"⟧⟦a\xff⟧", "", []string{wantClosing, wantUTF8}},
		{"⟦foo⟧:bar x", "x", []string{unknown}},
		{"-⟦foo⟧:bar", "", []string{unknown}},
		{"⟦nme⟧:x", "", []string{"name instead, or quotes around it all"}},
		{"⟦Expire⟧<7d", "", []string{"expires instead, or quotes around it all"}},
		{"⟦last-used⟧:never", "", []string{unknown}},
		{"⟦https⟧://example.com", "", []string{unknown}},
		{`⟦foo⟧:⟦"⟧x`, "", []string{unknown, wantClosing}},
		{"⟦name:⟧", "", []string{wantText}},
		{`⟦name:""⟧`, "", []string{wantText}},
		{`name:⟦"⟧`, "", []string{wantClosing}},
		{`name:⟦"⟧a b`, `name:"a b"`, []string{wantClosing}},
		{"name⟦>⟧x", "", []string{wantColon}},
		{"name⟦=⟧x", "", []string{wantColon}},
		{"status⟦==⟧active", "", []string{wantColon}},
		{"age⟦:⟧90d", "", []string{wantCompare}},
		{"age⟦=>⟧90d", "", []string{wantCompare}},
		{"unused⟦:⟧never", "", []string{wantCompare}},
		{"created⟦=⟧2024", "", []string{wantAnyOp}},
		{"⟦age>⟧", "", []string{wantSpan}},
		{"⟦age>=⟧ prod", "prod", []string{wantSpan}},
		{"age>⟦x⟧", "", []string{wantSpan}},
		{"age>⟦>90d⟧", "", []string{wantSpan}},
		{"age>⟦-90d⟧", "", []string{wantSpan}},
		{"age>⟦never⟧", "", []string{wantSpan}},
		{"age>⟦90⟧", "", []string{wantSpanUnit}},
		{"age>⟦90m⟧", "", []string{wantSpanUnit}},
		{"age>⟦90D⟧", "", []string{wantSpanUnit}},
		{"age>⟦1.5y⟧", "", []string{wantSpanWhole}},
		{"age>⟦1y6mo⟧", "", []string{wantSpanWhole}},
		{"age>⟦101y⟧", "", []string{wantSpanBound}},
		{"age>⟦99999999999999999999999999h⟧", "", []string{wantSpanBound}},
		{`age>"⟦9""0d⟧"`, "", []string{wantSpanWhole}},
		{"⟦created<⟧", "", []string{wantDate}},
		{"created<⟦90d⟧", "", []string{wantDate}},
		{"created<⟦20⟧", "", []string{wantDate}},
		{"created<⟦2024-⟧", "", []string{wantDate}},
		{"created<⟦2024-6-1⟧", "", []string{wantDate}},
		{"created<⟦2024-06-01-02⟧", "", []string{wantDate}},
		{"created<⟦+024⟧", "", []string{wantDate}},
		{"created<⟦0000⟧", "", []string{"a year from 1000"}},
		{"created<2024-⟦13⟧", "", []string{wantMonth}},
		{"created<2024-⟦00⟧-01", "", []string{wantMonth}},
		{"created:2024-02-⟦30⟧", "", []string{"a day from 01 to 29"}},
		{"created:2023-02-⟦29⟧", "", []string{"a day from 01 to 28"}},
		{"created:2024-06-⟦00⟧", "", []string{"a day from 01 to 30"}},
		{"⟦used:⟧", "", []string{wantUsed}},
		{"used:⟦7d⟧", "", []string{wantUsed}},
		{"used<⟦never⟧", "", []string{wantSpan}},
		{"used⟦=⟧never", "", []string{wantAnyOp}},
		{"expires:⟦unknown⟧", "", []string{wantEnd}},
		{"⟦expires:⟧", "", []string{wantEnd}},
		{"⟦status:⟧", "", []string{wantStatus}},
		{"status:⟦act⟧ x", "x", []string{wantStatus}},
		{"status:active,⟦gone⟧,expired", "", []string{wantStatus}},
		{"status:active⟦,⟧", "", []string{wantStatus}},
		{"status:⟦|⟧active", "", []string{wantStatus}},
		{"status:active,⟦,⟧expired", "", []string{wantStatus}},
		{"status⟦<⟧active", "", []string{wantColon}},
		{"⟦-⟧ ⟦age>⟧ prod ⟦foo⟧:x", "prod", []string{wantExcluded, wantSpan, unknown}},
	} {
		text := strings.NewReplacer("⟦", "", "⟧", "").Replace(c.marked)
		query, problems := ParseQuery(text, nil)
		var marked strings.Builder
		var wants []string
		at := 0
		for _, p := range problems {
			marked.WriteString(text[at:p.Start] + "⟦" + text[p.Start:p.End] + "⟧")
			at = p.End
			wants = append(wants, p.Want)
		}
		marked.WriteString(text[at:])
		if marked.String() != c.marked || !reflect.DeepEqual(wants, c.wants) {
			t.Errorf("%q\n marked %q\n   want %q\n wanted %q\n   want %q", text, marked.String(), c.marked, wants, c.wants)
		}
		if query.String() != c.left {
			t.Errorf("%q leaves %q, want %q", text, query, c.left)
		}
	}
}

// TestQueryDatesInZones: a day begins when the clocks of the zone first show it, whatever is done to them at midnight.
func TestQueryDatesInZones(t *testing.T) {
	for _, c := range []struct{ zone, date, from, to string }{
		{"UTC", "2024-06-01", "2024-06-01 00:00", "2024-06-02 00:00"},
		{"Asia/Tokyo", "2024-06", "2024-05-31 15:00", "2024-06-30 15:00"},
		{"America/New_York", "2024", "2024-01-01 05:00", "2025-01-01 05:00"},
		{"America/New_York", "2024-03-10", "2024-03-10 05:00", "2024-03-11 04:00"},    // 23 hours
		{"America/New_York", "2024-11-03", "2024-11-03 04:00", "2024-11-04 05:00"},    // 25 hours
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04 03:00", "2018-11-05 02:00"},   // begins at 01:00
		{"America/Sao_Paulo", "2018-02-17", "2018-02-17 02:00", "2018-02-18 03:00"},   // 23:00 comes twice
		{"America/Havana", "2024-11-03", "2024-11-03 04:00", "2024-11-04 05:00"},      // midnight comes twice
		{"Asia/Amman", "2021-10-29", "2021-10-28 21:00", "2021-10-29 22:00"},          // midnight comes twice, east of Greenwich
		{"Pacific/Apia", "2011-12-29", "2011-12-29 10:00", "2011-12-30 10:00"},        // the day before one that was left out
		{"Pacific/Apia", "2011-12-30", "2011-12-30 10:00", "2011-12-30 10:00"},        // left out
		{"Pacific/Apia", "2011-12-31", "2011-12-30 10:00", "2011-12-31 10:00"},        // the day after
		{"America/Toronto", "1919-03-30", "1919-03-30 05:00", "1919-03-31 04:30"},     // 23:30 to 00:30
		{"America/Toronto", "1919-03-31", "1919-03-31 04:30", "1919-04-01 04:00"},     // begins at 00:30
		{"Europe/Berlin", "1960-07-01", "1960-06-30 23:00", "1960-07-01 23:00"},       // before 1970
		{"Australia/Lord_Howe", "2024-04-07", "2024-04-06 13:00", "2024-04-07 13:30"}, // half an hour
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		query, problems := ParseQuery("created:"+c.date, zone)
		if len(problems) != 0 {
			t.Fatal(problems)
		}
		if got := query.Terms()[0]; got.From != date(t, c.from) || got.To != date(t, c.to) {
			t.Errorf("%s in %s is from %v to %v, want %s to %s", c.date, c.zone, got.From, got.To, c.from, c.to)
		}
	}
}

// TestDaysBegin: around every change of the clocks of these zones, the first moment of a day shows that day, and the moment
// before it shows an earlier one.
func TestDaysBegin(t *testing.T) {
	changes := 0
	for _, name := range []string{"Africa/Cairo", "America/Asuncion", "America/Havana", "America/St_Johns", "America/Sao_Paulo", "America/Toronto",
		"Antarctica/Troll", "Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Manila", "Asia/Pyongyang", "Australia/Lord_Howe", "Europe/Berlin",
		"Europe/Dublin", "Pacific/Apia", "Pacific/Kwajalein"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		shown := func(at time.Time) time.Time {
			_, offset := at.In(zone).Zone()
			return at.Add(time.Duration(offset) * time.Second)
		}
		for change := date(t, "1850-01-01"); ; changes++ {
			if _, change = change.In(zone).ZoneBounds(); change.IsZero() || change.Year() >= 2038 {
				break
			}
			year, month, day := change.UTC().Date()
			for _, d := range []int{day - 1, day, day + 1} {
				from, midnight := startOf(year, month, d, zone), time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
				if shown(from).Before(midnight) || !shown(from.Add(-1)).Before(midnight) {
					t.Errorf("%s: %v begins at %v", name, midnight, from)
				}
			}
		}
	}
	if changes < 500 {
		t.Errorf("the clocks changed %d times only", changes)
	}
}

// TestQueryString: what cannot stand as it is gets quotes, and reads again as the same.
func TestQueryString(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"  a   b ":                    "a b",
		`"a" "b"`:                     "a b",
		`"a b" -"c"`:                  `"a b" -c`,
		`"-" -"-x" """q"`:             `"-" -"-x" """q"`,
		`"age>90d" "foo:" "age"`:      `"age>90d" "foo:" age`,
		`name:"a" name:"-x" id:"a b"`: `name:a name:-x id:"a b"`,
		"age>90d  -AGE<=3mo":          "age>90d -age<=3mo",
		"Status:EXPIRED|active":       "status:active,expired",
		"used:never -used:unknown":    "used:never -used:unknown",
		"created>2024-06":             "created>2024-06",
		"age> \"x":                    "x",
	} {
		query, _ := ParseQuery(text, nil)
		if query.String() != want {
			t.Errorf("%q is written as %q, want %q", text, query, want)
		}
		again, problems := ParseQuery(want, nil)
		if len(problems) != 0 || !reflect.DeepEqual(again, query) {
			t.Errorf("%q reads as %+v, %v, want %+v", want, again, problems, query)
		}
	}
}

// TestQueryTermsAreCopies: nobody can change a query by what it hands out.
func TestQueryTermsAreCopies(t *testing.T) {
	query, _ := ParseQuery("a b", nil)
	query.Terms()[0] = Term{}
	if query.String() != "a b" {
		t.Errorf("the query became %q", query)
	}
}

func TestQueryWordsAreTold(t *testing.T) {
	for f := FieldName; f <= FieldStatus; f++ {
		if got, ok := fieldNamed(f.String()); !ok || got != f {
			t.Errorf("%v is named %q", f, f.String())
		}
	}
	if FieldAny.String() != "" || Field(-1).String() != "Field(-1)" || Field(99).String() != "Field(99)" || Op(99).String() != "Op(99)" {
		t.Error("a field or operator that there is not has a name")
	}
	if got := fmt.Sprint(OpHas, OpLess, OpAtMost, OpMore, OpAtLeast, OpNever, OpUnknown); got != ": < <= > >= : :" {
		t.Errorf("the operators are %s", got)
	}
	if StatusSet(0).Has(StatusActive) || StatusSet(7).Has("") || StatusSet(7).String() != "active,disabled,expired" {
		t.Error("sets of statuses are wrong")
	}
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "abc-1": "abc-1", "ABC": "abc", "ÄÖ": "äö", "İx": "ix", "ẞ": "ß", "Ⱥb": "ⱥb", "\u212aey": "key", "ΑΣ": "ασ",
		"\xffA\xc3": "\xffa\xc3", "A\xffB": "a\xffb", "ǅ": "ǆ", "E\u0301": "e\u0301", "日本": "日本", "\ufffdA": "\ufffda",
	} {
		if got := Fold(text); got != want {
			t.Errorf("Fold(%+q) = %+q, want %+q", text, got, want)
		}
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		folded := Fold(string(r))
		if folded != string(unicode.ToLower(r)) || Fold(folded) != folded {
			t.Fatalf("Fold(%U) = %+q, and folded again %+q", r, folded, Fold(folded))
		}
	}
	if n := testing.AllocsPerRun(100, func() { Fold("already lower ß 日本") }); n != 0 {
		t.Errorf("what is in lower case already costs %v allocations", n)
	}
}
