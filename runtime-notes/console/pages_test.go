package console

import (
	"bytes"
	"context"
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
	t.Parallel()
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
	t.Parallel()
	testenv.NeedPtrace(t)
	all := sessions(t)
	bin := testenv.Command(t, "deltui/cmd/deltui")
	for _, s := range all {
		t.Run(s.Page+"/"+strings.Join(s.Args, " "), func(t *testing.T) {
			t.Parallel()
			if i := slices.Index(s.Args, "--go"); i >= 0 {
				testenv.Toolchain{Version: s.Args[i+1]}.Need(t)
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

// TestPrograms builds each program that the pages refer to, in its directory, as
// the pages say to for other toolchains. (From the top of the tree, as they say
// to for the local one, TestPages does.)
func TestPrograms(t *testing.T) {
	t.Parallel()
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
	tcs := testenv.Among(testenv.Local,
		testenv.Toolchain{Version: testenv.Go118}, testenv.Toolchain{Version: testenv.Go123}, testenv.Toolchain{Version: testenv.Go127})
	for _, p := range programs {
		if name := filepath.Base(p); !strings.Contains(text.String(), name) {
			t.Errorf("no page refers to programs/%s", name)
		}
	}
	for _, tc := range tcs {
		t.Run(tc.String(), func(t *testing.T) {
			t.Parallel()
			for _, p := range programs {
				if _, err := tc.TryBuild(t, testenv.Program{Dir: "../programs", Pkg: "./" + filepath.Base(p)}); err != nil {
					t.Errorf("%s: %v", p, err)
				}
			}
		})
	}
}
