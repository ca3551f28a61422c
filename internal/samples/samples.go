// Package samples holds the programs that come with deltui, to have something
// to watch at once.
//
// A sample is a go 1.18 module kept as a txtar archive: as plain files below
// our own module an older Go could not build it. The first line of an archive's
// comment says what it is.
package samples

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"
)

//go:embed *.txtar
var archives embed.FS

// Names lists the samples, in alphabetical order.
func Names() []string {
	entries, err := archives.ReadDir(".")
	if err != nil {
		panic(err) // embedded
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".txtar")
	}
	return names
}

// Has reports whether there is a sample of that name.
func Has(name string) bool {
	_, err := read(name)
	return err == nil
}

// About says in a line what a sample is; "" for one that there is not.
func About(name string) string {
	a, err := read(name)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(a.Comment), "\n")
	return line
}

// Unpack writes a sample's module to a new directory dir.
func Unpack(name, dir string) error {
	a, err := read(name)
	if err != nil {
		return err
	}
	for _, f := range a.Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return fmt.Errorf("unpacking sample %s: %w", name, err)
		}
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			return fmt.Errorf("unpacking sample %s: %w", name, err)
		}
	}
	return nil
}

func read(name string) (*txtar.Archive, error) {
	data, err := archives.ReadFile(name + ".txtar")
	if err != nil {
		return nil, fmt.Errorf("no sample is called %q", name)
	}
	return txtar.Parse(data), nil
}
