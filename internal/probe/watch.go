package probe

import (
	"slices"

	"deltui/internal/gomap"
)

// rewatch changes the kinds of ops watched. Kinds that the plan did not have
// are watched for one map only, if the command names one.
func (l *Live) rewatch(w Watch) error {
	if err := l.unwatchOps(w.Ops); err != nil {
		return err
	}
	l.onlyMap = make(map[gomap.OpKind]int)
	for _, k := range w.Ops {
		if !slices.Contains(l.plan.Ops, k) && w.MapID != 0 {
			l.onlyMap[k] = w.MapID
		}
	}
	l.cfgInfo.Ops = nil
	for _, k := range w.Ops {
		l.cfgInfo.Ops = append(l.cfgInfo.Ops, k.String())
	}
	if err := l.watchOps(w.Ops); err != nil {
		return err
	}
	return l.sink.Info(l.cfgInfo)
}

// wanted reports whether an op of a kind is watched on a map.
func (l *Live) wanted(k gomap.OpKind, m *knownMap) bool {
	id, limited := l.onlyMap[k]
	return !limited || m != nil && m.id == id
}
