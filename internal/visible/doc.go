// Package visible makes text from a target safe to show.
//
// A terminal obeys what it is sent: a key, a file name or a line of output may
// hold an escape sequence that rewrites the screen, bidi controls that turn a
// word around, or characters of no width that hide one. This package replaces
// all of these by escapes in Go's spelling, so that they are seen:
//
//	ESC [31m        \x1b[31m
//	U+202E          \u202e     bidi, zero-width, and other format characters
//	U+FE0F          \ufe0f     variation selectors, tag characters, fillers, blank symbols
//	U+00A0          \u00a0     spaces that are none of ASCII's
//	bytes C3 28     \xc3(      not UTF-8
//	U+E000          \ue000     private use, and what Unicode has not assigned
//
// Printable text of any script stays as it is, emoji included (one that is
// joined of several by U+200D shows its parts and the joiner). What comes out
// goes in again unchanged, so that applying it twice does no harm.
//
// [Safe] is the project's one table of what may be shown, and imports nothing, so
// that everybody may ask it. [String] and [Bytes] give one line; [ASCII] one that
// has nothing else; [Line] keeps or expands tabs; [Lines]
// splits a stream, whatever it floods it with.
package visible
