package file

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

	// maxRead is the most bytes of memory in one record, and maxSpans the most
	// regions. A larger read becomes several records.
	maxRead  = 32 << 20
	maxSpans = 1 << 18
	// maxMoment is the most bytes of memory of one map at one moment, and
	// maxMomentSpans the most regions: a Swiss map of 7 to 14 million entries of 16
	// bytes, by how full it is. A reader needs a few times that, to show such a
	// moment. What is more is left out (record 5).
	maxMoment      = 256 << 20
	maxMomentSpans = 1 << 20
	// maxRaw is the most bytes of records of a block. The next are the most that
	// a block may hold of what takes more room in memory than in the file; a
	// block is cut before it comes to half of them.
	maxRaw         = 64 << 20
	maxBlockOps    = 2 * blockOpsMost
	maxBlockEnds   = 1 << 15
	maxBlockReads  = 1 << 17
	maxBlockSpans  = 1 << 20
	maxBlockFrames = 1 << 18
	maxBlockText   = 16 << 20
	maxBlockTexts  = 1 << 18
	// maxMeta is the most bytes of a digest, uncompressed, and maxMetas of all.
	maxMeta  = 1 << 20
	maxMetas = 128 << 20
	// maxTouched is from how many bytes on a digest says of each op that it touches
	// all of its map: some hundred ops of large maps that grow.
	maxTouched = 512 << 10
	// maxParts is the most parts of a block.
	maxParts = 1 << 15
	// maxFacts is the most bytes of facts of a file, uncompressed, maxFactCount
	// how many there may be, maxFact the most bytes of one, and maxSource how much
	// of the facts may be source.
	maxFacts     = 16 << 20
	maxFactCount = 1 << 17
	maxFact      = 1 << 20
	maxSource    = 8 << 20
	// maxIndex is the most bytes of an index, uncompressed. Longer ones are not
	// written.
	maxIndex = 64 << 20
	// maxText is the most bytes of any one text; longer ones are cut.
	maxText = 64 << 10
	// maxFrames is the most frames of a stack.
	maxFrames = 4096
	// maxOutput is how much of the target's output a file keeps, and
	// tailOutput how much of it is held in memory.
	maxOutput      = 64 << 20
	tailOutput     = 1 << 20
	maxOutputFrame = 1 << 20
	// maxPending is the most ops in progress at once, maxOthers the most that
	// are read of or end in another block than they began in, and maxMaps how
	// many maps are listed.
	maxPending = 1 << 16
	maxOthers  = 1 << 19
	maxMaps    = 1 << 20
	// maxNumber is the most that an ID or seq may be.
	maxNumber = 1 << 48
	// maxBlocks is the most blocks of a file.
	maxBlocks = 1 << 22
	// cacheBytes is how many bytes of decoded blocks are held for readers.
	cacheBytes = 8 << 20
)
