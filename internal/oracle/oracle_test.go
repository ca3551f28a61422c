package oracle

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"testing"

	"deltui/internal/oplog"
	"deltui/internal/testenv"
	"deltui/internal/trace/file"
)

//go:embed program.txtar
var program []byte

// row and seen are what the program writes down.
type row struct {
	Where string
	Addr  uint64
	Ctrl  [8]byte
}

type seen struct {
	Op, Func, Type, Key string
	Old                 string // known of big maps' deletes
	Addr                uint64
	Used                [2]uint64
	Found               bool
	Before, After       []row
	Life                int // of the map, from 1; 0 where the program does not say
}

// line is what deltui says, as far as it is compared.
type line struct {
	Seq       int    `json:"seq"`
	Op        string `json:"op"`
	Func      string `json:"func"`
	Goroutine int64  `json:"goroutine"`
	Outcome   string `json:"outcome"`
	Map       struct {
		ID                 int
		Addr, Type, Layout string
	} `json:"map"`
	Key         string           `json:"key"`
	KeyLen      int              `json:"key_len"`
	Found       bool             `json:"found"`
	Old         string           `json:"old"`
	Used        []uint64         `json:"used"`
	Header      []map[string]any `json:"header"`
	Changes     []change         `json:"changes"`
	ChangesMore int              `json:"changes_more"`
	Drift       int              `json:"drift"`
	Why         string           `json:"why"`
	Stack       []struct {
		Func, File string
		Line       int
	} `json:"stack"`
}

type change struct {
	Addr, Where, From, To string
	State                 []string
	Rule                  string
}

// changes derives from the program's rows what changes deltui must list: the
// control bytes whose addresses belong to the map before and after.
func (s *seen) changes() []change {
	before := make(map[uint64]byte)
	for _, r := range s.Before {
		for i, b := range r.Ctrl {
			before[r.Addr+uint64(i)] = b
		}
	}
	type at struct {
		addr uint64
		c    change
	}
	var cs []at
	for _, r := range s.After {
		for i, b := range r.Ctrl {
			addr := r.Addr + uint64(i)
			if a, ok := before[addr]; ok && a != b {
				cs = append(cs, at{addr, change{
					Addr: fmt.Sprintf("%#x", addr), Where: fmt.Sprintf("%s cell %d", r.Where, i),
					From: fmt.Sprintf("0x%02x", a), To: fmt.Sprintf("0x%02x", b),
				}})
			}
		}
	}
	sort.Slice(cs, func(i, j int) bool { return cs[i].addr < cs[j].addr })
	out := make([]change, len(cs))
	for i := range cs {
		out[i] = cs[i].c
	}
	return out
}

// drift counts the control bytes that differ between the end of an op and the
// beginning of the next one on the same map, where both have them.
func drift(was, now *seen) (n int) {
	old := make(map[uint64][8]byte)
	for _, r := range was.After {
		old[r.Addr] = r.Ctrl
	}
	for _, r := range now.Before {
		if o, ok := old[r.Addr]; ok {
			for i, b := range r.Ctrl {
				if o[i] != b {
					n++
				}
			}
		}
	}
	return n
}

// maxListed is how many changes a line lists, by the contract.
const maxListed = 256

// compare lists what differs between an op as the program saw it and as deltui
// tells it.
func compare(s *seen, l *line) (diffs []string) {
	differ := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			diffs = append(diffs, fmt.Sprintf("%s is %v, want %v", what, got, want))
		}
	}
	differ("op", l.Op, s.Op)
	differ("func", l.Func, s.Func)
	differ("outcome", l.Outcome, "returned")
	differ("map.addr", l.Map.Addr, fmt.Sprintf("%#x", s.Addr))
	// In 1.18 generic code hands the runtime the shape's map type, and not the
	// instance's: that is what deltui reads there, and what it tells.
	if !strings.Contains(l.Map.Type, "go.shape.") {
		differ("map.type", l.Map.Type, s.Type)
	}
	if s.Addr != 0 {
		differ("used", l.Used, s.Used)
		if len(l.Header) != 2 {
			diffs = append(diffs, "no header")
		}
	}
	if s.Op == "delete" {
		differ("found", l.Found, s.Found)
		if s.Old != "" {
			differ("old", l.Old, s.Old)
		}
	}
	if strings.Contains(l.Key, "go.shape.") {
		l.Key, s.Key = value(l.Key), value(s.Key)
	}
	if len(s.Key) > 256 {
		if !strings.HasPrefix(s.Key, strings.TrimRight(l.Key, "…")) || l.KeyLen != len(s.Key) {
			diffs = append(diffs, fmt.Sprintf("key is %s of %d bytes, want %s of %d", l.Key, l.KeyLen, s.Key, len(s.Key)))
		}
	} else if s.Op != "clear" {
		differ("key", l.Key, s.Key)
	}
	want := s.changes()
	more := max(0, len(want)-maxListed)
	differ("changes_more", l.ChangesMore, more)
	want = want[:min(len(want), maxListed)]
	if len(l.Changes) != len(want) {
		diffs = append(diffs, fmt.Sprintf("%d changes, want %d", len(l.Changes), len(want)))
		return diffs
	}
	for i, c := range l.Changes {
		w := want[i]
		if c.Addr != w.Addr || c.Where != w.Where || c.From != w.From || c.To != w.To {
			diffs = append(diffs, fmt.Sprintf("change %d is %+v, want %+v", i, c, w))
		}
		if c.Rule == "" {
			diffs = append(diffs, fmt.Sprintf("change %d (%s, %s to %s) is unexplained", i, c.Where, c.From, c.To))
		}
	}
	if l.Why == "" {
		diffs = append(diffs, "no why")
	}
	if n := len(l.Stack); n == 0 || l.Stack[0].Func != s.Func || l.Stack[n-1].Func != "runtime.goexit" {
		diffs = append(diffs, fmt.Sprintf("the stack is %+v", l.Stack))
	}
	return diffs
}

