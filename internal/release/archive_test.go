package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestArchive: what went in comes out, below one directory, and two archives of
// the same files are the same bytes.
func TestArchive(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2026, 11, 24, 20, 0, 0, 5, time.FixedZone("", 3600))
	entries := []entry{{"deltui", program, 0o755}, {"man/deltui.1", program, 0o644}}
	var all [2][]byte
	var sums [2][]byte
	for i := range all {
		path := filepath.Join(dir, "x.tar.gz")
		sum, err := archive(path, "deltui_1.2.3", when, entries)
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = sum
		if all[i], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
		entries[0], entries[1] = entries[1], entries[0]
		if err := os.Chtimes(program, when.Add(time.Hour), when.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(all[0], all[1]) || !bytes.Equal(sums[0], sums[1]) {
		t.Error("two archives of the same files differ")
	}
	gz, err := gzip.NewReader(bytes.NewReader(all[0]))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for tr := tar.NewReader(gz); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(tr)
		if err != nil || string(text) != "text" || !h.ModTime.Equal(when.Truncate(time.Second)) {
			t.Errorf("%s: %q, %v, %v", h.Name, text, h.ModTime, err)
		}
		if strings.HasSuffix(h.Name, "/deltui") && h.Mode != 0o755 {
			t.Errorf("the program has mode %o", h.Mode)
		}
		names = append(names, h.Name)
	}
	if got := strings.Join(names, " "); got != "deltui_1.2.3/deltui deltui_1.2.3/man/deltui.1" {
		t.Error(got)
	}
}
