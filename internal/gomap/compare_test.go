package gomap

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// comparisons are two moments each, with the rules of the changes in address
// order, the rule of the op, and the events.
var comparisons = []struct {
	name          string
	kind          LayoutKind
	op            OpKind
	before, after string
	rules         string
	rule          string
	events        string
}{
	{
		"delete from a nil map", Swiss, Delete,
		"nil", "nil", "", "delete.nil", "",
	},
	{
		"assign to a nil map", Classic, Assign,
		"nil", "nil", "", "assign.nil", "",
	},
	{
		"clear of a nil map", Classic, Clear,
		"nil", "nil", "", "clear.nil", "",
	},
	{
		"delete from an empty map", Swiss, Delete,
		"new", "new", "", "delete.empty", "",
	},
	{
		"delete from an empty map with tombstones", Swiss, Delete,
		"table A cells 16 left 6\n xx xx xx xx xx xx xx xx\n ·· ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 6\n xx xx xx xx xx xx xx xx\n ·· ·· ·· ·· ·· ·· ·· ··",
		"", "delete.empty", "",
	},
	{
		"delete of a missing key", Swiss, Delete,
		"small\n 11 22 ·· ·· ·· ·· ·· ··",
		"small\n 11 22 ·· ·· ·· ·· ·· ··",
		"", "delete.absent", "",
	},
	{
		"small delete", Swiss, Delete,
		"small\n 11 22 33 44 55 66 77 01",
		"small\n 11 22 ·· 44 55 66 77 01",
		"swiss.delete.small", "swiss.delete.small", "",
	},
	{
		"small delete of the last entry", SwissSplit, Delete,
		"small\n seed 1\n ·· 22 ·· ·· ·· ·· ·· ··",
		"small\n seed 2\n ·· ·· ·· ·· ·· ·· ·· ··",
		"swiss.delete.small", "swiss.delete.small", "reseed",
	},
	{
		"small delete on a stack that moved", Swiss, Delete,
		"small\n 11 22 33 ·· ·· ·· ·· ··\n root 0x2000",
		"small\n 11 ·· 33 ·· ·· ·· ·· ··\n root 0x5000",
		"swiss.delete.small", "swiss.delete.small", "",
	},
	{
		"a small map never has tombstones", Swiss, Delete,
		"small\n 11 22 33 44 55 66 77 01",
		"small\n 11 22 xx 44 55 66 77 01",
		"?", "", "",
	},
	{
		"delete in a group with an empty cell", Swiss, Delete,
		"table A cells 16 left 5\n 11 22 33 44 55 66 77 01\n 02 ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 6\n 11 22 33 44 55 66 77 01\n ·· ·· ·· ·· ·· ·· ·· ··",
		"swiss.delete.group-has-empty", "swiss.delete.group-has-empty", "",
	},
	{
		"delete in a full group", Swiss, Delete,
		"table A cells 16 left 5\n 11 22 7c 44 55 66 77 01\n 02 ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 5\n possible 1\n 11 22 xx 44 55 66 77 01\n 02 ·· ·· ·· ·· ·· ·· ··",
		"swiss.delete.group-full", "swiss.delete.group-full", "",
	},
	{
		"a tombstone where the group has an empty cell", Swiss, Delete,
		"table A cells 16 left 5\n 11 22 7c 44 55 66 77 ··\n 02 ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 5\n 11 22 xx 44 55 66 77 ··\n 02 ·· ·· ·· ·· ·· ·· ··",
		"?", "", "",
	},
	{
		"an empty cell where the group has none", Swiss, Delete,
		"table A cells 16 left 5\n 11 22 7c 44 55 66 77 01\n 02 ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 6\n 11 22 ·· 44 55 66 77 01\n 02 ·· ·· ·· ·· ·· ·· ··",
		"?", "", "",
	},
	{
		"a tombstone whose room was given back", Swiss, Delete,
		"table A cells 16 left 5\n 11 22 7c 44 55 66 77 01\n 02 ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 6\n 11 22 xx 44 55 66 77 01\n 02 ·· ·· ·· ·· ·· ·· ··",
		"?", "", "",
	},
	{
		"two cells emptied by one delete", Swiss, Delete,
		"table A cells 16 left 5\n 11 22 7c 44 55 66 77 ··\n 02 ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 6\n 11 22 ·· 44 55 66 ·· ··\n 02 ·· ·· ·· ·· ·· ·· ··",
		"? ?", "", "",
	},
	{
		"first insert", Swiss, Assign,
		"new", "small\n 11 ·· ·· ·· ·· ·· ·· ··",
		"", "swiss.assign.first-group", "",
	},
	{
		"small insert", Swiss, Assign,
		"small\n 11 ·· 33 ·· ·· ·· ·· ··", "small\n 11 4e 33 ·· ·· ·· ·· ··",
		"swiss.assign.small", "swiss.assign.small", "",
	},
	{
		"small insert past an empty cell", Swiss, Assign,
		"small\n 11 ·· 33 ·· ·· ·· ·· ··", "small\n 11 ·· 33 4e ·· ·· ·· ··",
		"?", "", "",
	},
	{
		"update", Swiss, Assign,
		"small\n 11 ·· 33 ·· ·· ·· ·· ··", "small\n 11 ·· 33 ·· ·· ·· ·· ··",
		"", "assign.update", "",
	},
	{
		"insert into an empty cell", Swiss, Assign,
		"table A cells 16 left 5\n 11 22 7c 44 55 66 77 ··\n 02 ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 4\n 11 22 7c 44 55 66 77 21\n 02 ·· ·· ·· ·· ·· ·· ··",
		"swiss.assign.empty", "swiss.assign.empty", "",
	},
	{
		"insert into a tombstone", Swiss, Assign,
		"table A cells 16 left 5\n 11 xx 7c xx 55 66 77 00\n 02 ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 5\n 11 21 7c xx 55 66 77 00\n 02 ·· ·· ·· ·· ·· ·· ··",
		"swiss.assign.tombstone", "swiss.assign.tombstone", "",
	},
	{
		"insert into the second tombstone", Swiss, Assign,
		"table A cells 16 left 5\n 11 xx 7c xx 55 66 77 00\n 02 ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 5\n 11 xx 7c 21 55 66 77 00\n 02 ·· ·· ·· ·· ·· ·· ··",
		"?", "", "",
	},
	{
		"prune, then insert", Swiss, Assign,
		"table A cells 16 left 0\n 11 xx 7c xx 55 66 77 00\n 02 03 04 05 06 07 ·· ··",
		"table A cells 16 left 1\n 11 ·· 7c ·· 55 66 77 00\n 02 03 04 05 06 07 2a ··",
		"swiss.assign.prune swiss.assign.prune swiss.assign.empty", "swiss.assign.empty", "prune",
	},
	{
		"prune of one tombstone of two", Swiss, Assign,
		"table A cells 16 left 0\n 11 xx 7c xx 55 66 77 00\n 02 03 04 05 06 07 ·· ··",
		"table A cells 16 left 0\n 11 ·· 7c xx 55 66 77 00\n 02 03 04 05 06 07 2a ··",
		"? swiss.assign.empty", "swiss.assign.empty", "",
	},
	{
		"prune of less than a tenth", Swiss, Assign,
		"table A cells 32 left 0\n 11 xx 7c xx 55 66 77 00\n 02 03 04 05 06 07 ·· ··",
		"table A cells 32 left 1\n 11 ·· 7c ·· 55 66 77 00\n 02 03 04 05 06 07 2a ··",
		"? ? swiss.assign.empty", "swiss.assign.empty", "",
	},
	{
		"a full small map grows", Swiss, Assign,
		"small\n 11 22 33 44 55 66 77 01",
		"table A cells 16 left 5\n 11 22 77 55 44 ·· ·· ··\n 33 66 01 02 ·· ·· ·· ··",
		"", "swiss.assign.grow-small", "grow",
	},
	{
		"a full small map grows for an update", Swiss, Assign,
		"small\n 11 22 33 44 55 66 77 01",
		"table A cells 16 left 6\n 11 22 77 55 44 ·· ·· ··\n 33 66 01 ·· ·· ·· ·· ··",
		"", "swiss.assign.grow-small", "grow",
	},
	{
		"a table grows", Swiss, Assign,
		"table A cells 16 left 0\n 11 22 33 44 55 66 77 01\n 02 03 04 05 06 xx ·· ··",
		"table B cells 32 left 15\n 11 22 33 44 ·· ·· ·· ··\n 02 03 04 05 ·· ·· ·· ··\n 55 66 77 ·· ·· ·· ·· ··\n 01 06 2a ·· ·· ·· ·· ··",
		"", "swiss.assign.grow", "rehash grow",
	},
	{
		"a table splits", SwissSplit, Assign,
		"table A cells 16 left 0\n 11 22 33 44 55 66 77 01\n 02 03 04 05 06 07 ·· ··",
		"table B cells 16 left 8\n 11 22 33 ·· ·· ·· ·· ··\n 02 03 04 ·· ·· ·· ·· ··\ntable C cells 16 left 5\n 44 55 66 77 01 ·· ·· ··\n 05 06 07 2a ·· ·· ·· ··",
		"", "swiss.assign.split", "rehash split",
	},
	{
		"clear of a small map", Swiss, Clear,
		"small\n seed 1\n 11 ·· 33 ·· ·· ·· ·· ··", "small\n seed 2\n ·· ·· ·· ·· ·· ·· ·· ··",
		"swiss.clear.small swiss.clear.small", "swiss.clear.small", "reseed",
	},
	{
		"clear of a table", Swiss, Clear,
		"table A cells 16 left 6\n seed 1\n possible 1\n 11 xx xx xx xx xx xx xx\n 02 ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 14\n seed 2\n ·· ·· ·· ·· ·· ·· ·· ··\n ·· ·· ·· ·· ·· ·· ·· ··",
		"swiss.clear.full" + strings.Repeat(" swiss.clear.tombstone", 7) + " swiss.clear.full", "swiss.clear.full", "reseed",
	},
	{
		"clear of tombstones alone", Swiss, Clear,
		"table A cells 16 left 13\n seed 1\n possible 1\n ·· ·· ·· ·· ·· ·· ·· ··\n xx ·· ·· ·· ·· ·· ·· ··",
		"table A cells 16 left 14\n seed 2\n ·· ·· ·· ·· ·· ·· ·· ··\n ·· ·· ·· ·· ·· ·· ·· ··",
		"swiss.clear.tombstone", "swiss.clear.tombstone", "reseed",
	},
	{
		"clear of an empty map", Swiss, Clear,
		"small\n ·· ·· ·· ·· ·· ·· ·· ··", "small\n ·· ·· ·· ·· ·· ·· ·· ··",
		"", "clear.empty", "",
	},
	{
		"clear that leaves an entry", Swiss, Clear,
		"small\n 11 ·· 33 ·· ·· ·· ·· ··", "small\n ·· ·· 33 ·· ·· ·· ·· ··",
		"?", "", "",
	},

	{
		"classic delete before a full cell", Classic, Delete,
		"array P B 0\n 0 eb 2d f2 e8 da ·· ·· ··", "array P B 0\n 0 eb 2d 01 e8 da ·· ·· ··",
		"classic.delete.empty-one", "classic.delete.empty-one", "",
	},
	{
		"classic delete of the last", Classic, Delete,
		"array P B 0\n 0 eb 2d f2 e8 da ·· ·· ··", "array P B 0\n 0 eb 2d f2 e8 ·· ·· ·· ··",
		"classic.delete.empty-rest", "classic.delete.empty-rest", "",
	},
	{
		"classic delete walks back", Classic, Delete,
		"array P B 0\n 0 eb 01 f2 01 01 da ·· ··", "array P B 0\n 0 eb 01 f2 ·· ·· ·· ·· ··",
		"classic.delete.empty-rest-backwards classic.delete.empty-rest-backwards classic.delete.empty-rest", "classic.delete.empty-rest", "",
	},
	{
		"classic delete that stops walking back too early", Classic, Delete,
		"array P B 0\n 0 eb 01 f2 01 01 da ·· ··", "array P B 0\n 0 eb 01 f2 01 ·· ·· ·· ··",
		"? ?", "", "",
	},
	{
		"classic delete before an overflow bucket", Classic, Delete,
		"array P B 1\n 0 eb 2d f2 e8 da 37 24 f1\n 0+ 77 ·· ·· ·· ·· ·· ·· ··\n 1 99 ·· ·· ·· ·· ·· ·· ··",
		"array P B 1\n 0 eb 2d f2 e8 da 37 24 01\n 0+ 77 ·· ·· ·· ·· ·· ·· ··\n 1 99 ·· ·· ·· ·· ·· ·· ··",
		"classic.delete.empty-one", "classic.delete.empty-one", "",
	},
	{
		"classic delete walks back over buckets", Classic, Delete,
		"array P B 1\n 0 eb 2d f2 e8 da 37 24 01\n 0+ 77 ·· ·· ·· ·· ·· ·· ··\n 1 99 ·· ·· ·· ·· ·· ·· ··",
		"array P B 1\n 0 eb 2d f2 e8 da 37 24 ··\n 0+ ·· ·· ·· ·· ·· ·· ·· ··\n 1 99 ·· ·· ·· ·· ·· ·· ··",
		"classic.delete.empty-rest-backwards classic.delete.empty-rest", "classic.delete.empty-rest", "",
	},
	{
		"classic delete of the last entry", Classic, Delete,
		"array P B 0\n seed 1\n 0 eb ·· ·· ·· ·· ·· ·· ··", "array P B 0\n seed 2\n 0 ·· ·· ·· ·· ·· ·· ·· ··",
		"classic.delete.empty-rest", "classic.delete.empty-rest", "reseed",
	},
	{
		"classic delete on a stack that moved", Classic, Delete,
		"array P B 0\n 0 eb 2d f2 ·· ·· ·· ·· ··\n root 0x2000", "array P B 0\n 0 eb 01 f2 ·· ·· ·· ·· ··\n root 0x6000",
		"classic.delete.empty-one", "classic.delete.empty-one", "",
	},
	{
		"classic delete with the wrong mark", Classic, Delete,
		"array P B 0\n 0 eb 2d f2 ·· ·· ·· ·· ··", "array P B 0\n 0 eb ·· f2 ·· ·· ·· ·· ··",
		"?", "", "",
	},
	{
		"classic delete of a missing key evacuates", Classic, Delete,
		"array P B 2\n 0 ·· ·· ·· ·· ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··\n 2 ·· ·· ·· ·· ·· ·· ·· ··\n 3 ·· ·· ·· ·· ·· ·· ·· ··\n" +
			"old Q nevacuate 0\n 0 ab 01 7c 22 ·· ·· ·· ··\n 1 99 ·· ·· ·· ·· ·· ·· ··",
		"array P B 2\n 0 ab 22 ·· ·· ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··\n 2 7c ·· ·· ·· ·· ·· ·· ··\n 3 ·· ·· ·· ·· ·· ·· ·· ··\n" +
			"old Q nevacuate 1\n 0 02 04 03 02 04 04 04 04\n 1 99 ·· ·· ·· ·· ·· ·· ··\n used 4",
		"classic.evacuate.arrive classic.evacuate.arrive classic.evacuate.arrive classic.evacuate.x classic.evacuate.empty classic.evacuate.y classic.evacuate.x" +
			strings.Repeat(" classic.evacuate.empty", 4), "delete.absent", "evacuate",
	},
	{
		"classic delete of what has just arrived", Classic, Delete,
		"array P B 1\n 0 ·· ·· ·· ·· ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··\n" +
			"old Q\n 0 ab cd 7c 22 ·· ·· ·· ··",
		"array P B 1\n 0 ab 01 22 ·· ·· ·· ·· ··\n 1 7c ·· ·· ·· ·· ·· ·· ··",
		"classic.evacuate.arrive classic.delete.arrived classic.evacuate.arrive classic.evacuate.arrive", "classic.delete.arrived", "evacuate",
	},
	{
		"classic delete of what arrived last", Classic, Delete,
		"array P B 1\n 0 ·· ·· ·· ·· ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··\n" +
			"old Q\n 0 ab cd 7c 22 ·· ·· ·· ··",
		"array P B 1\n 0 ab cd ·· ·· ·· ·· ·· ··\n 1 7c ·· ·· ·· ·· ·· ·· ··",
		"classic.evacuate.arrive classic.evacuate.arrive classic.evacuate.arrive", "classic.delete.arrived", "evacuate",
	},
	{
		"classic entry that arrived out of order", Classic, Delete,
		"array P B 1\n 0 ·· ·· ·· ·· ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··\n" +
			"old Q\n 0 ab cd 7c 22 ·· ·· ·· ··",
		"array P B 1\n 0 cd ab 22 ·· ·· ·· ·· ··\n 1 7c ·· ·· ·· ·· ·· ·· ··",
		"? ? ? ?", "delete.absent", "evacuate",
	},
	{
		"classic first insert", Classic, Assign,
		"new", "array P B 0\n 0 ab ·· ·· ·· ·· ·· ·· ··",
		"", "classic.assign.first-bucket", "",
	},
	{
		"classic insert at the end", Classic, Assign,
		"array P B 0\n 0 eb 2d ·· ·· ·· ·· ·· ··", "array P B 0\n 0 eb 2d ab ·· ·· ·· ·· ··",
		"classic.assign.empty-rest", "classic.assign.empty-rest", "",
	},
	{
		"classic insert into a hole", Classic, Assign,
		"array P B 0\n 0 eb 01 2d 01 33 ·· ·· ··", "array P B 0\n 0 eb ab 2d 01 33 ·· ·· ··",
		"classic.assign.empty-one", "classic.assign.empty-one", "",
	},
	{
		"classic insert past a hole", Classic, Assign,
		"array P B 0\n 0 eb 01 2d 01 33 ·· ·· ··", "array P B 0\n 0 eb 01 2d ab 33 ·· ·· ··",
		"?", "", "",
	},
	{
		"classic insert into a new overflow bucket", Classic, Assign,
		"array P B 1\n 0 eb 2d f2 e8 da 37 24 f1\n 1 99 ·· ·· ·· ·· ·· ·· ··",
		"array P B 1\n 0 eb 2d f2 e8 da 37 24 f1\n 0+ ab ·· ·· ·· ·· ·· ·· ··\n 1 99 ·· ·· ·· ·· ·· ·· ··",
		"", "classic.assign.overflow", "",
	},
	{
		"classic growth", Classic, Assign,
		"array P B 1\n 0 eb 2d f2 e8 da 37 24 f1\n 1 99 98 97 96 95 ·· ·· ··",
		"array R B 2\n 0 eb 2d e8 da ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··\n 2 f2 37 24 f1 ab ·· ·· ··\n 3 ·· ·· ·· ·· ·· ·· ·· ··\n" +
			"old P nevacuate 1\n 0 02 02 03 02 02 03 03 03\n 1 99 98 97 96 95 ·· ·· ··\n used 14",
		"classic.evacuate.x classic.evacuate.x classic.evacuate.y classic.evacuate.x classic.evacuate.x classic.evacuate.y classic.evacuate.y classic.evacuate.y",
		"classic.assign.grow", "grow evacuate",
	},
	{
		"classic growth to as many buckets", Classic, Assign,
		"array P B 1 noverflow 2\n 0 eb 01 01 01 01 01 01 01\n 0+ 7e ·· ·· ·· ·· ·· ·· ··\n 1 99 01 01 01 01 01 01 01\n 1+ 7d ·· ·· ·· ·· ·· ·· ··",
		"array R B 1 flags 8\n 0 eb 7e ab ·· ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··\n" +
			"old P nevacuate 1\n 0 02 04 04 04 04 04 04 04\n 0+ 02 04 04 04 04 04 04 04\n 1 99 01 01 01 01 01 01 01\n 1+ 7d ·· ·· ·· ·· ·· ·· ··\n used 5",
		"classic.evacuate.x" + strings.Repeat(" classic.evacuate.empty", 7) + " classic.evacuate.x" + strings.Repeat(" classic.evacuate.empty", 7),
		"classic.assign.same-size-grow", "same-size-grow evacuate",
	},
	{
		"classic clear", Classic, Clear,
		"array P B 1\n seed 1\n 0 eb 01 2d ·· ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··", "array P B 1\n seed 2\n 0 ·· ·· ·· ·· ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··",
		"classic.clear classic.clear classic.clear", "classic.clear", "reseed",
	},
	{
		"classic clear while growing", Classic, Clear,
		"array P B 1\n seed 1\n 0 eb ·· ·· ·· ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··\nold Q\n 0 02 04 04 04 04 04 04 04",
		"array P B 1\n seed 2\n 0 ·· ·· ·· ·· ·· ·· ·· ··\n 1 ·· ·· ·· ·· ·· ·· ·· ··",
		"classic.clear", "classic.clear", "reseed",
	},
}

