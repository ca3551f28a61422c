package tally

import (
	"go/scanner"
	"go/token"
	"strings"

	"deltui/internal/gomap"
	"deltui/internal/moment"
	"deltui/internal/trace"
)

// MapExpr is the map of an op in the words of its line of source: c.byUser of
// delete(c.byUser, id). It is "" where the line has no such call, more than one,
// or none that ends on it.
func MapExpr(kind gomap.OpKind, line string) string {
	word := map[gomap.OpKind]string{gomap.Delete: "delete", gomap.Clear: "clear"}[kind]
	if word == "" {
		return ""
	}
	src := []byte(line)
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile("", fset.Base(), len(src)), src, func(token.Position, string) {}, 0)
	var found []string
	begun, from, depth := 0, 0, 0 // begun: 1 after the word, 2 within its parentheses
	last := token.ILLEGAL
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		at := fset.Position(pos).Offset
		switch {
		case begun == 0 && tok == token.IDENT && lit == word && last != token.PERIOD && last != token.FUNC:
			begun = 1
		case begun == 1 && tok == token.LPAREN:
			begun, from, depth = 2, at+1, 1
		case begun == 1:
			begun = 0
		case begun == 2:
			switch tok {
			case token.LPAREN, token.LBRACK, token.LBRACE:
				depth++
			case token.RPAREN, token.RBRACK, token.RBRACE:
				depth--
			}
			if depth == 0 && kind == gomap.Clear || depth == 1 && tok == token.COMMA {
				found = append(found, strings.TrimSpace(line[from:at]))
			}
			if depth == 0 || depth == 1 && tok == token.COMMA {
				begun = 0
			}
		}
		last = tok
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// nameOf is the map of an op as its caller's line of source has it, where the
// timeline has that line and the caller itself called the runtime.
func nameOf(tl trace.Timeline, op *trace.Op) string {
	if through, _ := moment.Calls(op); len(through) > 0 || op.Caller.Func == "" {
		return ""
	}
	return MapExpr(op.Kind, tl.Source(op.Caller.File)[op.Caller.Line])
}
