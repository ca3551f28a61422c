package gomap

import "slices"

func deleteRules() []Rule {
	deletesSwiss := slices.Concat(
		[]RuleSource{at(maps+"map.go", "(*Map).Delete", "")},
		swissFuncs("mapdelete_fast32", "mapdelete_fast64", "mapdelete_faststr"),
	)
	maybeNone := slices.Concat(
		with(deletesClassic, "h.count == 0"),
		with(deletesSwiss, "m.Used() == 0"),
	)
	return []Rule{
		{
			"delete.nil", allKinds,
			"A nil map holds nothing: delete returns at once, and does not panic.",
			maybeNone,
		},
		{
			"delete.empty", allKinds,
			"The map's count is 0: delete returns before it looks at any cell.",
			maybeNone,
		},
		{
			"delete.absent", allKinds,
			"The probe, or the walk along the chain, ended without meeting the key: nothing is deleted.",
			slices.Concat(
				with(deletesClassic, "for ; b != nil; b = b.overflow(t)"),
				with(swissDelete, "matchEmpty()"),
			),
		},
		{
			"swiss.delete.small", swissKinds,
			"A small map has one group, and no probe goes on past it: a deleted cell becomes empty at once, never a tombstone.",
			with([]RuleSource{at(maps+"map.go", "(*Map).deleteSmall", "")}, "g.ctrls().set(i, ctrlEmpty)"),
		},
		{
			"swiss.delete.group-has-empty", swissKinds,
			"The group had an empty cell already, and every probe ends at a group with an empty cell: none had gone past this one, so the deleted cell became empty too.",
			with(swissDelete, "g.ctrls().set(i, ctrlEmpty)"),
		},
		{
			"swiss.delete.group-full", swissKinds,
			"The group had no empty cell, so a longer probe may have passed through it. An empty cell would cut that probe short, so the deleted cell became a tombstone: probes go on past it, inserts may take it.",
			with(swissDelete, "g.ctrls().set(i, ctrlDeleted)"),
		},
		{
			"classic.delete.empty-one", classicKinds,
			"The cell after this one was not emptyRest, so more could follow: the cell became emptyOne, which says that it alone is empty.",
			with(deletesClassic, "= emptyOne"),
		},
		{
			"classic.delete.empty-rest", classicKinds,
			"Nothing followed in the chain: the cell became emptyRest, which says that it and all cells after it are empty, so a search may stop here.",
			with(deletesClassic, "b.tophash[i] = emptyRest"),
		},
		{
			"classic.delete.empty-rest-backwards", classicKinds,
			"The cell was emptyOne, and then nothing followed it either: the runtime walked back and made it emptyRest.",
			with(deletesClassic, "b.tophash[i] != emptyOne"),
		},
		{
			"classic.delete.arrived", classicKinds,
			"The entry came here from its old bucket and was deleted, both in this op: the control byte tells only of the delete.",
			with(deletesClassic, "growWork"),
		},
	}
}
