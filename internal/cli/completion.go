package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"deltui/internal/packages"
	"deltui/internal/samples"
	"deltui/internal/target"
	"deltui/internal/trace"
)

// shells are those that completions are made for.
var shells = []string{"bash", "zsh", "fish"}

// completionCommand prints a shell's script. The script asks us for each word,
// by a hidden command of cobra's, so it need not be renewed with us.
func (a *App) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "print the script by which a shell completes deltui's commands",
		Long: `Completion prints a script for a shell, which then completes commands, flags, the
values of flags, the packages of the module that you stand in, and the samples.`,
		Example: `  source <(deltui completion bash)
  deltui completion zsh > "${fpath[1]}/_deltui"
  deltui completion fish > ~/.config/fish/completions/deltui.fish`,
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return usage("completion takes a shell: bash, zsh or fish")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			switch root := cmd.Root(); args[0] {
			case "bash":
				if _, err = io.WriteString(a.Stdout, bashPrelude); err == nil {
					err = root.GenBashCompletionV2(a.Stdout, true)
				}
			case "zsh":
				err = root.GenZshCompletion(a.Stdout)
			case "fish":
				var script strings.Builder
				if err = root.GenFishCompletion(&script, true); err == nil {
					_, err = io.WriteString(a.Stdout, mendFish(script.String()))
				}
			}
			if err != nil {
				return fmt.Errorf("printing the script for %s: %w", args[0], err)
			}
			return nil
		},
	}
}

// bashPrelude makes up for what bash alone has not. cobra's script calls a
// function of the bash-completion package, which many machines lack; and bash
// would take @evict for two words, and complete the second one by host names.
const bashPrelude = `# A sample begins with @, where bash begins another word.
COMP_WORDBREAKS=${COMP_WORDBREAKS//@/}

if ! declare -F _get_comp_words_by_ref >/dev/null; then
    # The bash-completion package is not here: the words with = and : put together.
    _get_comp_words_by_ref()
    {
        local i glue=
        words=() cword=0
        for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
            if ((i > 0)) && [[ $glue || ${COMP_WORDS[i]} == [=:]* ]] && [[ ${words[${#words[@]}-1]} ]]; then
                words[${#words[@]}-1]+=${COMP_WORDS[i]}
            else
                words+=("${COMP_WORDS[i]}")
            fi
            glue=
            [[ ${COMP_WORDS[i]} == *[=:] ]] && glue=1
            ((i == COMP_CWORD)) && cword=$((${#words[@]} - 1))
        done
        cur=${words[cword]} prev=
        ((cword > 0)) && prev=${words[cword-1]}
        return 0
    }
fi

`

// mendFish mends cobra's script (1.10.2), which takes a completion that begins
// with - for an option of fish's own string command.
func mendFish(script string) string {
	return strings.ReplaceAll(script, "string split --max 1 ", "string split --max 1 -- ")
}

// completes reports whether a shell asks for completions.
func completes(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// completeTarget completes a target: samples, programs of the module (packages
// with tests, with --test), and what could be one in the directory that is being
// named. Behind -- stand the target's own arguments, which are files as far as
// anybody knows.
func (a *App) completeTarget(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch {
	case slices.Contains(a.line, "--"): // the command does not say: cobra adds one of its own
		return nil, cobra.ShellCompDirectiveDefault
	case len(args) > 0 && strings.HasSuffix(args[0], ".go"):
		return []cobra.Completion{"go"}, cobra.ShellCompDirectiveFilterFileExt
	case len(args) > 0:
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	test, _ := cmd.Flags().GetBool("test")
	var found []cobra.Completion
	if !test {
		for _, name := range samples.Names() {
			found = append(found, cobra.CompletionWithDesc("@"+name, samples.About(name)))
		}
	}
	found = append(found, modulePackages(cmd, test)...)
	if !test {
		found = append(found, programFiles(word)...)
	}
	found = slices.DeleteFunc(found, func(c cobra.Completion) bool { return !strings.HasPrefix(c, word) })
	if len(found) == 0 && !strings.HasPrefix(word, "@") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// completeRecording completes the one file that a command takes.
func completeRecording(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []cobra.Completion{"deltui"}, cobra.ShellCompDirectiveFilterFileExt
}

// modulePackages lists what can be built of the module that we stand in.
func modulePackages(cmd *cobra.Command, test bool) []cobra.Completion {
	m, err := packages.Find(cmd.Context(), ".")
	if err != nil {
		return nil // there is none
	}
	var found []cobra.Completion
	for _, p := range m.Packages {
		if test && p.Tests {
			found = append(found, cobra.CompletionWithDesc(p.Dir, fmt.Sprintf("tests, %s", calls(len(p.Deletes)+len(p.TestDeletes)))))
		}
		if !test && p.Main {
			found = append(found, cobra.CompletionWithDesc(p.Dir, "a program"))
		}
	}
	return found
}

// calls counts calls of delete and clear.
func calls(n int) string {
	switch n {
	case 0:
		return "no delete"
	case 1:
		return "1 delete"
	}
	return fmt.Sprintf("%d deletes", n)
}

// programFiles lists the .go files and the executables of the directory that a
// word names so far.
func programFiles(word string) []cobra.Completion {
	dir, _ := filepath.Split(word)
	entries, err := os.ReadDir(filepath.Join(".", dir))
	if filepath.IsAbs(dir) {
		entries, err = os.ReadDir(dir)
	}
	if err != nil {
		return nil
	}
	var found []cobra.Completion
	for _, e := range entries {
		fi, err := e.Info()
		switch {
		case err != nil || !fi.Mode().IsRegular():
		case strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go"):
			found = append(found, cobra.CompletionWithDesc(dir+e.Name(), "a .go file"))
		case fi.Mode()&0o111 != 0 && dir != "":
			found = append(found, cobra.CompletionWithDesc(dir+e.Name(), "a built program"))
		}
	}
	return found
}

// completeFlags completes the values of the flags of [watchFlags].
func completeFlags(cmd *cobra.Command) {
	complete := func(flag string, f cobra.CompletionFunc) {
		if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
			panic(err) // the flag is ours
		}
	}
	complete("ops", completeOps)
	complete("until", completeQuery)
	complete("go", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return target.Versions(), cobra.ShellCompDirectiveDefault | cobra.ShellCompDirectiveKeepOrder // or a Go tree
	})
	for _, flag := range []string{"map", "key", "func", "goroutine", "max", "stack", "build-flags"} {
		complete(flag, cobra.NoFileCompletions)
	}
}

// completeOps completes the last word of a list.
func completeOps(_ *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	done := word[:strings.LastIndexByte(word, ',')+1]
	var found []cobra.Completion
	for _, k := range opKinds {
		if !slices.Contains(strings.Split(done, ","), k.String()) {
			found = append(found, done+k.String())
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeQuery completes the first term of a query: a field, then its value
// where all values can be listed.
func completeQuery(_ *cobra.Command, _ []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var found []cobra.Completion
	name, _, _ := strings.Cut(word, "=")
	for _, f := range trace.Fields() {
		op, _, _ := strings.Cut(f.Ops, " ")
		if f.Name != name || !strings.Contains(word, "=") {
			found = append(found, cobra.CompletionWithDesc(f.Name+op, f.Help))
			continue
		}
		for _, v := range f.Words() {
			found = append(found, f.Name+"="+v)
		}
	}
	found = slices.DeleteFunc(found, func(c cobra.Completion) bool { return !strings.HasPrefix(c, word) })
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
