package claims

import (
	"encoding/json"
	"errors"
	"os/exec"
	"testing"

	"deltui/internal/testenv"
)

// probed are the columns of RESULTS.md that parts are about, by the names under
// which the probe reports them.
var probed = map[string]string{
	"uint64→any": "1M uint64→any",
	"string→int": "1M string→int",
	"hooked":     "hooked",
	"batched":    "crowd batched",
}

// TestRecordedAgain runs the benchmark in small, and wants each recorded ratio on
// the side where the record has it. A moment that the machine is busy may put one
// on the other side, so it is asked three times; a claim that is no longer so
// stays there.
func TestRecordedAgain(t *testing.T) {
	if !testenv.All() {
		t.Skip("skipped: it times; DELTUI_TEST=all does")
	}
	bin := testenv.Local.BuildProgram(t, testenv.Program{Dir: "../probes", Pkg: "./bench"})
	left := map[string]Part{}
	for _, c := range claims {
		for _, p := range c.Parts {
			if p.Recorded == nil {
				continue
			}
			if probed[p.Recorded.Column] == "" {
				t.Fatalf("%s: the probe does not report %q", c.ID, p.Recorded.Column)
			}
			left[c.ID+" "+p.Recorded.Column] = p
		}
	}
	if len(left) < 4 {
		t.Fatalf("only %d parts are recorded", len(left))
	}
	now := Default(newest) // what holds of the Go at hand; all are the same of these parts
	for range 3 {
		if len(left) == 0 {
			break
		}
		out, err := exec.Command(bin, "-small").Output()
		if err != nil {
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				t.Fatalf("%v\n%s", err, exit.Stderr)
			}
			t.Fatal(err)
		}
		var ratios map[string]float64
		if err := json.Unmarshal(out, &ratios); err != nil {
			t.Fatal(err)
		}
		for id, p := range left {
			r := ratios[probed[p.Recorded.Column]]
			t.Logf("%s: %.2f", id, r)
			if r > 0 && p.Recorded.Is(r) == p.Holds.In(now) {
				delete(left, id)
			}
		}
	}
	for id, p := range left {
		t.Errorf("%s: %q came out otherwise three times", id, p.Says)
	}
}
