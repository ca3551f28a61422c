// Package recent remembers the recordings that were made or looked at last: for
// the start screen.
//
// It keeps names alone, in deltui/recent of the state directory ($XDG_STATE_HOME,
// else ~/.local/state): one absolute path a line, as a JSON string, the newest
// first. A name whose file has gone is not listed, and dropped by the next Add.
package recent

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Max is how many names are kept.
const Max = 20

// maxState bounds what is read: a file of ours is far shorter.
const maxState = 1 << 20

// List is a list of recordings, kept in a file.
type List struct {
	file string // "": nowhere
}

// Of is the list of the user whose environment env is. Where that names no home
// it is empty, and stays so.
func Of(env []string) List {
	state := get(env, "XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // the specification: relative paths are ignored
		home := get(env, "HOME")
		if !filepath.IsAbs(home) {
			return List{}
		}
		state = filepath.Join(home, ".local", "state")
	}
	return List{filepath.Join(state, "deltui", "recent")}
}

// Names are the recordings that still exist, the newest first.
func (l List) Names() []string {
	if l.file == "" {
		return nil
	}
	f, err := os.Open(l.file)
	if err != nil {
		return nil // none yet, or none that we may see
	}
	defer f.Close()
	var names []string
	for lines := bufio.NewScanner(io.LimitReader(f, maxState)); lines.Scan() && len(names) < Max; {
		var name string
		if json.Unmarshal(lines.Bytes(), &name) != nil || !filepath.IsAbs(name) || slices.Contains(names, name) {
			continue
		}
		if fi, err := os.Stat(name); err == nil && fi.Mode().IsRegular() {
			names = append(names, name)
		}
	}
	return names
}

// Add puts a recording first. Two that do so at once leave one of their lists:
// what is lost is a name in a list.
func (l List) Add(name string) error {
	if l.file == "" {
		return nil
	}
	name, err := filepath.Abs(name)
	if err != nil {
		return fmt.Errorf("remembering %s: %w", name, err)
	}
	names := append([]string{name}, slices.DeleteFunc(l.Names(), func(n string) bool { return n == name })...)
	var b strings.Builder
	for _, n := range names[:min(len(names), Max)] {
		line, err := json.Marshal(n)
		if err != nil {
			return fmt.Errorf("remembering %s: %w", name, err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	if err := replace(l.file, b.String()); err != nil {
		return fmt.Errorf("remembering %s in %s: %w", name, l.file, err)
	}
	return nil
}

// replace writes a file in one piece: whoever reads it sees the old or the new.
func replace(file, text string) error {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, "recent-*")
	if err != nil {
		return err
	}
	_, err = tmp.WriteString(text)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}

func get(env []string, key string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(env[i], key+"="); ok {
			return v
		}
	}
	return ""
}
