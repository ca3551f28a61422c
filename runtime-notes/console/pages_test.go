package console

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"deltui/internal/testenv"
)

const top = "../.."

func sessions(t *testing.T) []Session {
	t.Helper()
	pages, err := filepath.Glob("../*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages found: %v", err)
	}
	var all []Session
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		ss, err := Parse(filepath.Base(page), string(text))
		if err != nil {
			t.Error(err)
		}
		all = append(all, ss...)
	}
	if len(all) == 0 {
		t.Fatal("the pages show no session")
	}
	return all
}

// TestPagesParse holds for every page, with or without a deltui to run.
func TestPagesParse(t *testing.T) {
	for _, s := range sessions(t) {
		if len(s.Want) == 0 {
			t.Errorf("%s:%d: shows nothing of the output", s.Page, s.Line)
		}
		for _, a := range s.Args {
			if strings.HasSuffix(a, ".go") {
				if _, err := os.Stat(filepath.Join(top, s.Dir, a)); err != nil {
					t.Errorf("%s:%d: %v", s.Page, s.Line, err)
				}
			}
		}
	}
}

// TestPages runs every session.
func TestPages(t *testing.T) {
	if _, err := os.Stat(filepath.Join(top, "cmd", "deltui")); errors.Is(err, fs.ErrNotExist) {
		t.Skip("skipped: there is no cmd/deltui in this tree yet")
	}
	testenv.NeedPtrace(t)
	all := sessions(t)
	bin := filepath.Join(t.TempDir(), "deltui")
	build := exec.Command("go", "build", "-o", bin, "./cmd/deltui")
	build.Dir = top
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building deltui: %v\n%s", err, out)
	}
	for _, s := range all {
		t.Run(s.Page+"/"+strings.Join(s.Args, " "), func(t *testing.T) {
			if i := slices.Index(s.Args, "--go"); i >= 0 {
				tc := testenv.Toolchain{Version: s.Args[i+1]}
				if !testenv.All() && tc.Version != testenv.Go123 {
					t.Skipf("skipped: go%s is run when DELTUI_TEST=all", tc.Version)
				}
				tc.Need(t)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
			defer cancel()
			var stdout, stderr bytes.Buffer
			cmd := exec.CommandContext(ctx, bin, s.Args...)
			cmd.Dir = filepath.Join(top, s.Dir)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Run(); err != nil {
				t.Fatalf("%s:%d: %v\n%s", s.Page, s.Line, err, stderr.String())
			}
			if err := s.Match(stdout.String() + "\n" + stderr.String()); err != nil {
				t.Errorf("%v\nit printed\n%.4000s\n%s", err, stdout.String(), stderr.String())
			}
		})
	}
}

// TestPrograms builds each program that the pages refer to, with the local Go
// from the top of the tree and with others as the pages say to.
func TestPrograms(t *testing.T) {
	programs, err := filepath.Glob("../programs/*.go")
	if err != nil || len(programs) == 0 {
		t.Fatalf("no programs found: %v", err)
	}
	pages, err := filepath.Glob("../*.md")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, p := range pages {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	tcs := []testenv.Toolchain{testenv.Local, {Version: testenv.Go123}}
	if testenv.All() {
		tcs = []testenv.Toolchain{testenv.Local, {Version: testenv.Go118}, {Version: testenv.Go123}, {Version: testenv.Go127}}
	}
	for _, p := range programs {
		if name := filepath.Base(p); !strings.Contains(text.String(), name) {
			t.Errorf("no page refers to programs/%s", name)
		}
	}
	for _, tc := range tcs {
		t.Run(tc.String(), func(t *testing.T) {
			tc.Need(t)
			for _, p := range programs {
				cmd := exec.Command("go", "build", "-o", filepath.Join(t.TempDir(), "prog"), "./"+filepath.Base(p))
				cmd.Dir = "../programs"
				if tc == testenv.Local {
					cmd.Args[len(cmd.Args)-1] = "./runtime-notes/programs/" + filepath.Base(p)
					cmd.Dir = top
				}
				cmd.Env = tc.Env()
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("go build %s: %v\n%s", p, err, out)
				}
			}
		})
	}
}
