package tui

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"

	"deltui/internal/probe"
	"deltui/internal/trace"
	"deltui/internal/trace/file"
	"deltui/internal/trace/tracetest"
	"deltui/internal/tui/tuitest"
)

// driver presses keys on a screen and looks at it, without a terminal. Commands
// run at once and in order, so what it sees does not depend on time; a live
// source is polled by Poll.
type driver struct {
	t    testing.TB
	m    *model
	src  *tuitest.Source
	clip string
	quit bool
	susp bool
}

// drive shows a configuration at a size.
func drive(t testing.TB, cfg Config, w, h int) *driver {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	d := &driver{t: t, m: newModel(ctx, cfg)}
	d.m.hold, d.m.pulses = true, 0
	d.Send(tea.WindowSizeMsg{Width: w, Height: h})
	d.run(d.m.Init())
	return d
}

// driveReplay shows a timeline that is complete.
func driveReplay(t testing.TB, tl trace.Timeline, w, h int) *driver {
	t.Helper()
	return drive(t, Config{Session: &Session{Timeline: tl}}, w, h)
}

// driveLive shows a source that rests at every moment.
func driveLive(t testing.TB, o tracetest.Options, w, h int) *driver {
	t.Helper()
	f, err := file.Create("")
	if err != nil {
		t.Fatal(err)
	}
	src := &tuitest.Source{Options: o, Query: match}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = src.Run(ctx, probe.Plan{Paused: true}, f.Sink())
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		f.Close()
	})
	d := &driver{t: t, src: src}
	d.settle()
	*d = *drive(t, Config{Session: &Session{Timeline: f, Source: src}}, w, h)
	d.src = src
	return d
}

// match holds for the one condition that the tests of running use.
func match(q trace.Query, op *trace.Op) bool { return strings.HasSuffix(q.String(), "="+op.KeyText) }

// settle waits until the source rests or has ended.
func (d *driver) settle() {
	d.t.Helper()
	for range 20000 {
		if st := d.src.State(); st.Doing == probe.Resting || st.Doing == probe.Ended {
			return
		}
		time.Sleep(time.Millisecond)
	}
	d.t.Fatal("the source does not come to rest")
}

// Poll has the screen look at a live source that has come to rest.
func (d *driver) Poll() *driver {
	d.t.Helper()
	d.settle()
	return d.look()
}

// look has the screen look at the timeline as it is.
func (d *driver) look() *driver {
	s := d.m.ses
	around := s.want.seq
	if s.following {
		around = 0
	}
	return d.Send(pollMsg{s, observe(s.Timeline, s.Source, &s.snap, around)})
}

// run runs a command and gives its message to the screen.
func (d *driver) run(cmd tea.Cmd) {
	d.t.Helper()
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.run(c)
		}
	case tea.QuitMsg:
		d.quit = true
	case tea.SuspendMsg:
		d.susp = true
	default:
		switch fmt.Sprintf("%T", msg) {
		case "tea.setClipboardMsg":
			d.clip = fmt.Sprint(msg)
			return
		case "tea.backgroundColorMsg", "tea.execMsg":
			return
		}
		d.Send(msg)
	}
}

// Send gives the screen a message.
func (d *driver) Send(msg tea.Msg) *driver {
	d.t.Helper()
	m, cmd := d.m.Update(msg)
	if m != tea.Model(d.m) {
		d.t.Fatal("the model was replaced")
	}
	d.run(cmd)
	return d
}

var special = map[string]tea.Key{
	"right": {Code: tea.KeyRight}, "left": {Code: tea.KeyLeft}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "space": {Code: ' ', Text: " "},
	"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "backspace": {Code: tea.KeyBackspace},
	"shift+down": {Code: tea.KeyDown, Mod: tea.ModShift}, "shift+up": {Code: tea.KeyUp, Mod: tea.ModShift},
	"pgdown": {Code: tea.KeyPgDown}, "pgup": {Code: tea.KeyPgUp}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
	"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+r": {Code: 'r', Mod: tea.ModCtrl}, "ctrl+z": {Code: 'z', Mod: tea.ModCtrl},
	"ctrl+d": {Code: 'd', Mod: tea.ModCtrl},
}

