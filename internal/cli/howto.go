package cli

// pageWidth is how wide the start screen's pages are written: a terminal of 80
// columns has a margin on either side.
const pageWidth = 76

// howTo is the start screen's page for who comes with something of her own.
const howTo = `# You have a package, of a program
    deltui ./cmd/srv -- -its -own args
It is built as go build would build it, and started.

# You have a program that is built
    deltui ./srv -- -its -own args
Nothing is built. It needs its debug information: no -ldflags=-s or -w.

# You have a failing test
    deltui --test ./store -- -test.run TestEvict
What stands behind -- is for the test binary, so its flags begin with -test.

# You have an older Go, or want to see classic buckets
    deltui --go 1.23 ./cmd/srv
Any Go from 1.18 on; what is not on this machine is fetched.

# There are too many ops
    deltui --until 'tombstones>3' ./cmd/srv
    deltui --map 'map[string]int' --func evict ./cmd/srv
The first runs until something happens, the second shows only a part.

# You want text, to read or to search
    deltui trace ./cmd/srv
    deltui record -o ops.deltui ./cmd/srv
The second leaves a recording: this start screen lists it, replay opens it.

# On the screen
→ finishes the op, ← goes back, space runs, ? lists the keys that work.

# Something does not work
    deltui doctor ./srv
It says what that program has that watching needs; alone, it looks at the
machine. All flags: deltui --help, and man pages in docs/man.
`
