package recorder

import (
	"os"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"

	"deltui.example/hookdemo/audit/fact"
)

// What the runtime tells: the patch uses the same numbers.
const (
	opDelete    = 0 // a delete has returned
	opPanic     = 1 // a delete panics: its key cannot be hashed
	opFastEmpty = 2 // a fast delete on a nil or empty map has nothing to do
	opClear     = 3 // a clear, or a range loop that the compiler made one
)

const keyLimit = 256 // bytes of a key's text

// filePerm is rw-rw-rw- in the notation of every Go.
const filePerm = 6<<6 | 6<<3 | 6

var (
	file *os.File
	seq  int64
	pid  = strconv.Itoa(os.Getpid())
	run  string // what the process belongs to: HOOKDEMO_RUN, or itself
	bad  int32  // a failure has been told
	ours []string
)

// start opens the log and returns the hook, or nil if there is no log: the
// environment's HOOKDEMO_LOG is its name, or off for none. The log's first
// record of a process says that it has begun, with which package.
func start(name, pkg string) func(op int, typ, m, key unsafe.Pointer, before int) {
	if env := os.Getenv("HOOKDEMO_LOG"); env != "" {
		name = env
	}
	if name == "off" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, filePerm)
	if err != nil {
		complain("deletes are not recorded: " + err.Error())
		return nil
	}
	file = f
	self := runtime.FuncForPC(reflect.ValueOf(hook).Pointer()).Name()
	// As in deltui, a delete by reflect or maps is its caller's.
	ours = []string{"runtime.", "internal/runtime/maps.", "reflect.", "maps.", strings.TrimSuffix(self, "hook")}
	if run = os.Getenv("HOOKDEMO_RUN"); run == "" {
		run = time.Now().UTC().Format("20060102T150405") + "-" + pid
	}
	var l line
	l.begin("start")
	l.str("package", pkg)
	l.write()
	return hook
}

// early tells of deletes and clears made while packages were initialised that
// come before this one. The count is all that is known of them.
func early(deletes, clears int) {
	if file != nil && deletes+clears > 0 {
		var l line
		l.begin("early")
		l.num("deletes", int64(deletes))
		l.num("clears", int64(clears))
		l.write()
	}
}

// hook is called on the goroutine that deletes, with the map unlocked. The map
// may be on the stack, as the key often is: neither pointer may get into
// anything that outlives this call.
func hook(op int, typ, m, key unsafe.Pointer, before int) {
	defer func() {
		if r := recover(); r != nil {
			complain("a delete was not recorded: the recorder panicked")
		}
	}()
	where := fact.Caller("", ours)
	if !wanted(where.Func) {
		return
	}
	var typed interface{} // a nil map of the type
	(*face)(unsafe.Pointer(&typed)).typ = typ
	mt := reflect.TypeOf(typed)

	var l line
	if op == opClear {
		l.begin("clear")
	} else {
		l.begin("delete")
	}
	l.str("func", where.Entry)
	l.num("goroutine", fact.Goroutine())
	l.num("depth", int64(where.Depth))
	l.raw("caller", "{")
	l.str("func", where.Func)
	l.str("file", where.File)
	l.num("line", int64(where.Line))
	l.end()
	l.raw("map", "{")
	l.str("addr", "0x"+strconv.FormatUint(uint64(uintptr(m)), 16))
	l.str("type", mt.String())
	l.end()

	var k reflect.Value
	if op != opClear {
		k = reflect.New(mt.Key()).Elem()
		k.Set(reflect.NewAt(mt.Key(), key).Elem())
		text, full := fact.Key(k, keyLimit)
		l.str("key_type", mt.Key().String())
		l.str("key", text)
		if full > 0 {
			l.num("key_len", int64(full))
		}
	}
	after := 0
	if m != nil {
		after = *(*int)(m) // the first word of a map's header, in each layout
	}
	l.raw("found", strconv.FormatBool(after < before))
	l.raw("len", "["+strconv.Itoa(before)+","+strconv.Itoa(after)+"]")
	if op == opFastEmpty {
		l.raw("fast_empty", "true")
	}
	if n := atomic.LoadInt64(&hidden); n > 0 {
		l.num("hidden", n)
	}
	if op == opPanic {
		l.str("outcome", "panicked")
	} else {
		l.str("outcome", "returned")
	}
	l.write()
	if op != opClear {
		tell(mt, k, where)
	}
}

// A face is an interface value as it is in memory.
type face struct{ typ, word unsafe.Pointer }

// complain says once on stderr what went wrong.
func complain(what string) {
	if atomic.CompareAndSwapInt32(&bad, 0, 1) {
		_, _ = os.Stderr.WriteString("hookdemo: " + what + "\n")
	}
}
