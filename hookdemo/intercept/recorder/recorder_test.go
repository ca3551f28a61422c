package recorder

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
	"unsafe"
)

// TestHook calls the hook as the patched runtime does.
func TestHook(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	t.Setenv("HOOKDEMO_LOG", name)
	t.Setenv("HOOKDEMO_RUN", "run-1")
	std = "\nsync\n"
	defer func() { std = "" }()
	h := start("unused", "example.com/p")
	if h == nil {
		t.Fatal("no hook")
	}
	defer file.Close()
	var told []any
	user = func(mt reflect.Type, key any, caller runtime.Frame) {
		told = append(told, mt.String(), key)
		panic("user's hook")
	}
	defer func() { user = nil }()

	m := map[string]int{"a": 1}
	var held any = m
	f := (*face)(unsafe.Pointer(&held))
	key := "q\"\x01\xff"
	h(opDelete, f.typ, f.word, unsafe.Pointer(&key), 2)
	h(opFastEmpty, f.typ, nil, unsafe.Pointer(&key), 0)
	h(opClear, f.typ, f.word, nil, 1)
	early(2, 0)

	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	dec := json.NewDecoder(bytes.NewReader(text))
	for dec.More() {
		var r map[string]any
		if err := dec.Decode(&r); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		got = append(got, r)
	}
	if len(got) != 5 {
		t.Fatalf("%d lines:\n%s", len(got), text)
	}
	if got[0]["op"] != "start" || got[0]["package"] != "example.com/p" || got[0]["run"] != "run-1" {
		t.Errorf("start: %v", got[0])
	}
	got = got[1:]
	if got[0]["key"] != `"q\"\x01\xff"` || got[0]["found"] != true || !reflect.DeepEqual(got[0]["len"], []any{2.0, 1.0}) {
		t.Errorf("delete: %v", got[0])
	}
	if c := got[0]["caller"].(map[string]any); c["func"] != "testing.tRunner" { // this test is in the recorder's own package
		t.Errorf("caller %v", c)
	}
	if got[1]["fast_empty"] != true || got[1]["found"] != false {
		t.Errorf("fast empty: %v", got[1])
	}
	if got[2]["op"] != "clear" || got[2]["key"] != nil {
		t.Errorf("clear: %v", got[2])
	}
	if got[3]["op"] != "early" || got[3]["deletes"] != 2.0 {
		t.Errorf("early: %v", got[3])
	}
	if len(told) != 4 || told[0] != "map[string]int" || told[1] != key {
		t.Errorf("the hook was told %v", told)
	}
}

// TestWanted: which callers' deletes are recorded.
func TestWanted(t *testing.T) {
	defer func() { only, std, hidden = "", "", 0 }()
	for _, c := range []struct {
		only, std, function string
		want                bool
	}{
		{"", "", "sync.(*Map).Delete", true},
		{"", "\nnet/http\nsync\n", "sync.(*Map).Delete", false},
		{"", "\nnet/http\nsync\n", "main.main", true},
		{"", "\nnet/http\n", "http.F", true},
		{"\nexample.com/p\n", "\nsync\n", "example.com/p.(*T).M", true},
		{"\nexample.com/p\n", "\nsync\n", "example.com/p/q.F", false},
		{"\nsync\n", "\nsync\n", "sync.(*Map).Delete", true},
	} {
		only, std, hidden = c.only, c.std, 0
		if got := wanted(c.function); got != c.want || (hidden == 0) != c.want {
			t.Errorf("only %q, std %q: %s is %v, %d hidden", c.only, c.std, c.function, got, hidden)
		}
	}
}
