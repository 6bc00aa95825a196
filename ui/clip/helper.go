package clip

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/atotto/clipboard"
)

// HelperCommand is the hidden first argument with which our program runs itself. The program must then call RunHelper
// with the arguments that follow, before it touches anything else.
const HelperCommand = "__clipboard"

// The operations of the helper, each with what it takes on standard input.
const (
	opWrite = "write" // the secret
	opHolds = "holds" // the SHA-256 of the secret, in hex
	opClear = "clear" // the same
	opLater = "later" // an order; see Later
)

// The answers of the helper on standard output.
const (
	answerSame    = "same"
	answerOther   = "other"
	answerCleared = "cleared"
	answerReady   = "ready"
)

// helperLimit ends a helper whose starter has gone.
const helperLimit = 20 * time.Second

// settleTime is how long a change of the clipboard may take to be seen: xclip ends as soon as it has forked, and its child
// tells the X server a moment later.
const settleTime = time.Second

// RunHelper does what HelperCommand asks for: args are the arguments after it. The program prints a returned error on
// standard error and exits with 1. No argument and no answer ever holds a secret. It closes every file that this process
// was handed open, the standard streams excepted, so it must be called in a helper process only.
func RunHelper(args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("%s is for clavier's own use", HelperCommand)
	}
	closeInherited()
	if args[0] == opLater {
		return RunLater(stdin, stdout)
	}
	watchdog := time.AfterFunc(helperLimit, endOwnSession)
	defer watchdog.Stop()
	input, err := io.ReadAll(io.LimitReader(stdin, MaxSecret+1))
	if err != nil {
		return err
	}
	answer := ""
	switch args[0] {
	case opWrite:
		if err = clipboard.WriteAll(string(input)); errors.Is(err, syscall.EPIPE) {
			err = errors.New("it ended without taking the secret")
		}
	case opHolds:
		answer, err = compareUntil(answerSame, string(input))
	case opClear:
		answer, err = compareAndClear(string(input))
	default:
		return fmt.Errorf("%s is for clavier's own use", HelperCommand)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, answer)
	return err
}

func compare(hash string) (string, error) {
	if b, err := hex.DecodeString(hash); err != nil || len(b) != 32 {
		return "", errors.New("no SHA-256 to compare with")
	}
	text, err := clipboard.ReadAll()
	if err != nil && !holdsNoText(err) {
		return "", fmt.Errorf("the clipboard could not be read (%w)", err)
	}
	if err == nil && hashOf(text) == hash {
		return answerSame, nil
	}
	return answerOther, nil
}

// compareUntil compares until the answer is as wanted, for settleTime at most, and returns the last answer.
func compareUntil(wanted, hash string) (string, error) {
	for deadline := time.Now().Add(settleTime); ; time.Sleep(settleTime / 50) {
		answer, err := compare(hash)
		if err != nil || answer == wanted || time.Now().After(deadline) {
			return answer, err
		}
	}
}

func compareAndClear(hash string) (string, error) {
	answer, err := compare(hash)
	if err != nil || answer == answerOther {
		return answer, err
	}
	if err := clipboard.WriteAll(""); err != nil {
		return "", fmt.Errorf("the clipboard could not be emptied (%w)", err)
	}
	if answer, err = compareUntil(answerOther, hash); err != nil {
		return "", err
	}
	if answer == answerSame {
		return "", errors.New("the clipboard still holds it after it was emptied")
	}
	return answerCleared, nil
}

// holdsNoText tells a clipboard that is empty or holds a picture, which xclip and wl-paste call an error, from one that
// cannot be read. Windows reports the same as an error whose text is that of success.
func holdsNoText(err error) bool {
	text := err.Error()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		text = string(exit.Stderr)
	}
	for _, known := range []string{"not available", "Nothing is copied", "No selection", "No suitable type", "completed successfully"} {
		if strings.Contains(text, known) {
			return true
		}
	}
	return false
}
