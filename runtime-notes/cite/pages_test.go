package cite

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"deltui/internal/testenv"
)

var update = flag.Bool("update", false, "define the citations that pages use and do not define yet")

// versions are the Go trees that pages may cite.
var versions = []string{
	testenv.Go118, testenv.Go119, testenv.Go120, testenv.Go121, testenv.Go122,
	testenv.Go123, testenv.Go124, testenv.Go125, testenv.Go126, testenv.Go127,
}

func version(minor string) string {
	for _, v := range versions {
		if Minor(v) == minor {
			return v
		}
	}
	return ""
}

var roots sync.Map // version → path

func goroot(v string) (string, error) {
	if r, ok := roots.Load(v); ok {
		return r.(string), nil
	}
	local := testenv.Toolchain{Version: v}
	if out, err := exec.Command("go", "env", "GOVERSION").Output(); err == nil && strings.TrimSpace(string(out)) == "go"+v {
		local = testenv.Local
	}
	cmd := exec.Command("go", "env", "GOROOT")
	cmd.Env = local.Env()
	out, err := cmd.Output()
	if err != nil {
		return "", err
	}
	root := strings.TrimSpace(string(out))
	roots.Store(v, root)
	return root, nil
}

// pages are the notes, and the prose from which the claims table is made.
func pages(t *testing.T) []string {
	t.Helper()
	ps, err := filepath.Glob("../*.md")
	if err != nil || len(ps) == 0 {
		t.Fatalf("no pages found: %v", err)
	}
	return append(ps, "../claims/teach.md")
}

// TestPages checks every citation of every page in the trees asked for: the
// local Go's, and when DELTUI_TEST=all every tree cited.
func TestPages(t *testing.T) {
	t.Parallel()
	cited, left := map[string][]Citation{}, 0
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Error(err)
			continue
		}
		if *update && page != "../CLAIMS.md" {
			text = defined(t, page, text)
		}
		cs, problems := Parse(filepath.Base(page), string(text))
		for _, p := range problems {
			t.Error(p)
		}
		for _, c := range cs {
			switch v := version(Minor(c.Version)); {
			case v != c.Version:
				t.Errorf("%s: [%s] links to go%s; this matrix knows go%s", c.Page, c.Label, c.Version, v)
			case !testenv.Toolchain{Version: v}.Asked():
				left++
			default:
				cited[c.Version] = append(cited[c.Version], c)
			}
		}
	}
	if len(cited) == 0 {
		t.Error("there is no citation to check")
	}
	for v, cs := range cited {
		t.Run(v, func(t *testing.T) {
			testenv.Toolchain{Version: v}.Need(t)
			root, err := goroot(v)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cs {
				if err := c.Check(root); err != nil {
					t.Error(err)
				}
			}
			t.Logf("%d citations checked", len(cs))
		})
	}
	t.Logf("%d citations of other versions left to DELTUI_TEST=all", left)
}

// defined adds to a page the definitions that it lacks.
func defined(t *testing.T, page string, text []byte) []byte {
	out, err := Define(string(text), version, goroot)
	if err != nil {
		t.Errorf("%s: %v", page, err)
		return text
	}
	if out != string(text) {
		if err := os.WriteFile(page, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return []byte(out)
}

// TestLinks checks that what pages link to in this repository is there, to the
// heading.
func TestLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^):\s]*?)(#[^)\s]+)?\)`)
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			target := page
			if m[1] != "" {
				target = filepath.Join("..", m[1])
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", filepath.Base(page), m[0], err)
				continue
			}
			if m[2] == "" {
				continue
			}
			there, err := os.ReadFile(target)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(anchors(string(there)), m[2]) {
				t.Errorf("%s links to %s, which is no heading of it", filepath.Base(page), m[0])
			}
		}
	}
}

// anchors are the fragments by which a renderer lets one link to headings.
func anchors(text string) []string {
	var as []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		title := strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#")))
		as = append(as, "#"+strings.Map(func(r rune) rune {
			switch {
			case r == ' ' || r == '-':
				return '-'
			case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return r
			}
			return -1
		}, title))
	}
	return as
}
