//go:build !linux

package doctor

import (
	"os"
	"runtime"
)

// ptrace looks for what Delve needs elsewhere: on macOS its own debugserver,
// which comes with Xcode's command line tools.
func ptrace() []Finding {
	if runtime.GOOS != "darwin" {
		return []Finding{fail("debugging", "use linux or darwin", "not supported on %s", runtime.GOOS)}
	}
	const tools = "/Library/Developer/CommandLineTools/Library/PrivateFrameworks/LLDB.framework/Versions/A/Resources/debugserver"
	const xcode = "/Applications/Xcode.app/Contents/SharedFrameworks/LLDB.framework/Versions/A/Resources/debugserver"
	for _, path := range []string{tools, xcode} {
		if _, err := os.Stat(path); err == nil {
			return []Finding{ok("debugserver", "%s", path)}
		}
	}
	return []Finding{fail("debugserver", "xcode-select --install", "Apple's debugserver, by which Delve debugs, is not there")}
}
