package trace

// Bounds of the format. A recording may come from a stranger, so nothing is
// allocated by a number in a file before it is held against these.
const (
	// A block is cut after so many ops, or so many bytes of records. Memory
	// written whole does not count to the latter as long as it is most of the
	// block: a large map would fill a block with every op otherwise.
	blockOps   = 256
	blockBytes = 256 << 10
	// blockOpsMost is the limit of ops for a block of a large map.
	blockOpsMost = 4096

	// maxRead is the most bytes of memory of one Read, and of one moment.
	maxRead = 32 << 20
	// maxRaw is the most bytes of records of a block.
	maxRaw = 64 << 20
	// maxMeta is the most bytes of a digest, uncompressed.
	maxMeta = 4 << 20
	// maxFacts is the most bytes of facts of a file, uncompressed; an index
	// has the same bound.
	maxFacts = 64 << 20
	// maxText is the most bytes of any one text; longer ones are cut.
	maxText = 64 << 10
	// maxFrames is the most frames of a stack.
	maxFrames = 4096
	// maxOutput is how much of the target's output a file keeps, and
	// tailOutput how much of it is held in memory.
	maxOutput  = 64 << 20
	tailOutput = 1 << 20
	// maxNumber is the most that an ID or seq may be.
	maxNumber = 1 << 48
	// maxBlocks is the most blocks of a file.
	maxBlocks = 1 << 22
	// cacheBytes is how many bytes of decoded blocks are held for readers.
	cacheBytes = 8 << 20
)
