package target

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"deltui/internal/samples"
)

type targetKind uint8

const (
	packageTarget targetKind = iota // a directory or an import path
	filesTarget                     // .go files
	binaryTarget
	sampleTarget
)

// what is a target as far as its name and the file system tell.
type what struct {
	kind targetKind
	name string   // as the user wrote it
	path string   // absolute: of the directory or the binary; "" for an import path
	args []string // for the go command
}

// classify tells what the user named, without running anything.
func classify(s Spec) (what, error) {
	if len(s.Target) == 0 || s.Target[0] == "" {
		return what{}, &Error{Kind: Usage, What: "no target", Advice: "name a package directory, a .go file or a built binary"}
	}
	name := s.Target[0]
	w := what{name: strings.Join(s.Target, " ")}
	if strings.HasPrefix(name, "@") {
		return sample(s, w)
	}
	if len(s.Target) > 1 || (strings.HasSuffix(name, ".go") && !isDir(abs(s.Dir, name))) {
		return files(s, w)
	}
	path := abs(s.Dir, name)
	fi, err := os.Stat(path)
	switch {
	case err == nil && fi.IsDir():
		w.kind, w.path, w.args = packageTarget, path, []string{local(name)}
		return w, nil
	case err == nil && fi.Mode().IsRegular():
		w.kind, w.path = binaryTarget, path
		return w, executable(w)
	case err == nil:
		return w, &Error{Kind: NotRunnable, What: name + " is not a target", Why: "it is neither a file nor a directory (" + fi.Mode().Type().String() + ")", Advice: "name a package directory, a .go file or a built binary"}
	case isImportPath(name):
		if module, version, ok := strings.Cut(name, "@"); ok {
			return w, &Error{Kind: Usage, What: name + " names a version", Why: "a target is built in your module, at the version that its go.mod has", Advice: fmt.Sprintf("`go install %s@%s`, then name the installed binary", module, version)}
		}
		w.kind, w.args = packageTarget, []string{name}
		return w, nil
	case os.IsNotExist(err):
		return w, &Error{Kind: NotFound, What: "no such file: " + name, Advice: "name a package directory, a .go file or a built binary"}
	}
	return w, &Error{Kind: NotFound, What: "cannot look at " + name, Why: unwrapPath(err)}
}

func sample(s Spec, w what) (what, error) {
	w.kind = sampleTarget
	if s.Test {
		return w, &Error{Kind: Usage, What: "--test on " + w.name, Why: "bundled samples have no tests", Advice: "leave it out"}
	}
	if name := w.name[1:]; !samples.Has(name) {
		return w, &Error{Kind: NotFound, What: "no sample is called " + w.name, Advice: "there are: @" + strings.Join(samples.Names(), ", @")}
	}
	w.args = []string{"."}
	return w, nil
}

func files(s Spec, w what) (what, error) {
	w.kind = filesTarget
	const own = "put the target's own arguments after --"
	if first := s.Target[0]; !strings.HasSuffix(first, ".go") {
		return w, &Error{Kind: Usage, What: "more than one target", Why: s.Target[1] + " comes after " + first, Advice: own + ": " + first + " -- " + strings.Join(s.Target[1:], " ")}
	}
	for _, f := range s.Target {
		if !strings.HasSuffix(f, ".go") {
			return w, &Error{Kind: Usage, What: "more than one target", Why: f + " is not a .go file", Advice: own}
		}
	}
	for _, f := range s.Target {
		if _, err := os.Stat(abs(s.Dir, f)); os.IsNotExist(err) {
			return w, &Error{Kind: NotFound, What: "no such file: " + f, Advice: "name the .go files of one program"}
		} else if err != nil {
			return w, &Error{Kind: NotFound, What: "cannot look at " + f, Why: unwrapPath(err)}
		}
	}
	if s.Test {
		return w, &Error{Kind: Usage, What: "--test on .go files", Why: "tests are built by package", Advice: "name the package directory: deltui --test " + local(filepath.Dir(s.Target[0]))}
	}
	w.path = filepath.Dir(abs(s.Dir, s.Target[0]))
	w.args = s.Target
	return w, nil
}

// executable refuses a file that no system could run, by its first bytes; what
// is in it is for others to judge.
func executable(w what) error {
	f, err := os.Open(w.path)
	if err != nil {
		return &Error{Kind: NotRunnable, What: "cannot read " + w.name, Why: unwrapPath(err), Advice: "debug information is read from the file: make it readable"}
	}
	defer f.Close()
	head := make([]byte, 4)
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	if bytes.HasPrefix(head, []byte("\x7fELF")) {
		return nil
	}
	for _, magic := range []string{"\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xca\xfe\xba\xbe", "MZ"} { // Mach-O, universal, PE
		if bytes.HasPrefix(head, []byte(magic)) {
			return nil
		}
	}
	why := "it is not an executable (ELF)"
	if bytes.HasPrefix(head, []byte("#!")) {
		why = "it is a script"
	}
	return &Error{Kind: NotRunnable, What: w.name + " is not a target", Why: why, Advice: "name a package directory, a .go file or a built binary"}
}

// isImportPath reports whether a name that no file has can be an import path: maps
// is one, of the standard library. Whether there is such a package is for the go
// command to say.
func isImportPath(name string) bool {
	return !strings.HasPrefix(name, ".") && !filepath.IsAbs(name) && !strings.HasPrefix(name, "-") &&
		!strings.ContainsAny(name, " \t\n\\:\"'")
}

// local makes a relative directory one that the go command takes for a
// directory and not for an import path.
func local(name string) string {
	if filepath.IsAbs(name) || name == "." || name == ".." || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") {
		return name
	}
	return "./" + name
}

func abs(dir, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

func isDir(path string) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.IsDir()
}
