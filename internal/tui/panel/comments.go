package panel

import (
	"go/scanner"
	"go/token"
	"maps"
	"slices"
	"strings"

	"deltui/internal/tui/canvas"
	"deltui/internal/tui/look"
)

// word is a keyword or a literal on a line, by its bytes.
type word struct {
	from, to int
	st       canvas.Style
}

// syntax is what is known of a file's tokens, by line.
type syntax struct {
	comments map[int]int // from which byte on the line is a comment to its end
	words    map[int][]word
}

// scan finds the tokens of the lines that are known of a file of Go. Lines with a
// gap before them are taken for a beginning: a string or a comment that began in
// the gap is not seen as one.
func scan(lines map[int]string) syntax {
	found := syntax{make(map[int]int), make(map[int][]word)}
	numbers := slices.Sorted(maps.Keys(lines))
	for len(numbers) > 0 {
		n := 1
		for n < len(numbers) && numbers[n] == numbers[n-1]+1 {
			n++
		}
		found.scan(lines, numbers[:n])
		numbers = numbers[n:]
	}
	return found
}

// scan finds the tokens in lines that follow each other.
func (x *syntax) scan(lines map[int]string, numbers []int) {
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
			x.word(lines, numbers[0], file, pos, tok, lit)
			continue
		}
		at := file.PositionFor(pos, false)
		n, col := numbers[0]+at.Line-1, at.Column-1
		for line := range strings.SplitSeq(lit, "\n") {
			if n > numbers[len(numbers)-1] {
				break // one that is not closed
			}
			if strings.TrimSpace(lines[n][min(col+len(line), len(lines[n])):]) == "" {
				if _, earlier := x.comments[n]; !earlier {
					x.comments[n] = col
				}
			}
			n, col = n+1, 0
		}
	}
}

// word notes a keyword or a literal; one of several lines is a word on each.
func (x *syntax) word(lines map[int]string, first int, file *token.File, pos token.Pos, tok token.Token, lit string) {
	st := look.Keyword
	switch {
	case tok.IsLiteral() && tok != token.IDENT:
		st = look.Literal
	case !tok.IsKeyword():
		return
	}
	at := file.PositionFor(pos, false)
	n, col := first+at.Line-1, at.Column-1
	for part := range strings.SplitSeq(lit, "\n") {
		text, ok := lines[n]
		if !ok {
			return
		}
		if to := min(col+len(part), len(text)); col < to {
			x.words[n] = append(x.words[n], word{col, to, st})
		}
		n, col = n+1, 0
	}
}