// wrong is what a change without a rule is called in the table above.
const wrong = "?"

func TestCompare(t *testing.T) {
	var golden strings.Builder
	fired := map[string]bool{}
	for _, c := range comparisons {
		t.Run(c.name, func(t *testing.T) {
			l := classicLayout()
			if c.kind != Classic {
				l = swissLayout(c.kind == SwissSplit)
			}
			before, after := draw(t, l, c.before), draw(t, l, c.after)
			d := Compare(c.op, before, after)
			var rules []string
			unexplained := 0
			for _, ch := range d.Changes {
				rule := ch.Rule
				if rule == "" {
					rule = wrong
					unexplained++
				} else if _, ok := RuleNamed(rule); !ok {
					t.Errorf("%s is not in Rules", rule)
				}
				fired[rule] = true
				rules = append(rules, rule)
			}
			fired[d.Rule] = true
			var events []string
			for _, e := range d.Events {
				events = append(events, string(e))
			}
			if !slices.Equal(rules, strings.Fields(c.rules)) {
				t.Errorf("rules %v, want %v", rules, c.rules)
			}
			if d.Rule != c.rule || strings.Join(events, " ") != c.events || d.Unexplained != unexplained {
				t.Errorf("op's rule %q, events %v, unexplained %d; want %q, %q, %d", d.Rule, events, d.Unexplained, c.rule, c.events, unexplained)
			}
			fmt.Fprintf(&golden, "%s (%s %s)\n%s    becomes\n%s", c.name, c.kind, c.op, picture(before, "  "), picture(after, "  "))
			fmt.Fprintf(&golden, "  rule  %s\n  why   %s\n\n", d.Rule, d.Why)
		})
	}
	for _, r := range Rules() {
		if !fired[r.Name] {
			t.Errorf("%s is in no case", r.Name)
		}
	}
	sameAsGolden(t, "why.golden", golden.String())
}

func sameAsGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as it was (go test -update writes it anew):\n%s", path, got)
	}
}

// TestCompareUnread compares moments of which not all was read: what was not
// seen is not explained, and not invented.
func TestCompareUnread(t *testing.T) {
	for _, kind := range []LayoutKind{Classic, Swiss} {
		l, before, after := classicLayout(), "array P B 0\n 0 eb 2d ·· ·· ·· ·· ·· ··", "array P B 0\n 0 eb ·· ·· ·· ·· ·· ·· ··"
		if kind == Swiss {
			l, before, after = swissLayout(false), "small\n 11 22 ·· ·· ·· ·· ·· ··", "small\n 11 ·· ·· ·· ·· ·· ·· ··"
		}
		for i := range 2 {
			ms := [2]*Map{draw(t, l, before), draw(t, l, after)}
			ms[i].Rows[0] = Row{Where: ms[i].Rows[0].Where, Addr: ms[i].Rows[0].Addr}
			d := Compare(Delete, ms[0], ms[1])
			if len(d.Changes) > 0 || d.Unexplained != 1 || d.Rule != "" || !d.Found || !strings.Contains(d.Why, "Not explained") {
				t.Errorf("%s: %+v", kind, d)
			}
		}
	}
	s := draw(t, swissLayout(false), "small\n 11 22 ·· ·· ·· ·· ·· ··")
	for _, d := range []*Delta{Compare(Delete, nil, s), Compare(Delete, s, nil), Compare(Assign, nil, nil), Compare(Delete, s, &Map{Layout: s.Layout})} {
		if d.Why == "" || d.FoundKnown || d.Rule != "" {
			t.Errorf("%+v", d)
		}
	}
	c := draw(t, classicLayout(), "array P B 0\n 0 eb 2d ·· ·· ·· ·· ·· ··")
	if d := Compare(Delete, s, c); d.Rule != "" || d.Why == "" {
		t.Errorf("%+v", d)
	}
}
