package intercept

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A swap tells the process between the go command and the compiler which files
// of which package to replace.
type swap struct {
	Pkg   string            // import path
	Files map[string]string // base name → the file that is compiled instead
	ID    string            // of the patch; part of the compiler's version
}

// RunTool is what Options.Self does: it reads a swap from the file args[0] and
// runs the tool args[1] with the rest, changed where the compiler compiles the
// package. It returns the tool's exit code.
func RunTool(args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	if len(args) < 2 {
		return 1, errors.New("toolexec: want the plan's file and a tool")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return 1, fmt.Errorf("toolexec: %w", err)
	}
	var s swap
	if err := json.Unmarshal(text, &s); err != nil {
		return 1, fmt.Errorf("toolexec: %s: %w", args[0], err)
	}
	tool, rest := args[1], args[2:]
	cmd := exec.Command(tool)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	var version bytes.Buffer
	compiler := strings.TrimSuffix(filepath.Base(tool), ".exe") == "compile"
	if compiler {
		switch {
		case len(rest) == 1 && rest[0] == "-V=full":
			cmd.Stdout = &version
		default:
			if rest, err = s.apply(rest); err != nil {
				return 1, err
			}
		}
	}
	cmd.Args = append(cmd.Args, rest...)
	err = cmd.Run()
	if version.Len() > 0 {
		fmt.Fprintf(stdout, "%s %s\n", strings.TrimSpace(version.String()), s.ID)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, fmt.Errorf("toolexec: %w", err)
	}
	return 0, nil
}

// apply replaces the files in the compiler's arguments. All of them must be
// there, or the patch would be a part of itself.
func (s swap) apply(args []string) ([]string, error) {
	ours := false
	for i := 0; i+1 < len(args); i++ {
		ours = ours || args[i] == "-p" && args[i+1] == s.Pkg
	}
	if !ours {
		return args, nil
	}
	out, n := append([]string{}, args...), 0
	for i, a := range out {
		if file, ok := s.Files[filepath.Base(a)]; ok && strings.HasSuffix(a, ".go") {
			out[i] = file
			n++
		}
	}
	if n != len(s.Files) {
		return nil, fmt.Errorf("toolexec: of %d files to replace in %s the compiler was given %d", len(s.Files), s.Pkg, n)
	}
	return out, nil
}
