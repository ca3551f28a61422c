package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// refuseTestFlags refuses a test binary's flag that stands before --: the flag
// package passes over each word that begins with -test. without an error, and
// all tests would run where one was asked for.
func refuseTestFlags(root *cobra.Command, args []string) error {
	if completes(args) {
		return nil // a line that is still being written
	}
	cmd, _, err := root.Find(args)
	if err != nil {
		return nil // told when it is carried out
	}
	value := false // this word is the value of the flag before it
	for _, word := range args {
		switch {
		case value:
			value = false
		case word == "--":
			return nil
		case strings.HasPrefix(strings.TrimLeft(word, "-"), "test.") && strings.HasPrefix(word, "-"):
			return usage(word + " is a flag of the test binary: put it after --, as in `" + cmd.CommandPath() + " --test ./pkg -- -" + strings.TrimLeft(word, "-") + "`")
		default:
			value = takesValue(cmd, word)
		}
	}
	return nil
}

// takesValue reports whether a word is a flag whose value is the next word.
func takesValue(cmd *cobra.Command, word string) bool {
	if name, long := strings.CutPrefix(word, "--"); long {
		f := cmd.Flags().Lookup(name)
		return f != nil && f.NoOptDefVal == ""
	}
	if len(word) != 2 || word[0] != '-' {
		return false
	}
	f := cmd.Flags().ShorthandLookup(word[1:])
	return f != nil && f.NoOptDefVal == ""
}
