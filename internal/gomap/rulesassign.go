package gomap

import "slices"

func assignRules() []Rule {
	smallPuts := []RuleSource{
		at(maps+"map.go", "(*Map).putSlotSmall", ""),
		at(maps+"runtime_fast32.go", "(*Map).putSlotSmallFast32", ""),
		at(maps+"runtime_fast32_swiss.go", "(*Map).putSlotSmallFast32", ""),
		at(maps+"runtime_fast64.go", "(*Map).putSlotSmallFast64", ""),
		at(maps+"runtime_fast64_swiss.go", "(*Map).putSlotSmallFast64", ""),
		at(maps+"runtime_fast64.go", "(*Map).putSlotSmallFastPtr", ""),
		at(maps+"runtime_fast64_swiss.go", "(*Map).putSlotSmallFastPtr", ""),
		at(maps+"runtime_faststr.go", "(*Map).putSlotSmallFastStr", ""),
		at(maps+"runtime_faststr_swiss.go", "(*Map).putSlotSmallFastStr", ""),
	}
	return []Rule{
		{
			"assign.nil", allKinds,
			"A nil map has no memory to put an entry in: assign panics.",
			slices.Concat(with(assignsClassic, "assignment to entry in nil map"), with(assignsSwiss, "panic(errNilAssign)")),
		},
		{
			"assign.update", allKinds,
			"The key was there already: its elem was replaced, and no control byte changed.",
			slices.Concat(
				with(assignsClassic, "already have a mapping for key", "insertk = k", "goto done"),
				with(assignsSwiss, "Look for an existing slot containing this key"),
			),
		},
		{
			"swiss.assign.small", swissKinds,
			"The entry goes to the first empty cell of the only group; its control byte becomes h2, the low 7 bits of the key's hash.",
			with(smallPuts, "g.ctrls().set(i, ctrl(h2(hash)))"),
		},
		{
			"swiss.assign.empty", swissKinds,
			"The probe for the key ended at the first group with an empty cell, and met no tombstone on its way: the entry took that group's first empty cell, and one of growthLeft.",
			with(assignsSwiss, "g.ctrls().set(i, ctrl(h2"),
		},
		{
			"swiss.assign.tombstone", swissKinds,
			"The probe for the key passed a tombstone: the entry took it. A tombstone counts as used room, so growthLeft stayed.",
			with(assignsSwiss, "i = firstDeletedSlot"),
		},
		{
			"swiss.assign.prune", swissKinds,
			"No room was left (growthLeft 0), so the runtime looked for tombstones that no probe for a present key passes: if they are a tenth of the table, they become empty.",
			with([]RuleSource{at(maps+"table.go", "(*table).pruneTombstones", "")}, "g.ctrls().set(k, ctrlEmpty)"),
		},
		{
			"swiss.assign.first-group", swissKinds,
			"The map had no group yet: the first insert allocates one.",
			with(slices.Concat(assignsSwiss, []RuleSource{at(maps+"map.go", "(*Map).PutSlot", "")}), "m.growToSmall(typ)"),
		},
		{
			"swiss.assign.grow-small", swissKinds,
			"The only group was full: all entries moved to a new table of 16 cells. The map never becomes small again.",
			with(slices.Concat(assignsSwiss, []RuleSource{at(maps+"map.go", "(*Map).PutSlot", "")}), "m.growToTable(typ)"),
		},
		{
			"swiss.assign.grow", swissKinds,
			"The table had no room left (growthLeft 0): all its entries moved to a new table, twice as large, without tombstones.",
			with([]RuleSource{at(maps+"table.go", "(*table).rehash", "")}, "t.grow(typ, m, newCapacity)"),
		},
		{
			"swiss.assign.split", swissKinds,
			"The table had no room left and was as large as tables may be: its entries moved to two new tables, by the next bit of their hashes.",
			with([]RuleSource{at(maps+"table.go", "(*table).rehash", "")}, "t.split(typ, m)"),
		},
		{
			"classic.assign.empty-rest", classicKinds,
			"The entry goes to the first empty cell of the chain: an emptyRest, after which nothing follows. The control byte becomes the hash's top byte.",
			with(assignsClassic, "*inserti = top", "= tophash(hash)"),
		},
		{
			"classic.assign.empty-one", classicKinds,
			"The entry goes to the first empty cell of the chain: an emptyOne, left by a delete. The control byte becomes the hash's top byte.",
			with(assignsClassic, "*inserti = top", "= tophash(hash)"),
		},
		{
			"classic.assign.overflow", classicKinds,
			"All cells of the chain were full: a new overflow bucket was linked to it, and the entry took its first cell.",
			with(assignsClassic, "h.newoverflow(t, b)"),
		},
		{
			"classic.assign.first-bucket", classicKinds,
			"The map had no bucket yet: the first insert allocates one.",
			with(assignsClassic, "h.buckets = newobject"),
		},
		{
			"classic.assign.grow", classicKinds,
			"More than 6.5 entries to a bucket would be there: the map gets twice as many buckets. The entries follow bucket by bucket, in later deletes and assigns.",
			with(assignsClassic, "hashGrow(t, h)"),
		},
		{
			"classic.assign.same-size-grow", classicKinds,
			"There are too many overflow buckets for so few entries: the map gets as many new buckets, into which the entries are packed, bucket by bucket, in later deletes and assigns.",
			with(assignsClassic, "hashGrow(t, h)"),
		},
	}
}