// Press presses keys, each by its name or as its letter.
func (d *driver) Press(keys ...string) *driver {
	d.t.Helper()
	for _, name := range keys {
		k, ok := special[name]
		if !ok {
			r := []rune(name)
			if len(r) != 1 {
				d.t.Fatalf("no key %q", name)
			}
			k = tea.Key{Code: r[0], Text: name}
		}
		d.Send(tea.KeyPressMsg(k))
	}
	return d
}

// Go presses → n times, letting the source finish each.
func (d *driver) Go(n int) *driver {
	d.t.Helper()
	for range n {
		d.Press("right")
		if d.src != nil {
			d.Poll()
		}
	}
	return d
}

// Type presses the letters of a text.
func (d *driver) Type(text string) *driver {
	d.t.Helper()
	for _, r := range text {
		if r == ' ' {
			d.Press("space")
			continue
		}
		d.Press(string(r))
	}
	return d
}

// Click clicks on the first place where text stands.
func (d *driver) Click(text string) *driver {
	d.t.Helper()
	for y, line := range strings.Split(d.Screen(), "\n") {
		if at := strings.Index(line, text); at >= 0 {
			return d.ClickAt(len([]rune(line[:at])), y)
		}
	}
	d.t.Fatalf("nothing to click: no %q on\n%s", text, d.Screen())
	return d
}

// ClickAt clicks on a cell.
func (d *driver) ClickAt(x, y int) *driver {
	return d.Send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
}

// Wheel turns the wheel over a cell.
func (d *driver) Wheel(x, y int, down bool) *driver {
	b := tea.MouseWheelUp
	if down {
		b = tea.MouseWheelDown
	}
	return d.Send(tea.MouseWheelMsg{X: x, Y: y, Button: b})
}

// buffer is the screen as a terminal would show it.
func (d *driver) buffer() uv.ScreenBuffer {
	b := uv.NewScreenBuffer(d.m.w, d.m.h)
	uv.NewStyledString(d.m.View().Content).Draw(b, b.Bounds())
	return b
}

// Screen is the screen's text.
func (d *driver) Screen() string {
	lines := strings.Split(d.buffer().String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \r")
	}
	return strings.Join(lines, "\n")
}

// ANSI is the screen's text with its styles, escapes made visible.
func (d *driver) ANSI() string {
	return strings.ReplaceAll(strings.ReplaceAll(d.buffer().Render(), "\r", ""), "\x1b", "␛")
}

// See fails the test unless the screen has all texts.
func (d *driver) See(texts ...string) *driver {
	d.t.Helper()
	s := d.Screen()
	for _, text := range texts {
		if !strings.Contains(s, text) {
			d.t.Fatalf("no %q on the screen:\n%s", text, s)
		}
	}
	return d
}

// Miss fails the test if the screen has one of the texts.
func (d *driver) Miss(texts ...string) *driver {
	d.t.Helper()
	s := d.Screen()
	for _, text := range texts {
		if strings.Contains(s, text) {
			d.t.Fatalf("%q is on the screen:\n%s", text, s)
		}
	}
	return d
}

// Colors changes what the terminal can do.
func (d *driver) Colors(p colorprofile.Profile) *driver {
	return d.Send(tea.ColorProfileMsg{Profile: p})
}

// Commanded fails the test unless the last command given was like c.
func (d *driver) Commanded(c probe.Command) *driver {
	d.t.Helper()
	all := d.src.Commands()
	for len(all) > 0 {
		if _, resize := all[len(all)-1].(probe.Resize); !resize {
			break
		}
		all = all[:len(all)-1]
	}
	if len(all) == 0 || !reflect.DeepEqual(all[len(all)-1], c) {
		d.t.Fatalf("commands given: %#v; want last %#v", all, c)
	}
	return d
}
