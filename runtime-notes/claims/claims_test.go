package claims

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"deltui/internal/testenv"
)

var update = flag.Bool("update", false, "write ../CLAIMS.md")

// ids are the article's claims, all of them.
var ids = strings.Fields(`1.1 1.2 1.3 1.4 1.5
	2.1a 2.1b 2.1c 2.1d 2.2a 2.2b 2.2c 2.2d 2.3a 2.3b 2.3c 2.3d 2.3e 2.4a 2.4b 2.4c 2.5a 2.5b 2.5c
	3.1a 3.1b 3.2a 3.2b 3.3a 4.1 4.2 4.3 4.4`)

var claims = slices.Concat(chapter1, chapter2, chapter3, chapter4)

// scratch is where labs build, and made are the labs: all tests share them.
var (
	scratch string
	made    map[string]*Lab
	making  sync.Mutex
)

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if scratch, err = os.MkdirTemp("", "claims"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// labs returns a lab for each toolchain of the matrix, on which the machine
// code that the claims speak of can be looked at.
func labs(t *testing.T) map[string]*Lab {
	t.Helper()
	making.Lock()
	defer making.Unlock()
	if made != nil {
		return made
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skipf("skipped: the claims are about linux/amd64, this is %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	probes, err := filepath.Abs("../probes")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "env", "GOVERSION").Output()
	if err != nil {
		t.Fatal(err)
	}
	local := strings.TrimPrefix(strings.TrimSpace(string(out)), "go")
	tcs := testenv.Toolchains()
	ls := map[string]*Lab{}
	for _, tc := range tcs {
		version := tc.Version
		if tc == testenv.Local {
			version = local
		}
		key := testenv.Toolchain{Version: version, Experiment: tc.Experiment}.String()
		if ls[key] != nil {
			continue // the local one is in the matrix too
		}
		minor, err := strconv.Atoi(strings.Split(version, ".")[1])
		if err != nil {
			t.Fatalf("go%s: what version is that? %v", version, err)
		}
		if minor > newest {
			t.Logf("go%s is newer than the table, which goes to 1.%d: not measured", version, newest)
			continue
		}
		classic := minor < 24 || tc.Experiment == "noswissmap"
		dir := filepath.Join(scratch, key)
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		ls[key] = NewLab(tc, Go{minor, classic}, probes, dir)
	}
	made = ls
	return ls
}

// TestClaims measures each part of each claim with each toolchain at hand.
func TestClaims(t *testing.T) {
	t.Parallel()
	ls := labs(t)
	for _, c := range claims {
		t.Run(c.ID, func(t *testing.T) {
			for name, l := range ls {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					l.tc.Need(t)
					for _, p := range c.Parts {
						got, err := p.Found(l)
						if err != nil {
							t.Errorf("%s: %v", p.Says, err)
							continue
						}
						if want := p.Holds.In(l.Go); got != want {
							t.Errorf("%q was measured to be %v; the claim's row says %v (it holds %s)", p.Says, got, want, p.Holds.Text)
						}
					}
				})
			}
		})
	}
}

// TestTable checks that CLAIMS.md is what the claims and teach.md make.
func TestTable(t *testing.T) {
	t.Parallel()
	var got []string
	for _, c := range claims {
		got = append(got, c.ID)
	}
	if !slices.Equal(got, ids) {
		t.Errorf("the claims are\n%v\nand the article's are\n%v", got, ids)
	}
	teach, err := os.ReadFile("teach.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Table(claims, string(teach))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("../CLAIMS.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("../CLAIMS.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Error("CLAIMS.md is stale: run `go test ./runtime-notes/claims -run TestTable -update` and read the difference")
	}
}

// TestCosts checks that the page on costs speaks of the run that is recorded.
func TestCosts(t *testing.T) {
	t.Parallel()
	results, err := os.ReadFile("../bench/RESULTS.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../costs.md")
	if err != nil {
		t.Fatal(err)
	}
	date := regexp.MustCompile(`\d{4}-\d\d-\d\d`).FindString(string(results))
	if date == "" || !strings.Contains(string(page), date) {
		t.Errorf("costs.md does not quote the run of %q: read bench/RESULTS.md again", date)
	}
	for minor := oldest; minor <= newest; minor++ {
		for _, column := range []string{"uint64→any", "string→int", "hooked", "batched"} {
			if r, err := ratio(string(results), minor, column); err != nil || r <= 0 {
				t.Errorf("Go 1.%d, %s: %v %v", minor, column, r, err)
			}
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	part := func(s Span) Part { return Part{Holds: s} }
	for _, tt := range []struct {
		parts          []Part
		over, versions string
	}{
		{[]Part{part(Always)}, "true", "1.18–1.27"},
		{[]Part{part(Never), part(Never)}, "false", "1.18–1.27"},
		{[]Part{part(Always), part(Never)}, "half true", "1.18–1.27"},
		{[]Part{part(Classic)}, "outdated since 1.24", "1.18–1.23: true; 1.24–1.27: false"},
		{[]Part{part(Until(21))}, "outdated since 1.22", "1.18–1.21: true; 1.22–1.27: false"},
		{[]Part{part(Classic), part(Never)}, "half true, outdated since 1.24", "1.18–1.23: half true; 1.24–1.27: false"},
		{[]Part{part(Classic), part(Always)}, "outdated since 1.24", "1.18–1.23: true; 1.24–1.27: half true"},
		{[]Part{part(Since(27))}, "false 1.18–1.26, true 1.27", "1.18–1.26: false; 1.27: true"},
		{[]Part{part(Always), {Holds: Never, Role: Note}}, "true", "1.18–1.27"},
		{[]Part{part(Always), {Holds: Never, Recorded: &Ratio{}}}, "half true", "1.18–1.27"},
		{[]Part{part(Always), {Holds: Never, Role: Decides}}, "false", "1.18–1.27"},
		{[]Part{part(Never), {Holds: Always, Role: Decides}}, "half true", "1.18–1.27"},
		{[]Part{part(Always), {Holds: Classic, Role: Decides}}, "outdated since 1.24", "1.18–1.23: true; 1.24–1.27: false"},
	} {
		c := Claim{ID: "x", Parts: tt.parts}
		if c.Over() != tt.over || c.Versions() != tt.versions {
			t.Errorf("%v: %q in %q, want %q in %q", tt.parts, c.Over(), c.Versions(), tt.over, tt.versions)
		}
	}
}

func TestTableOfParts(t *testing.T) {
	t.Parallel()
	teach := "# Opening\n\n## x\n\nIt is so, says\n[1.26 map.go:3]. And so on.\n\n[1.26 map.go:3]: https://example.com \"line\"\n"
	c := Claim{ID: "x", Says: "it is so", Parts: []Part{
		{Says: "one", Holds: Always},
		{Says: "two", Holds: Classic, Role: Note},
		{Says: "three", Holds: Never, Recorded: &Ratio{}},
		{Says: "four", Holds: Always, Role: Decides},
	}}
	got, err := Table([]Claim{c}, teach)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# Opening\n", "| [x](#x-half-true) | it is so | **half true** † | 1.18–1.27 |",
		"says\n[1.26 map.go:3]. And so on.\n", "| one | always |", "*besides:* two | classic maps only |", "| *[recorded](bench/RESULTS.md):* three | never |", "| *decides:* four | always |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if !strings.HasSuffix(got, "https://example.com \"line\"\n") {
		t.Errorf("the definition is not at the end:\n%s", got)
	}
	if _, err := Table([]Claim{c, {ID: "y", Parts: c.Parts}}, teach); err == nil {
		t.Error("a claim without a paragraph was let through")
	}
	if _, err := Table(nil, teach); err == nil {
		t.Error("a paragraph without a claim was let through")
	}
}

func TestRatio(t *testing.T) {
	t.Parallel()
	results := "text\n| Go | ns | a |\n|---|---|---|\n| 1.2.9 | 1 | 2 |\n| 1.26.8 | 3 | 4.5 |\n\n| Go | a |\n|---|---|\n| 1.26.8 | 9 |\n"
	if r, err := ratio(results, 26, "a"); r != 4.5 || err != nil {
		t.Errorf("%v %v, want the first table's 4.5", r, err)
	}
	for _, miss := range []struct {
		minor  int
		column string
	}{{27, "a"}, {26, "b"}} {
		if r, err := ratio(results, miss.minor, miss.column); err == nil {
			t.Errorf("%v: found %v", miss, r)
		}
	}
}
