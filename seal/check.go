package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Finding is one thing that Check looked at.
type Finding struct {
	// Name is what was looked at, such as "identity".
	Name string
	// Value is how it is.
	Value string
	// Problem is a sentence that says what is wrong and how to mend it; empty if it is sound.
	Problem string
}

// Check looks at the identity and the recipients as a Vault with these options would, for clavier doctor. It reads
// only, asks for no passphrase and makes nothing.
func Check(opts Options) []Finding {
	v, err := Open(opts)
	if err != nil {
		return []Finding{{Name: "recipients", Problem: err.Error()}}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	path := opts.IdentityPath
	found := Finding{Name: "identity", Value: shown(path)}
	id, err := v.current()
	if errors.Is(err, errNotMade) {
		found.Value += ", not made yet: it is made with the first key"
		return append([]Finding{found}, v.checkFurther(nil)...)
	}
	if err != nil {
		found.Problem = err.Error()
		return []Finding{found}
	}
	found.Value += ", " + id.describe()
	all := append([]Finding{found}, id.checkPublic(v.pubPath()))
	if left := leftovers(path); len(left) > 0 {
		all = append(all, Finding{Name: "leftovers", Value: fmt.Sprintf("%d files", len(left)),
			Problem: fmt.Sprintf("a crash left %s, which may hold the identity without its passphrase: remove it", shown(left[0]))})
	}
	return append(all, v.checkFurther(id.own)...)
}

// describe says what kind of identity it is and whether it is protected.
func (id *identity) describe() string {
	kind := "an age identity"
	if id.kind == kindSSH {
		algorithm, _, _ := strings.Cut(id.own[0].text, " ")
		kind = "an SSH key (" + algorithm + ")"
	}
	if id.protected {
		return kind + " behind a passphrase"
	}
	return kind + " without a passphrase"
}

// checkPublic looks at the public half, and at the .pub file of an age identity.
func (id *identity) checkPublic(pubPath string) Finding {
	f := Finding{Name: "public half"}
	if len(id.own) == 0 {
		f.Problem = fmt.Sprintf("%s is missing, so no key can be made: run clavier identity recipient and give the passphrase "+
			"to write it anew", shown(pubPath))
		return f
	}
	texts := make([]string, len(id.own))
	for i, r := range id.own {
		texts[i] = r.text
	}
	f.Value = strings.Join(texts, ", ")
	if id.kind == kindSSH || id.protected {
		return f
	}
	text, _, err := readFile(pubPath, checkPublicFile)
	if errors.Is(err, fs.ErrNotExist) {
		return f
	}
	if err != nil {
		f.Problem = err.Error()
		return f
	}
	if public, err := parseRecipients(strings.Fields(string(text))); err != nil || !sameRecipients(public, id.own) {
		f.Problem = shown(pubPath) + " does not belong to the identity: remove it"
	}
	return f
}

// checkFurther looks at the further recipients beside the owner's own.
func (v *Vault) checkFurther(own []recipient) []Finding {
	if len(v.further) == 0 {
		return nil
	}
	f := Finding{Name: "recipients", Value: fmt.Sprintf("%d further", len(v.further))}
	if _, err := uniteRecipients(own, v.further); err != nil {
		f.Problem = err.Error()
	}
	return []Finding{f}
}

// leftovers returns the temporary files that a crash left beside path.
func leftovers(path string) []string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	var left []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(tempPrefix(path))) {
			left = append(left, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	return left
}
