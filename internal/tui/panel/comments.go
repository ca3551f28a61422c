package panel

import (
	"go/scanner"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// comments says from which byte on a line is a comment to its end, of the lines
// that are known of a file of Go. Lines with a gap before them are taken for a
// beginning: a string or a comment that began in the gap is not seen as one.
func comments(lines map[int]string) map[int]int {
	found := make(map[int]int)
	numbers := slices.Sorted(maps.Keys(lines))
	for len(numbers) > 0 {
		n := 1
		for n < len(numbers) && numbers[n] == numbers[n-1]+1 {
			n++
		}
		scanComments(lines, numbers[:n], found)
		numbers = numbers[n:]
	}
	return found
}

// scanComments finds those in lines that follow each other.
func scanComments(lines map[int]string, numbers []int, found map[int]int) {
	var text strings.Builder
	for _, n := range numbers {
		text.WriteString(strings.TrimSuffix(lines[n], "\r"))
		text.WriteByte('\n')
	}
	src := []byte(text.String())
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments) // what is no token is passed over
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return
		}
		if tok != token.COMMENT {
			continue
		}
		at := file.PositionFor(pos, false)
		n, col := numbers[0]+at.Line-1, at.Column-1
		for line := range strings.SplitSeq(lit, "\n") {
			if n > numbers[len(numbers)-1] {
				break // one that is not closed
			}
			if strings.TrimSpace(lines[n][min(col+len(line), len(lines[n])):]) == "" {
				if _, earlier := found[n]; !earlier {
					found[n] = col
				}
			}
			n, col = n+1, 0
		}
	}
}
