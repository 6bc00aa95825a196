package model

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"text/template"
)

// traces returns what would give a text away in any of the forms that printing takes.
func traces(text string) map[string]string {
	plain := text[len(text)-20:]
	numbers := fmt.Sprintf("%d", []byte(plain))
	return map[string]string{
		"text": plain, "hex": hex.EncodeToString([]byte(plain)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(plain))),
		"spaced hex": fmt.Sprintf("% x", plain), "base64": base64.StdEncoding.EncodeToString([]byte(plain[:18])),
		"numbers": numbers[1 : len(numbers)-1],
	}
}

// holdsNone fails if output holds a trace of the secret.
func holdsNone(t *testing.T, how, output string, secret Secret) {
	t.Helper()
	for form, trace := range traces(secret.Reveal()) {
		if strings.Contains(output, trace) {
			t.Errorf("%s holds the secret as %s", how, form)
		}
	}
}

type embedded struct{ Secret }

type exported struct {
	Name  string `json:"name"`
	Value Secret `json:"value"`
}

type unexported struct {
	name  string
	value Secret
	again *Secret
	inner struct{ deep Secret }
}

type failed struct{ secret Secret }

func (failed) Error() string { return "it failed" }

// containers are ways in which a secret gets into what is printed.
func containers(s Secret) map[string]any {
	hidden := unexported{name: "x", value: s, again: &s}
	hidden.inner.deep = s
	return map[string]any{
		"itself": s, "pointer": &s, "slice": []Secret{s}, "slice of pointers": []*Secret{&s}, "array": [2]Secret{s, s},
		"map value": map[string]Secret{"a": s}, "map key": map[Secret]int{s: 1}, "any": []any{s, &s},
		"embedded": embedded{s}, "pointer to embedded": &embedded{s}, "exported field": exported{"x", s},
		"pointer to exported": &exported{"x", s}, "unexported field": hidden, "pointer to unexported": &hidden,
		"slice of structs": []unexported{hidden}, "map of pointers": map[string]*unexported{"a": &hidden},
		"error": failed{s}, "wrapped error": fmt.Errorf("while testing %v: %w", s, failed{s}),
		"joined error": errors.Join(failed{s}, fmt.Errorf("%s %q", s, s)), "issued": Issued{Secret: s}, "pointer to issued": &Issued{Secret: s},
		"import": Import{Secret: s}, "pointer to import": &Import{Secret: s},
		"wrong wrap": fmt.Errorf(wrongWrap, any(s)),
	}
}

// Mistakes that vet would find if they stood in the calls.
var wrongWrap, noVerb = "%w", "no verb"

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%o", "%b", "%c", "%U", "%e", "%t", "%p", "%T", "%20.3s", "%z", "%[2]*[1]d"}

func TestT20SecretNeverPrints(t *testing.T) {
	secret := draw(t, DefaultPrefix)
	for name, value := range containers(secret) {
		for _, verb := range verbs {
			holdsNone(t, name+" as "+verb, fmt.Sprintf(verb, value), secret)
		}
		holdsNone(t, name+" printed", fmt.Sprint(value)+fmt.Sprintln("x", value, "y"), secret)
		holdsNone(t, name+" as too many arguments", fmt.Sprintf(noVerb, value), secret)
		var b bytes.Buffer
		log.New(&b, "", 0).Println(value)
		holdsNone(t, name+" in package log", b.String(), secret)
		b.Reset()
		if err := template.Must(template.New("").Parse("{{.}} {{printf `%v %q` . .}}")).Execute(&b, value); err != nil {
			t.Errorf("%s in a template: %v", name, err)
		}
		holdsNone(t, name+" in a template", b.String(), secret)
	}
	for _, verb := range verbs[:10] {
		if got := fmt.Sprintf(verb, secret); got != redacted {
			t.Errorf("%s prints %q", verb, got)
		}
	}
	if secret.String() != redacted || secret.GoString() != redacted {
		t.Error("String or GoString is not redacted")
	}
}

func TestT20SecretNeverEncodes(t *testing.T) {
	secret := draw(t, DefaultPrefix)
	for name, value := range containers(secret) {
		encoded, err := json.Marshal(value)
		holdsNone(t, name+" as JSON", string(encoded)+fmt.Sprint(err), secret)
		indented, err := json.MarshalIndent(map[string]any{"v": value}, "", " ")
		holdsNone(t, name+" as indented JSON", string(indented)+fmt.Sprint(err), secret)
		marked, err := xml.Marshal(value)
		holdsNone(t, name+" as XML", string(marked)+fmt.Sprint(err), secret)
	}
	if got, err := json.Marshal(exported{"x", secret}); err != nil || string(got) != `{"name":"x","value":"[redacted]"}` {
		t.Errorf("JSON is %s, %v", got, err)
	}
	if got, err := json.Marshal(map[Secret]int{secret: 1}); err != nil || string(got) != `{"[redacted]":1}` {
		t.Errorf("JSON with a secret as key is %s, %v", got, err)
	}
	if got, err := secret.MarshalText(); err != nil || string(got) != redacted {
		t.Errorf("text is %s, %v", got, err)
	}
}

