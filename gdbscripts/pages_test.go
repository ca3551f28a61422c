package gdbscripts_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"deltui/internal/testenv"
)

var update = flag.Bool("update", false, "write the pages' outputs anew")

// command is one command of a page, and what the page says that it prints.
type command struct {
	prompt string // "$ " or "(gdb) " or "(dlv) "
	text   string
	output string
	line   int // of the page, counted from 0
	after  int // the line after its output
}

// commandsOf returns the commands in a page's blocks, in order.
func commandsOf(page string) []command {
	var cs []command
	inside := false
	for i, line := range strings.Split(page, "\n") {
		if strings.HasPrefix(line, "```") {
			inside = !inside
			continue
		}
		if !inside {
			continue
		}
		if m := regexp.MustCompile(`^(\$ |\(gdb\) |\(dlv\) )(.*)$`).FindStringSubmatch(line); m != nil {
			cs = append(cs, command{prompt: m[1], text: m[2], line: i, after: i + 1})
		} else if len(cs) > 0 {
			c := &cs[len(cs)-1]
			c.output += line + "\n"
			c.after = i + 1
		}
	}
	return cs
}

// TestPages runs each command of the pages, and holds what it prints against
// what the page says. What differs from run to run is put out of the way first:
// addresses, seeds, hashes and the control bytes made of them, and threads.
func TestPages(t *testing.T) {
	t.Parallel()
	needGdb(t)
	for _, name := range []string{"WALKTHROUGH.md", "README.md"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			cs := commandsOf(string(data))
			if len(cs) < 8 {
				t.Fatalf("only %d commands", len(cs))
			}
			got := perform(t, cs)
			if *update {
				if err := os.WriteFile(name, []byte(rewrite(string(data), cs, got)), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			for i, c := range cs {
				if a, b := normal(got[i]), normal(c.output); a != b {
					t.Errorf("%s:%d: %s%s\nprinted:\n%s\nthe page says:\n%s", name, c.line+1, c.prompt, c.text, a, b)
				}
			}
		})
	}
}

