package gomap

func (c *comparison) swissWhy() {
	var w explanation
	d := c.d
	var own *found // the op's own change
	n := map[string]int{}
	for i := range c.found {
		f := &c.found[i]
		n[f.Rule]++
		if f.Rule != "" && f.Rule != "swiss.assign.prune" && (own == nil || own.Rule == "swiss.clear.tombstone") {
			own = f
		}
	}
	switch {
	case c.swissStructure(&w):
	case own != nil:
		d.Rule = own.Rule
		if k := n["swiss.assign.prune"]; k > 0 {
			w.say("The table had no room left (growthLeft 0), so %s that no probe needed became empty first.", plural(k, "tombstone"))
		}
		c.swissOwn(&w, own, n)
	case len(c.found) == 0 && c.nothing(&w):
		if c.op == Delete && d.Tombstones[0] > 0 && d.Rule == "delete.empty" {
			w.say("Its %s stayed.", plural(d.Tombstones[0], "tombstone"))
		}
	}
	c.unknown(&w)
	c.seed(&w)
	c.possible(&w)
	d.Why = w.String()
}

// swissOwn says why the op changed its cell as it did.
func (c *comparison) swissOwn(w *explanation, f *found, n map[string]int) {
	rb := &c.b.Rows[f.kb]
	where := f.Where.String()
	gb, ga, known := c.growth(f.Where.Table)
	switch f.Rule {
	case "swiss.delete.small":
		w.say("The map is small: it has one group, and no probe goes on past it. So cell %d became empty (80) at once; a small map never has tombstones.", f.Cell)
	case "swiss.delete.group-has-empty":
		w.say("%s had %s, and every probe ends at a group with an empty cell: none had gone on past this one. So cell %d became empty (80) too.",
			title(where), plural(rb.count(ctrlEmpty), "empty cell"), f.Cell)
		if known {
			w.say("Its room was given back: growthLeft went from %d to %d.", gb, ga)
		}
	case "swiss.delete.group-full":
		w.say("%s had no empty cell, so a longer probe may have passed through it. An empty cell would cut that probe short: cell %d became a tombstone (fe), which probes pass and inserts may take.",
			title(where), f.Cell)
		if known {
			w.say("growthLeft stayed %d: the room was not given back.", ga)
		}
	case "swiss.assign.small":
		w.say("The entry took cell %d, the first empty cell of the only group; %02x is h2, the low 7 bits of the key's hash.", f.Cell, f.To)
		if p, _ := c.b.Field("dirPtr"); p == 0 {
			w.say("The map had no group before: this one is new.")
		}
	case "swiss.assign.empty":
		w.say("The probe for the key ended at %s, the first on its path with an empty cell: the entry took the first one there, cell %d. %02x is h2, the low 7 bits of the key's hash.", where, f.Cell, f.To)
		if known {
			w.say("growthLeft went from %d to %d.", gb+uint64(n["swiss.assign.prune"]), ga)
		}
	case "swiss.assign.tombstone":
		w.say("The probe for the key passed the tombstone in cell %d of %s: the entry took it. A tombstone counts as used room, so growthLeft stayed", f.Cell, where)
		if known {
			w.WriteString(" " + plainNumber(ga))
		}
		w.WriteString(".")
	case "swiss.clear.small":
		w.say("Clear zeroed the only group: %s.", cleared(n["swiss.clear.small"], 0))
	case "swiss.clear.full", "swiss.clear.tombstone":
		w.say("Clear made every cell empty: %s. The tables kept their size.", cleared(n["swiss.clear.full"], n["swiss.clear.tombstone"]))
	}
}

// cleared counts what clear removed.
func cleared(full, tombstones int) string {
	switch {
	case tombstones == 0:
		return entries(uint64(full)) + " gone"
	case full == 0:
		return plural(tombstones, "tombstone") + " gone"
	}
	return entries(uint64(full)) + " and " + plural(tombstones, "tombstone") + " gone"
}

// swissStructure says what became of the groups and tables in an assign, and
// reports whether anything did.
func (c *comparison) swissStructure(w *explanation) bool {
	if c.op != Assign {
		return false
	}
	pb, _ := c.b.Field("dirPtr")
	pa, _ := c.a.Field("dirPtr")
	lb, _ := c.b.Field("dirLen")
	la, _ := c.a.Field("dirLen")
	switch {
	case pb == 0 && pa != 0 && la == 0:
		c.d.Rule = "swiss.assign.first-group"
		w.say("The map had no group yet: the runtime allocated one, and the entry took its first cell.")
	case lb == 0 && la != 0:
		c.d.Rule = "swiss.assign.grow-small"
		w.say("The only group was full: its entries moved to a new table%s, and the map never becomes small again.", c.sized())
		if c.a.Used == c.b.Used {
			w.say("The key was there already, so nothing needed room: Go up to 1.26 grows here all the same.")
		}
	case has(c.d.Events, Split):
		c.d.Rule = "swiss.assign.split"
		w.say("The table had no room left and was as large as tables may be: its entries moved to two new ones, by the next bit of their hashes.")
		if c.a.SomeTables {
			w.say("The directory has %s.", plural(la, "place"))
		} else {
			w.say("There are %s now, and %s in the directory.", plural(len(c.a.Tables), "table"), plural(la, "place"))
		}
	case has(c.d.Events, Rehash):
		c.d.Rule = "swiss.assign.grow"
		w.say("The table had no room left: its entries moved to a new one%s, twice as large. Tombstones were not taken along.", c.sized())
	default:
		return false
	}
	return true
}

// sized tells the size of the first table that is new.
func (c *comparison) sized() string {
	for i := range c.a.Tables {
		if c.tableBefore(i) == nil {
			if n := c.capacity(i); n > 0 {
				return " of " + plural(n, "cell")
			}
		}
	}
	return ""
}

// possible says that the header now tells of tombstones.
func (c *comparison) possible(w *explanation) {
	b, ok := c.b.Field("tombstonePossible")
	a, _ := c.a.Field("tombstonePossible")
	switch {
	case !ok || a == b:
	case a != 0:
		w.say("The header noted it: tombstonePossible was set.")
	default:
		w.say("tombstonePossible was reset: there are no tombstones.")
	}
}

func has(es []Event, e Event) bool {
	for _, x := range es {
		if x == e {
			return true
		}
	}
	return false
}
