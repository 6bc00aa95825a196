package dotenv

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"clavier/model"
)

// Ignore adds the file that a path leads to, to the .gitignore beside it, which it makes if there is none; every other byte
// stays. It returns the .gitignore's path, or an error if git does not ignore the file afterwards.
func Ignore(ctx context.Context, path string) (string, error) {
	target, err := resolve(path)
	if err != nil {
		return "", err
	}
	list, err := resolve(filepath.Join(filepath.Dir(target), ".gitignore"))
	if err != nil {
		return "", err
	}
	pattern, err := ignorePattern(filepath.Base(target))
	if err != nil {
		return "", err
	}
	before := stateOf(ctx, target).State
	switch before {
	case Ignored:
		return list, nil
	case Tracked:
		return "", fmt.Errorf("git tracks %s, so that no .gitignore helps: git rm --cached takes it out", model.Display(path))
	default:
	}
	err = rewrite(list, 0o644, func(content []byte, _ fs.FileMode, _ bool) ([]byte, error) {
		// If git knows that the file is not ignored, a line that is there already has another one against it behind it.
		if before != Exposed && hasLine(content, pattern) {
			return content, nil
		}
		out := bytes.NewBuffer(content)
		appendLine(out, pattern)
		return out.Bytes(), nil
	})
	if err != nil {
		return "", fmt.Errorf("write %s: %w", model.Display(list), err)
	}
	if stateOf(ctx, target).State == Exposed {
		return "", fmt.Errorf("%s names %s now, and git does not ignore it all the same", model.Display(list), model.Display(pattern))
	}
	return list, nil
}

// ignorePattern returns the line of a .gitignore that means exactly this file beside it (gitignore(5)).
func ignorePattern(name string) (string, error) {
	if strings.ContainsAny(name, "\r\n") {
		return "", fmt.Errorf("the name %q has a line break, which no .gitignore can hold", model.Display(name))
	}
	pattern := "/" + escape(name, `\*?[`)
	if trimmed := strings.TrimRight(pattern, " "); trimmed != pattern {
		pattern = trimmed + strings.Repeat(`\ `, len(pattern)-len(trimmed))
	}
	return pattern, nil
}

func hasLine(content []byte, line string) bool {
	for existing := range bytes.Lines(content) {
		if string(bytes.TrimRight(existing, "\r\n")) == line {
			return true
		}
	}
	return false
}