func clearRules() []Rule {
	classicClear := funcs("mapclear")
	swissClear := []RuleSource{at(maps+"map.go", "(*Map).Clear", "")}
	none := slices.Concat(with(classicClear, "h.count == 0"), with(swissClear, "m.Used() == 0"))
	tables := with([]RuleSource{at(maps+"table.go", "(*table).Clear", "")}, "g.ctrls().setEmpty()")
	return []Rule{
		{
			"clear.nil", allKinds,
			"A nil map holds nothing: clear returns at once.",
			none,
		},
		{
			"clear.empty", allKinds,
			"The map's count is 0: clear returns at once.",
			none,
		},
		{
			"swiss.clear.small", swissKinds,
			"Clear zeroes the only group and makes its cells empty.",
			with([]RuleSource{at(maps+"map.go", "(*Map).clearSmall", "")}, "g.ctrls().setEmpty()"),
		},
		{
			"swiss.clear.full", swissKinds,
			"Clear makes every cell of every table empty. The tables keep their size.",
			tables,
		},
		{
			"swiss.clear.tombstone", swissKinds,
			"Clear makes every cell empty, tombstones too: growthLeft is whole again.",
			tables,
		},
		{
			"classic.clear", classicKinds,
			"Clear zeroes the bucket array: every cell becomes emptyRest. The buckets stay, the overflow buckets are dropped.",
			with(classicClear, "makeBucketArray(t, h.B, h.buckets)"),
		},
	}
}

func evacuateRules() []Rule {
	return []Rule{
		{
			"classic.evacuate.x", classicKinds,
			"The map was growing: the entry moved to the new bucket of the same number, x. The old cell says so.",
			with(evacuates, "b.tophash[i] = evacuatedX + useY"),
		},
		{
			"classic.evacuate.y", classicKinds,
			"The map was growing: the entry moved to the new bucket y, as many further as there were old buckets, by the next bit of its hash. The old cell says so.",
			with(evacuates, "b.tophash[i] = evacuatedX + useY"),
		},
		{
			"classic.evacuate.empty", classicKinds,
			"The old bucket was evacuated, and this cell of it was empty: the mark says that nothing moved from it.",
			with(evacuates, "b.tophash[i] = evacuatedEmpty"),
		},
		{
			"classic.evacuate.arrive", classicKinds,
			"The map was growing: an entry came here from its old bucket.",
			with(evacuates, "dst.b.tophash[dst.i&"),
		},
	}
}
