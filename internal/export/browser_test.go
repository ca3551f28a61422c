package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"deltui/internal/export"
	"deltui/internal/testenv"
	"deltui/internal/trace"
)

// browser is headless Chromium with a page that was opened from disk.
type browser struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	address  string
	requests []string // for anything but the page itself
	errors   []string // that the page's script threw or wrote to the console
}

// openPage exports a timeline and opens the file in a new browser.
func openPage(t testing.TB, tl trace.Timeline, fragment string, width, height int64) *browser {
	t.Helper()
	b := newBrowser(t, width, height)
	b.open(tl, fragment)
	return b
}

func newBrowser(t testing.TB, width, height int64) *browser {
	t.Helper()
	path := testenv.NeedTool(t, "chromium")
	profile, err := os.MkdirTemp("", "chromium") // t.TempDir insists on removing what processes that end still write to
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WSURLReadTimeout(time.Minute))
	ctx, endBrowser := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, endPage := chromedp.NewContext(ctx)
	ctx, endWait := context.WithTimeout(ctx, 5*time.Minute)
	b := &browser{t: t, ctx: ctx}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.requests) > 0 {
			t.Errorf("the page requested %s", strings.Join(b.requests, ", "))
		}
		if len(b.errors) > 0 {
			t.Errorf("the page has errors: %s", strings.Join(b.errors, "; "))
		}
	})
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // and wait until it has ended
		endWait()
		endPage()
		endBrowser()
		for range 50 {
			if os.RemoveAll(profile) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	if err := chromedp.Listen(ctx, b.event); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, runtime.Enable, cdp.Empty{})
	call(b, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true})
	b.do(chromedp.EmulateViewport(width, height))
	return b
}

func (b *browser) event(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		if page, _, _ := strings.Cut(e.Request.URL, "?"); page != b.address {
			b.requests = append(b.requests, e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.errors = append(b.errors, "a line on the console")
	}
}

// open exports a timeline and opens the file.
func (b *browser) open(tl trace.Timeline, fragment string) {
	b.t.Helper()
	var buf bytes.Buffer
	if _, err := export.Write(b.t.Context(), &buf, tl, export.Page, export.At{Seq: 1}); err != nil {
		b.t.Fatal(err)
	}
	name := filepath.Join(b.t.TempDir(), "x.html")
	if err := os.WriteFile(name, buf.Bytes(), 0o666); err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	b.address = (&url.URL{Scheme: "file", Path: name}).String()
	b.mu.Unlock()
	b.do(chromedp.Navigate(b.address + fragment))
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// call gives a command of the protocol.
func call[P, R any](b *browser, cmd cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, cmd, params); err != nil {
		b.t.Fatalf("%s: %v", cmd.Method, err)
	}
}

// eval evaluates JavaScript in the page.
func (b *browser) eval(js string, v any) {
	b.t.Helper()
	raw, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]byte](js, chromedp.EvalAwaitPromise))
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		b.t.Fatalf("%s: %v", js[:min(len(js), 200)], err)
	}
}

func (b *browser) text(selector string) string {
	b.t.Helper()
	var s string
	b.eval("document.querySelector("+quote(selector)+").textContent", &s)
	return s
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string
	}
	return string(b)
}

// cell is a cell as the page draws it.
type cell struct {
	Row   string `json:"row"`
	Cell  int    `json:"cell"`
	Byte  int    `json:"byte"`
	Key   string `json:"key"`
	Label string `json:"label"`
}

func (b *browser) cells() []cell {
	b.t.Helper()
	var cs []cell
	b.eval(`[...document.querySelectorAll(".row")].flatMap(r => [...r.querySelectorAll(".cellbox")].map((c, i) => ({
		row: r.querySelector(".rowhead").textContent, cell: i, byte: Number(c.dataset.byte),
		key: (c.querySelector(".key") || {textContent: ""}).textContent, label: c.querySelector(".unseen").textContent})))`, &cs)
	return cs
}
