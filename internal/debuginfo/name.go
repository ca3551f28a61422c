package debuginfo

import "strings"

// goName writes a type's name as Go does. The compiler's debug information puts
// a package before the unexported fields of a nameless struct type, which Go's
// syntax does not know: struct { main.s main.ID } is struct { s main.ID }.
func goName(name string) string {
	if !strings.Contains(name, "struct { ") {
		return name
	}
	var b strings.Builder
	var structs []bool // the open braces: is it a struct's?
	for i := 0; i < len(name); {
		rest := name[i:]
		switch {
		case rest[0] == '"':
			n := quoted(rest)
			b.WriteString(rest[:n])
			i += n
			continue
		case strings.HasPrefix(rest, "struct { "), strings.HasPrefix(rest, "interface { "):
			n := strings.IndexByte(rest, '{') + 2
			structs = append(structs, rest[0] == 's')
			b.WriteString(rest[:n])
			i += n
		case strings.HasPrefix(rest, "; "):
			b.WriteString("; ")
			i += 2
		case rest[0] == '}' && len(structs) > 0:
			structs = structs[:len(structs)-1]
			fallthrough
		default:
			b.WriteByte(rest[0])
			i++
			continue
		}
		if len(structs) > 0 && structs[len(structs)-1] {
			i += qualifier(name[i:])
		}
	}
	return b.String()
}

// qualifier is the length of the package before a field's name, with its dot;
// 0 before an embedded field, which is a type without a name.
func qualifier(field string) int {
	name, rest, ok := strings.Cut(field, " ")
	if !ok || strings.ContainsAny(name, ";*[({\"") || rest == "" || strings.IndexByte("}=\"", rest[0]) >= 0 {
		return 0
	}
	return strings.LastIndexByte(name, '.') + 1
}

// quoted is the length of the quoted tag that s begins with.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}