func TestT20SecretNeverLogs(t *testing.T) {
	secret := draw(t, DefaultPrefix)
	for handler, build := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		for name, value := range containers(secret) {
			var b bytes.Buffer
			logger := slog.New(build(&b))
			logger.With("with", value).WithGroup("group").Info(fmt.Sprint("made ", value), slog.Any("any", value),
				slog.Group("inner", slog.Any("value", value)))
			if b.Len() == 0 {
				t.Fatalf("%s handler wrote nothing", handler)
			}
			holdsNone(t, name+" in slog's "+handler+" handler", b.String(), secret)
		}
		var b bytes.Buffer
		slog.New(build(&b)).Info("made", "secret", secret)
		if !strings.Contains(b.String(), redacted) {
			t.Errorf("%s handler does not say %s: %s", handler, redacted, b.String())
		}
	}
}

// TestT20SecretInPanic: a panic with a secret, recovered and printed as programs do, shows nothing.
func TestT20SecretInPanic(t *testing.T) {
	secret := draw(t, DefaultPrefix)
	for name, value := range containers(secret) {
		func() {
			defer func() {
				holdsNone(t, name+" in a panic", fmt.Sprintf("panic: %v %s %+v", recover(), value, value), secret)
			}()
			panic(value)
		}()
	}
}

// structTypes are all exported struct types of the package; TestStructTypesAreListed holds the list complete.
var structTypes = []any{
	LastUse{}, Key{}, Draft{}, Issued{}, Sealed{}, Record{}, Actor{}, Activity{}, Secret{}, Page{}, Changes{}, Order{}, StaleRule{},
	Query{}, QueryProblem{}, Term{}, Window{}, API{}, APIError{}, Answer{}, Import{}, Preset{}, Rotation{}, Digested{}, DigestPage{},
	DigestChanges{}, Cursor{}, Use{}, Remembered{},
}

func TestStructTypesAreListed(t *testing.T) {
	listed := map[string]bool{}
	for _, v := range structTypes {
		listed[reflect.TypeOf(v).Name()] = true
	}
	parsed, err := parser.ParseDir(token.NewFileSet(), ".", func(f fs.FileInfo) bool { //nolint:staticcheck // one folder without build tags
		return !strings.HasSuffix(f.Name(), "_test.go")
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range parsed["model"].Files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if _, ok := spec.Type.(*ast.StructType); ok && spec.Name.IsExported() {
				found++
				if !listed[spec.Name.Name] {
					t.Errorf("%s is missing in structTypes", spec.Name.Name)
				}
			}
			return true
		})
	}
	if found != len(structTypes) {
		t.Errorf("%d struct types are declared, %d listed", found, len(structTypes))
	}
}

// plant sets every Secret that can be reached to secret, and counts them.
func plant(v reflect.Value, secret Secret) int {
	if v.Type() == reflect.TypeFor[Secret]() {
		v.Set(reflect.ValueOf(secret))
		return 1
	}
	planted := 0
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				planted += plant(v.Field(i), secret)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		planted += plant(v.Elem(), secret)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		planted += plant(v.Index(0), secret)
	default:
	}
	return planted
}

// TestT20EveryTypeOfModel fills every exported struct type and prints it in every way.
func TestT20EveryTypeOfModel(t *testing.T) {
	secret := draw(t, DefaultPrefix)
	mayHold := map[string]bool{"Issued": true, "Secret": true, "Import": true}
	for _, sample := range structTypes {
		name := reflect.TypeOf(sample).Name()
		v := reflect.New(reflect.TypeOf(sample))
		if planted := plant(v.Elem(), secret); (planted > 0) != mayHold[name] {
			t.Errorf("%s holds %d secrets", name, planted)
		}
		for _, value := range []any{v.Interface(), v.Elem().Interface()} {
			for _, verb := range verbs {
				holdsNone(t, name+" as "+verb, fmt.Sprintf(verb, value), secret)
			}
			encoded, err := json.Marshal(value)
			holdsNone(t, name+" as JSON", string(encoded)+fmt.Sprint(err), secret)
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).Info("x", "value", value)
			slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "value", value)
			holdsNone(t, name+" in slog", b.String(), secret)
		}
	}
}
