package fact

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

type pair struct {
	A int
	b string
}

// loud has methods that must not be called.
type loud string

func (loud) String() string   { panic("String called") }
func (loud) GoString() string { panic("GoString called") }
func (loud) Error() string    { panic("Error called") }

func TestKey(t *testing.T) {
	for _, c := range []struct {
		key  any // a pointer to the key
		want string
		full int
	}{
		{new(bool), "false", 0},
		{ptr(int8(-5)), "-5", 0},
		{ptr(uint64(1) << 63), "9223372036854775808", 0},
		{ptr(float32(0.1)), "0.1", 0},
		{ptr(complex(1, -2)), "(1-2i)", 0},
		{ptr("a\nb"), `"a\nb"`, 0},
		{ptr(loud("x")), `"x"`, 0},
		{ptr([2]int{1, 2}), "[2]int{1, 2}", 0},
		{ptr(pair{1, "x"}), `fact.pair{A:1, b:"x"}`, 0},
		{ptr(any(3)), "int(3)", 0},
		{ptr(any("x")), `string("x")`, 0},
		{ptr(any(loud("x"))), `fact.loud("x")`, 0},
		{ptr(any(pair{})), `fact.pair{A:0, b:""}`, 0},
		{ptr(any(nil)), "nil", 0},
		{ptr((*int)(nil)), "0x0", 0},
		{ptr(any((*int)(nil))), "(*int)(0x0)", 0},
		{ptr(any([]int{1})), "[]int([]int)", 0},
		{ptr(strings.Repeat("x", 1000)), `"` + strings.Repeat("x", 31) + "…", 1000},
		{ptr([500]int64{}), "[500]int64{0, 0, 0, 0, 0, 0, 0, …", 4000},
	} {
		got, full := Key(reflect.ValueOf(c.key).Elem(), 32)
		if got != c.want || full != c.full {
			t.Errorf("Key(%T) = %s, %d; want %s, %d", c.key, got, full, c.want, c.full)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func FuzzKey(f *testing.F) {
	f.Add("x", 5)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 8 || limit > 1<<16 {
			return
		}
		for _, v := range []any{ptr(s), ptr(any(s)), ptr([2]string{s, s})} {
			text, _ := Key(reflect.ValueOf(v).Elem(), limit)
			if len(text) > limit+len("…") {
				t.Errorf("%d bytes, the limit is %d", len(text), limit)
			}
			if !utf8.ValidString(text) {
				t.Errorf("not UTF-8: %q", text)
			}
		}
	})
}

func TestCaller(t *testing.T) {
	w := here()
	if w.Func != "deltui.example/hookdemo/audit/fact.TestCaller" || !strings.HasSuffix(w.File, "fact_test.go") || w.Line == 0 {
		t.Errorf("%+v", w)
	}
	depth := w.Depth
	w = deeper()
	if w.Func != "deltui.example/hookdemo/audit/fact.deeper" || w.Depth != depth+1 {
		t.Errorf("%+v, first depth %d", w, depth)
	}
	if w = from(); w.Func != "deltui.example/hookdemo/audit/fact.TestCaller" {
		t.Errorf("from: %+v", w)
	}
	var deep func(int)
	deep = func(n int) {
		if n == 0 {
			w = Caller("", nil)
			return
		}
		deep(n - 1)
	}
	deep(500)
	if w.Depth < 500 {
		t.Errorf("depth %d of a stack of more than 500 frames", w.Depth)
	}
}

func here() Where { return Caller("", []string{"deltui.example/hookdemo/audit/fact.here"}) }

func from() Where { return between() }

func between() Where {
	return Caller("deltui.example/hookdemo/audit/fact.from", []string{"deltui.example/hookdemo/audit/fact.from"})
}

func deeper() Where { return here() }

func TestPackage(t *testing.T) {
	for function, want := range map[string]string{
		"main.main":                               "main",
		"sync.(*Map).LoadAndDelete":               "sync",
		"example.com/a.b/c.(*T).M.func1":          "example.com/a.b/c",
		"gopkg.in/yaml%2ev3.Unmarshal":            "gopkg.in/yaml.v3",
		"example.com/p_test.TestX":                "example.com/p_test",
		"example.com/p.F[go.shape.map[x/y.T]int]": "example.com/p",
		"maps.DeleteFunc[...]":                    "maps",
		"nonsense":                                "nonsense",
		"":                                        "",
	} {
		if got := Package(function); got != want {
			t.Errorf("Package(%q) = %q, want %q", function, got, want)
		}
	}
}

func TestGoroutine(t *testing.T) {
	ids := map[int64]bool{Goroutine(): true}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := 0; i < 10; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			ids[Goroutine()] = true
			mu.Unlock()
		}()
	}
	wg.Wait()
	if len(ids) != 11 || ids[0] {
		t.Errorf("11 goroutines have the ids %v", ids)
	}
}
