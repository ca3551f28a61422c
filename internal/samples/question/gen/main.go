// Gen records the question's program until a run tells its story, and writes
// question.deltui into the current directory.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/guard"
	"deltui/internal/probe"
	"deltui/internal/probe/launch"
	"deltui/internal/samples/question"
	"deltui/internal/trace/file"
)

const out = "question.deltui"

func main() {
	guard.Main()
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "question")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, f := range question.Program().Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o666); err != nil {
			log.Fatal(err)
		}
	}
	prog := filepath.Join(dir, "question")
	// Without the names of this machine's directories.
	cmd := exec.Command("go", "build", "-trimpath", "-o", prog, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		log.Fatalf("go build: %v\n%s", err, text)
	}
	for try := 1; try <= 2000; try++ {
		file := filepath.Join(dir, fmt.Sprintf("try%d.deltui", try))
		marks, err := record(prog, file)
		if err != nil {
			log.Fatal(err)
		}
		if marks == question.Marks {
			b, err := os.ReadFile(file)
			if err != nil {
				log.Fatal(err)
			}
			if bytes.Contains(b, []byte(dir)) {
				log.Fatalf("the recording names %s", dir)
			}
			if err := os.WriteFile(out, b, 0o666); err != nil {
				log.Fatal(err)
			}
			log.Printf("%s: %d bytes, run %d", out, len(b), try)
			return
		}
		os.Remove(file)
	}
	log.Fatal("no run told the story")
}

func record(prog, path string) (marks string, err error) {
	ctx := context.Background()
	tl, err := file.Create(path)
	if err != nil {
		return "", err
	}
	live, err := launch.Launch(ctx, launch.Config{Path: prog, Name: "question"})
	if err != nil {
		return "", err
	}
	// Speed makes the source read what a person will look at: names, not only
	// where they are.
	plan := probe.Plan{Ops: []gomap.OpKind{gomap.Delete, gomap.Clear}, Stack: 64, Speed: 1000}
	if err := live.Run(ctx, plan, tl.Sink()); err != nil {
		return "", err
	}
	if err := sources(tl); err != nil {
		return "", err
	}
	for _, m := range tl.Marks(1, uint64(tl.Len())) {
		marks += string(rune(m))
	}
	return marks, tl.Close()
}

// sources adds the lines that the screen shows: files of a trimmed build have
// names that lead nowhere.
func sources(tl *file.File) error {
	sink := tl.Sink()
	give := func(name string, text []byte, from, to int) error {
		lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
		from, to = max(1, from), min(len(lines), to)
		if from > to {
			return nil
		}
		return sink.Source(name, from, lines[from-1:to])
	}
	const around = 14
	for _, f := range question.Program().Files {
		if err := give("question/"+f.Name, f.Data, 1, 1<<20); err != nil {
			return err
		}
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	root := strings.TrimSpace(string(goroot))
	for seq := uint64(1); seq <= uint64(tl.Len()); seq++ {
		op, err := tl.Seq(seq)
		if err != nil {
			return err
		}
		for _, f := range op.Stack {
			if text, err := os.ReadFile(filepath.Join(root, "src", f.File)); err == nil {
				if err := give(f.File, text, f.Line-around, f.Line+around); err != nil {
					return err
				}
			}
		}
		rule, ok := gomap.RuleNamed(op.Summary.Rule)
		if !ok {
			continue
		}
		for _, src := range rule.SourcesFor(gomap.Swiss) {
			text, err := os.ReadFile(filepath.Join(root, "src", src.File))
			if err != nil {
				continue
			}
			if at := src.FindLine(gomap.Lines(string(text))); at > 0 {
				if err := give(src.File, text, at-around, at+around); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
