package dotenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"clavier/model"
)

// ErrTracked means that git tracks the file. Ask, then allow it with Options.
var ErrTracked = errors.New("git tracks this file, so the secret would be in the next commit")

// Options say how a file is written.
type Options struct {
	// Tracked allows a file that git tracks.
	Tracked bool
}

// Written says what became of a file.
type Written struct {
	// Path is the file that was written, at the end of all links.
	Path string
	// Made is true if there was no such file.
	Made bool
	// Shared is true if the file's mode, which is kept, lets others read it.
	Shared bool
	// Git is what git made of the file before it was written.
	Git Git
}

// Set gives variables their values in a .env file, all in one step: a crash leaves the old file or the new. Where a variable
// stands already, its value alone is changed, wherever it stands; others are added at the end. Every other byte stays: comments,
// order, line ends, byte order mark, a missing last line end; so do mode and owner. A new file has mode 0600. Links are followed.
//
// It returns ErrTracked if git tracks the file and that was not allowed, a *SyntaxError if a line cannot be understood, or
// says which value no .env file can hold. Nothing is changed then.
func Set(ctx context.Context, path string, pairs []Pair, options Options) (Written, error) {
	if err := checkPairs(pairs); err != nil {
		return Written{}, err
	}
	target, err := resolve(path)
	if err != nil {
		return Written{}, err
	}
	written := Written{Path: target, Git: stateOf(ctx, target)}
	if written.Git.State == Tracked && !options.Tracked {
		return Written{}, fmt.Errorf("%s: %w", model.Display(path), ErrTracked)
	}
	err = rewrite(target, 0o600, func(content []byte, mode fs.FileMode, there bool) ([]byte, error) {
		written.Made, written.Shared = !there, sharedMode(mode)
		return splice(content, pairs)
	})
	if err != nil {
		return Written{}, fmt.Errorf("write %s: %w", model.Display(path), err)
	}
	return written, nil
}

// resolve returns the absolute path of the file that a path leads to. There need not be a file, but a directory for it.
func resolve(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	target, err := filepath.EvalSymlinks(absolute)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(absolute); err == nil {
			return "", fmt.Errorf("%s is a link to a file that is not there", model.Display(path))
		}
		var dir string
		if dir, err = filepath.EvalSymlinks(filepath.Dir(absolute)); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("there is no directory for %s", model.Display(path))
		}
		target = filepath.Join(dir, filepath.Base(absolute))
	}
	if err != nil {
		return "", fmt.Errorf("%s cannot be reached: %w", model.Display(path), err)
	}
	return target, nil
}

// splice returns the content of a .env file with the pairs in it.
func splice(content []byte, pairs []Pair) ([]byte, error) {
	statements, err := scan(content)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, p := range pairs {
		if hasLineBreak(p.Value.Reveal()) {
			return nil, fmt.Errorf("%s cannot be in it: %w", p.Name, errLineBreak)
		}
		values[p.Name] = dotenvValue(p.Value.Reveal())
	}
	var out bytes.Buffer
	done, there := 0, map[string]bool{}
	for _, s := range statements {
		value, ours := values[s.name]
		if !ours {
			continue
		}
		if s.trailing {
			return nil, &SyntaxError{s.line, "text follows the closing quote"}
		}
		out.Write(content[done:s.start])
		out.WriteString(value)
		done, there[s.name] = s.end, true
	}
	out.Write(content[done:])
	for _, p := range pairs {
		if !there[p.Name] {
			appendLine(&out, p.Name+"="+values[p.Name])
		}
	}
	return out.Bytes(), nil
}

// appendLine adds a line in the line ends that there are, and leaves the last line without one if it had none.
func appendLine(out *bytes.Buffer, line string) {
	content := out.Bytes()
	end := "\n"
	if i := bytes.IndexByte(content, '\n'); i > 0 && content[i-1] == '\r' {
		end = "\r\n"
	}
	if empty := len(bytes.TrimPrefix(content, byteOrderMark)) == 0; empty || bytes.HasSuffix(content, []byte("\n")) {
		out.WriteString(line + end)
		return
	}
	out.WriteString(end + line)
}
