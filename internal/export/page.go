package export

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"

	"deltui/internal/trace"
)

//go:embed page
var pageFiles embed.FS

func pageFile(name string) string {
	b, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic(err) // embedded
	}
	return string(b)
}

var pageTemplate = template.Must(template.New("page").Parse(pageFile("page.html")))

// maxPage bounds the records of a page, in bytes: a browser holds them all.
const maxPage = 24 << 20

// errPageFull ends a page at the op that has no room.
var errPageFull = errors.New("the page is full")

// pageInfo is what a page tells of the target as a whole.
type pageInfo struct {
	Target string   `json:"target"`
	Go     string   `json:"go"`
	Arch   string   `json:"arch"`
	Fate   string   `json:"fate,omitempty"`
	Notes  []string `json:"notes,omitempty"`
	Total  int      `json:"total"` // ops of the recording
}

// writePage writes one self-contained HTML file. Script and style are named by
// their hashes in its policy, which allows nothing else: no request, no frame, no
// other script, whatever a recording's text may say. The records are data to the
// browser and not a script, and JSON in which no < is.
func writePage(w io.Writer, ops ops) (Result, error) {
	tl := ops.tl
	info := tl.Info()
	var records bytes.Buffer
	rec := newRecorder(tl)
	r, err := ops.each(func(op *trace.Op) error {
		line, err := json.Marshal(rec.record(op))
		if err != nil {
			return fmt.Errorf("op %d: %w", op.Seq, err)
		}
		if records.Len() > 0 && records.Len()+len(line) > maxPage {
			return errPageFull
		}
		if records.Len() > 0 {
			records.WriteString(",\n")
		}
		records.Write(line)
		return nil
	})
	if err != nil && !errors.Is(err, errPageFull) {
		return r, err
	}
	r.Left = tl.Len() - int(tl.First()) + 1 - r.Ops - r.Damaged
	head, err := json.Marshal(pageInfo{
		Target: info.Target, Go: info.GoVersion, Arch: info.Arch, Fate: tl.Fate().Text, Notes: info.Notes, Total: tl.Len(),
	})
	if err != nil {
		return r, err
	}
	style, script := pageFile("page.css"), pageFile("page.js")
	err = pageTemplate.Execute(w, map[string]any{
		"Title": info.Target, "Style": template.CSS(style), "Script": template.JS(script),
		"Policy": "default-src 'none'; script-src " + sum(script) + "; style-src " + sum(style) + "; base-uri 'none'; form-action 'none'",
		"Info":   template.JS(head), "Records": template.JS("[" + records.String() + "]"),
	})
	if err != nil {
		return r, fmt.Errorf("writing the page: %w", err)
	}
	return r, nil
}

// sum names a script or style in a policy.
func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
}
