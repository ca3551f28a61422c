package cli

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"deltui/internal/packages"
	"deltui/internal/recent"
	"deltui/internal/target"
	"deltui/internal/trace/file"
	"deltui/internal/tui"
)

// moduleItems is the start screen's item for the module that we stand in, if we
// stand in one.
func (a *App) moduleItems(f *watchFlags) []tui.StartItem {
	name, ok := packages.In(".")
	if !ok {
		return nil
	}
	return []tui.StartItem{{
		Title: "a package of " + name,
		Hint:  "this module's programs and tests, by the deletes they have",
		Items: func(ctx context.Context) ([]tui.StartItem, error) {
			m, err := packages.Find(ctx, ".")
			if err != nil {
				return nil, err
			}
			var items []tui.StartItem
			for _, t := range m.Targets() {
				items = append(items, a.targetItem(f, t))
			}
			if len(items) == 0 {
				return nil, errors.New("no package of " + m.Path + " that is a program or has tests comes to a delete or a clear in this module's own source.\n\n" +
					"Where it does so in a module that it imports, name it:\n    deltui ./cmd/prog\nand --std watches the standard library's own:\n    deltui --std ./cmd/prog")
			}
			return items, nil
		},
	}}
}

// targetItem is a program, or a package's tests.
func (a *App) targetItem(f *watchFlags, t packages.Target) tui.StartItem {
	flags := *f
	flags.test = t.Test
	title := t.Dir
	if t.Test {
		title = "--test " + t.Dir
	}
	spec := target.Spec{Target: []string{t.Dir}, Test: t.Test, Go: f.goVersion, Debug: f.debug, Flags: f.build, Env: a.Env}
	return tui.StartItem{Title: title, Hint: sitesHint(t), Open: a.opener(&flags, spec, nil)}
}

// sitesHint says in a line how many calls there are, and where some are.
func sitesHint(t packages.Target) string {
	const most = 64
	hint := calls(len(t.Sites)) + ": "
	for i, s := range t.Sites {
		at := fmt.Sprintf("%s:%d", path.Join(filepath.ToSlash(s.Dir), s.File), s.Line)
		if i > 0 && len(hint)+len(at)+2 > most {
			return hint + " …"
		}
		if i > 0 {
			hint += ", "
		}
		hint += at
	}
	return hint
}

// maxRecent is how many recordings the start screen lists: it has other things
// to show, at 80×24 too.
const maxRecent = 4

// recentItems are the recordings that were made last.
func (a *App) recentItems() []tui.StartItem {
	var items []tui.StartItem
	for _, name := range recent.Of(a.Env).Names() {
		if len(items) == maxRecent {
			break
		}
		items = append(items, tui.StartItem{
			Title: filepath.Base(name), Hint: "a recording in " + a.tilde(filepath.Dir(name)),
			Open: func(context.Context, func(tui.Progress)) (*tui.Session, error) {
				tl, err := file.Open(name)
				if err != nil {
					return nil, fmt.Errorf("opening the recording %s: %w", name, pathErr(err))
				}
				s := a.recording(tl)
				s.Close = tl.Close
				return s, nil
			},
		})
	}
	return items
}

// remember puts a recording on the start screen's list. That the list cannot be
// kept is not worth a line to who has asked for something else.
func (a *App) remember(name string) { _ = recent.Of(a.Env).Add(name) }

// tilde shortens a path in the user's home.
func (a *App) tilde(dir string) string {
	home := getenv(a.Env, "HOME")
	if rest, ok := strings.CutPrefix(dir, home); ok && home != "" && (rest == "" || rest[0] == filepath.Separator) {
		return "~" + rest
	}
	return dir
}
