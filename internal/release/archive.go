package main

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"io"
	"os"
	"slices"
	"time"
)

// entry is a file of an archive.
type entry struct {
	name string // in the archive's directory
	path string // on this machine
	mode int64
}

// archive writes a .tar.gz whose bytes depend on what is in it alone, and
// returns its checksum.
func archive(path, dir string, when time.Time, entries []entry) (sum []byte, err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
	}()
	hash := sha256.New()
	gz, err := gzip.NewWriterLevel(io.MultiWriter(f, hash), gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	tw := tar.NewWriter(gz)
	entries = slices.SortedFunc(slices.Values(entries), func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	for _, e := range entries {
		if err := add(tw, dir+"/"+e.name, when, e); err != nil {
			return nil, err
		}
	}
	if err := tw.Close(); err != nil {
		return nil, err
	}
	if err := gz.Close(); err != nil {
		return nil, err
	}
	return hash.Sum(nil), nil
}

func add(tw *tar.Writer, name string, when time.Time, e entry) error {
	f, err := os.Open(e.path)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	err = tw.WriteHeader(&tar.Header{Name: name, Mode: e.mode, Size: fi.Size(), ModTime: when.UTC().Truncate(time.Second), Format: tar.FormatUSTAR})
	if err != nil {
		return err
	}
	_, err = io.Copy(tw, f)
	return err
}