// value is a key without the name of its type.
func value(key string) string {
	if i := strings.LastIndexAny(key, "{("); i >= 0 {
		return key[i:]
	}
	return key
}

// run traces the program and compares each op. It returns the layout of its
// maps and the number of ops that agree.
func run(t *testing.T, binary string, args ...string) (layout string, n int) {
	t.Helper()
	layout, n, types, drifted := watch(t, binary, "delete,assign,clear", args...)
	if drifted != 0 {
		t.Errorf("%d control bytes were written by something not watched, and all is watched", drifted)
	}
	if n < 2000 || types < 20 {
		t.Errorf("only %d ops on %d types were compared", n, types)
	}
	return layout, n
}

// watch is run for some kinds of ops; it returns the number of map types too.
func watch(t *testing.T, binary, ops string, args ...string) (layout string, n, types, drifted int) {
	t.Helper()
	tool := testenv.Command(t, "deltui/cmd/deltui")
	wrote := filepath.Join(t.TempDir(), "oracle.json")
	recording := filepath.Join(t.TempDir(), "recording")
	cmd := exec.Command(tool, append([]string{"trace", "--json", "--stats", "--ops", ops, "-o", recording, binary, "--", wrote}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("deltui trace: %v\n%s", err, stderr.Bytes())
	}
	if !strings.Contains(stderr.String(), "oracle: done") || !strings.Contains(stderr.String(), "unexplained=0") {
		t.Errorf("deltui trace says:\n%s", stderr.Bytes())
	}
	recorded(t, recording, stdout.Bytes())
	f, err := os.Open(wrote)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := json.NewDecoder(bufio.NewReader(f))
	got := json.NewDecoder(&stdout)
	seenTypes := make(map[string]bool)
	failed := 0
	var last seen
	for ; want.More(); n++ {
		var s seen
		if err := want.Decode(&s); err != nil {
			t.Fatal(err)
		}
		var l line
		if !got.More() {
			t.Fatalf("deltui saw %d ops, there were more", n)
		}
		if err := got.Decode(&l); err != nil {
			t.Fatalf("op %d: %v", n+1, err)
		}
		if l.Seq != n+1 {
			t.Fatalf("seq is %d, want %d", l.Seq, n+1)
		}
		seenTypes[s.Type] = true
		if l.Map.Layout != "" {
			layout = l.Map.Layout
		}
		diffs := compare(&s, &l)
		if s.Life != 0 {
			wrote := 0
			if s.Life == last.Life {
				wrote = drift(&last, &s)
			}
			drifted += wrote
			if l.Drift != wrote {
				diffs = append(diffs, fmt.Sprintf("drift is %d, want %d", l.Drift, wrote))
			}
		}
		last = s
		if len(diffs) > 0 {
			t.Errorf("op %d, %s of %s in %s:\n\t%s", n+1, s.Op, s.Key, s.Type, strings.Join(diffs, "\n\t"))
			if failed++; failed == 5 {
				t.Fatal("and so on")
			}
		}
	}
	if got.More() {
		t.Error("deltui saw more ops than there were")
	}
	said := strings.TrimSpace(stderr.String())
	t.Logf("%d ops on %d map types agree, %d bytes drift; %s", n, len(seenTypes), drifted, said[strings.LastIndexByte(said, '\n')+1:])
	return layout, n, len(seenTypes), drifted
}

// recorded checks that the recording says the same as was printed: lines made of
// its bytes, decoded anew, are the lines that deltui printed.
func recorded(t *testing.T, path string, printed []byte) {
	t.Helper()
	tl, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer tl.Close()
	lines := bytes.Split(bytes.TrimSuffix(printed, []byte("\n")), []byte("\n"))
	if len(lines) != tl.Len() {
		t.Fatalf("%d ops were printed, %d recorded", len(lines), tl.Len())
	}
	for i, want := range lines {
		op, err := tl.Seq(uint64(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		got, err := oplog.Line(tl, op)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("op %d, printed and from the recording:\n%s\n%s", i+1, want, got)
		}
	}
}

func TestToolchains(t *testing.T) {
	testenv.NeedPtrace(t)
	dir := testenv.Unpack(t, program)
	for _, tc := range testenv.Toolchains() {
		t.Run(tc.String(), func(t *testing.T) {
			t.Parallel()
			layout, n := run(t, tc.Build(t, dir), "clear")
			if tc != testenv.Local {
				agreed.add(tc, layout, "as `go build` builds", n)
			}
		})
	}
}

// Maps of more rows than a timeline keeps: 2^16 buckets with overflow chains in
// the middle of a growth, directories of more than 128 tables, and once, asked
// for all, a million entries.
func TestBigMaps(t *testing.T) {
	testenv.NeedPtrace(t)
	dir := testenv.Unpack(t, program)
	for _, tc := range testenv.Toolchains() {
		t.Run(tc.String(), func(t *testing.T) {
			entries := []int{220_000}
			if tc == testenv.Local && testenv.All() {
				entries = append(entries, 1_000_000)
			}
			binary := tc.Build(t, dir)
			for _, n := range entries {
				layout, ops, types, _ := watch(t, binary, "delete,clear", "big", strconv.Itoa(n))
				if ops != 3*(16+3)+1 || types != 3 {
					t.Errorf("%d ops on %d types of %s maps were compared", ops, types, layout)
				}
			}
		})
	}
}

// What is not watched writes too: the program assigns, and only its deletes are
// watched. deltui must tell how many control bytes were so written, no fewer and
// no more.
func TestDrift(t *testing.T) {
	testenv.NeedPtrace(t)
	dir := testenv.Unpack(t, program)
	for _, tc := range testenv.Toolchains() {
		t.Run(tc.String(), func(t *testing.T) {
			t.Parallel()
			_, n, types, drifted := watch(t, tc.Build(t, dir), "delete", "drift")
			if n < 1000 || types < 20 || drifted < 300 {
				t.Errorf("only %d ops on %d types were compared, with %d bytes of drift", n, types, drifted)
			}
		})
	}
}

// Builds that change how maps are called, or where things are.
func TestBuilds(t *testing.T) {
	testenv.NeedPtrace(t)
	versions := testenv.Among(testenv.Local, testenv.Toolchain{Version: testenv.Go123}, testenv.Toolchain{Version: testenv.Go125})
	for _, b := range []struct {
		name  string
		args  []string
		clear bool // range loops become a clear
		all   bool // only where everything is asked for
	}{
		{"pie", []string{"-buildmode=pie"}, true, true},
		{"debug", []string{"-gcflags=-N -l"}, false, false},
		{"trimpath", []string{"-trimpath"}, true, true},
		{"race", []string{"-race"}, false, true},
		{"cgo", []string{"-tags=cgo"}, true, true},
		{"pgo", []string{"-pgo=default.pgo"}, true, true},
	} {
		if b.all && !testenv.All() {
			continue
		}
		for _, tc := range versions {
			if b.name == "pgo" && tc != testenv.Local {
				continue // a new profile rebuilds the whole standard library
			}
			t.Run(b.name+"/"+tc.String(), func(t *testing.T) {
				t.Parallel()
				dir := testenv.Unpack(t, program)
				args := b.args
				switch b.name {
				case "race", "cgo":
					testenv.NeedTool(t, "gcc")
				case "pgo":
					profile(t, tc, dir)
				}
				if b.name == "cgo" {
					if err := os.WriteFile(filepath.Join(dir, "cgo.go"), []byte("package main\n\n// int one(void) { return 1; }\nimport \"C\"\n\nvar One = C.one()\n"), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				var more []string
				if b.clear {
					more = append(more, "clear")
				}
				layout, n := run(t, tc.Build(t, dir, args...), more...)
				if tc == testenv.Local {
					tc.Version = strings.TrimPrefix(runtime.Version(), "go")
				}
				agreed.add(tc, layout, "`go build "+strings.Join(args, " ")+"`", n)
			})
		}
	}
}

// profile makes default.pgo from a run that does little but delete, so that the
// compiler inlines what it can of a delete's callees.
func profile(t *testing.T, tc testenv.Toolchain, dir string) {
	t.Helper()
	prof := t.TempDir()
	files := map[string]string{
		"go.mod": "module hot\n\ngo 1.18\n",
		"main.go": `package main

import (
	"os"
	"runtime/pprof"
	"time"
)

func main() {
	f, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	pprof.StartCPUProfile(f)
	m := make(map[int]int)
	for t := time.Now(); time.Since(t) < 2*time.Second; {
		for i := 0; i < 1000; i++ {
			m[i] = i
		}
		for i := 0; i < 1000; i++ {
			delete(m, i)
		}
	}
	pprof.StopCPUProfile()
	f.Close()
}
`,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(prof, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	hot := tc.Build(t, prof)
	if out, err := exec.Command(hot, filepath.Join(dir, "default.pgo")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if fi, err := os.Stat(filepath.Join(dir, "default.pgo")); err != nil || fi.Size() == 0 {
		t.Fatal("no profile of " + strconv.Quote(hot))
	}
}