// perform runs the commands in a directory that lies beside gdbscripts/, as the
// pages have it, and returns what each printed.
func perform(t *testing.T, cs []command) []string {
	t.Helper()
	for _, v := range []string{testenv.Go123, testenv.Go126} { // the pages' toolchains
		testenv.Toolchain{Version: v}.Need(t)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.Symlink(here, filepath.Join(root, "gdbscripts")); err != nil {
		t.Fatal(err)
	}
	dir := root
	got := make([]string, len(cs))
	for i := 0; i < len(cs); i++ {
		if cs[i].prompt != "$ " {
			t.Fatalf("%s%s: of no session", cs[i].prompt, cs[i].text)
		}
		session := cs[i+1:]
		for j, c := range session {
			if c.prompt == "$ " {
				session = session[:j]
				break
			}
		}
		out := ""
		switch words := strings.Fields(cs[i].text); {
		case words[0] == "mkdir": // mkdir evict && cd evict
			dir = filepath.Join(root, words[1])
			if err := os.Mkdir(dir, 0o777); err != nil {
				t.Fatal(err)
			}
		case words[0] == "gdb":
			out = inGdb(t, dir, words[1:], session, got[i+1:])
		case words[0] == "dlv":
			out = inDlv(t, dir, words[1:], session, got[i+1:])
		default:
			sh := exec.Command("sh", "-c", cs[i].text)
			sh.Dir = dir
			sh.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=")
			text, err := sh.CombinedOutput()
			if err != nil {
				t.Fatalf("$ %s: %v\n%s", cs[i].text, err, text)
			}
			out = string(text)
		}
		got[i] = portable(t, out, dir)
		for j := range session {
			got[i+1+j] = portable(t, got[i+1+j], dir)
		}
		i += len(session)
	}
	return got
}

// inGdb runs a session in gdb and puts what each command printed into got.
func inGdb(t *testing.T, dir string, args []string, session []command, got []string) string {
	t.Helper()
	// -nx, and no printers of Go's own: the pages show what gdb has without them.
	all := []string{"-nx", "-batch", "-iex", "set auto-load python-scripts off"}
	for i, c := range session {
		all = append(all, "-ex", fmt.Sprintf("echo @@%d\\n", i), "-ex", c.text)
	}
	cmd := exec.Command(needGdb(t), append(append(all, "--args"), args[len(args)-1])...)
	cmd.Dir = dir
	return parts(run(t, cmd), got[:len(session)])
}

// inDlv does the same in dlv, whose prompt the script cannot print: all of a
// session's output is its last command's.
func inDlv(t *testing.T, dir string, args []string, session []command, got []string) string {
	t.Helper()
	init := filepath.Join(t.TempDir(), "init")
	text := ""
	for _, c := range session {
		text += c.text + "\n"
	}
	if err := os.WriteFile(init, []byte(text+"exit\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	all := []string{"exec", "--allow-non-terminal-interactive=true", "--init", init, args[len(args)-1]}
	cmd := exec.Command(needDlv(t), all...)
	cmd.Dir = dir
	got[len(session)-1] = strings.TrimPrefix(run(t, cmd), "Type 'help' for list of commands.\n")
	return "Type 'help' for list of commands.\n"
}

// parts cuts a session's output at its marks; what comes before the first is returned.
func parts(out string, got []string) string {
	marks := regexp.MustCompile(`(?m)^@@(\d+)\n`).FindAllStringSubmatchIndex(out, -1)
	if len(marks) == 0 {
		return out
	}
	for i, m := range marks {
		n, _ := strconv.Atoi(out[m[2]:m[3]])
		end := len(out)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		got[n] = out[m[1]:end]
	}
	return out[:marks[0][0]]
}

// portable puts names in the place of this machine's paths, and drops what gdb
// says about threads coming and going.
func portable(t *testing.T, out, dir string) string {
	t.Helper()
	for _, v := range []string{testenv.Go123, testenv.Go126} {
		out = strings.ReplaceAll(out, goroot(t, testenv.Toolchain{Version: v}), "$GOROOT")
	}
	for _, d := range []string{dir, realpath(dir)} {
		out = strings.ReplaceAll(out, d, "evict")
	}
	return strings.TrimLeft(strings.TrimRight(dropThreads(out), "\n"), "\n") + "\n"
}

var threadNews = regexp.MustCompile(`(?m)^(\[New LWP|\[LWP|\[New process|\[Switching to|\[Inferior|warning: Error disabling address space).*\n`)

func dropThreads(out string) string { return threadNews.ReplaceAllString(out, "") }

func realpath(dir string) string {
	p, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return dir
	}
	return p
}

var (
	hexShape    = regexp.MustCompile(`0x[0-9a-f]{3,}`)
	numberShape = regexp.MustCompile(`hash=\d+`)
	threadShape = regexp.MustCompile(`Thread \d+(\.\d+)?`)
	rowShape    = regexp.MustCompile(`(?m)(group|bucket)( \d+ at 0xADDR  )((?:[0-9a-f]{2} ){7}[0-9a-f]{2})`)
	memoryShape = regexp.MustCompile(`(0xADDR:)((?:\t0x[0-9a-f]{2}){8})`)
	cellShape   = regexp.MustCompile(`(cell \d  )[0-9a-f]{2}( full)`)
	changed     = regexp.MustCompile(`[0-9a-f]{2}(->[0-9a-f]{2} full->)`)
)

// normal puts what differs from run to run out of a text.
func normal(s string) string {
	s = hexShape.ReplaceAllString(s, "0xADDR")
	s = numberShape.ReplaceAllString(s, "hash=HASH")
	s = threadShape.ReplaceAllString(s, "Thread N")
	s = cellShape.ReplaceAllString(s, "${1}hh${2}")
	s = changed.ReplaceAllString(s, "hh$1")
	s = rowShape.ReplaceAllStringFunc(s, func(m string) string {
		p := rowShape.FindStringSubmatch(m)
		return p[1] + p[2] + hashed(p[3], p[1] == "bucket")
	})
	s = memoryShape.ReplaceAllStringFunc(s, func(m string) string { // of a Swiss group
		p := memoryShape.FindStringSubmatch(m)
		return p[1] + hashed(strings.ReplaceAll(p[2], "0x", ""), false)
	})
	return strings.TrimSpace(s)
}

// hashed keeps the control bytes that are states by themselves, and puts hh for
// those that are made of a key's hash.
func hashed(row string, classic bool) string {
	return regexp.MustCompile(`[0-9a-f]{2}`).ReplaceAllStringFunc(row, func(b string) string {
		if classic && b >= "05" || !classic && b < "80" {
			return "hh"
		}
		return b
	})
}

// rewrite puts the outputs of a run into a page.
func rewrite(page string, cs []command, got []string) string {
	lines := strings.Split(page, "\n")
	var out []string
	next := 0
	for i, c := range cs {
		out = append(out, lines[next:c.line+1]...)
		if text := strings.TrimRight(got[i], "\n"); text != "" {
			out = append(out, strings.Split(text, "\n")...)
		}
		next = c.after
	}
	return strings.Join(append(out, lines[next:]...), "\n")
}
