/**
 * How much room a pool is given when it is full: twice as much while that is little to copy, then far more at once.
 *
 * Memory that was never written to is addresses and no pages, so that room for a pool's whole life costs nothing; a pool
 * that is copied again and again costs a pause each time, and as much memory again until the old copy is collected
 * (docs/decisions/0121-growth-without-a-pause.md). Not for rings, which come by every row in turn.
 */

/** Up to here a copy is a matter of a few milliseconds. */
const LITTLE_BYTES = 8 * 1024 * 1024;
const AMPLE_BYTES = 512 * 1024 * 1024;

/**
 * Makes the memory that takes a full pool's place: `make` is given how many rows, of so many bytes each, it is to have room
 * for, a power of two times what there are. Where so many addresses are not to be had it is twice as many rows.
 */
export function withMoreRoom<T>(rows: number, bytesEach: number, make: (rows: number) => T): T {
  if (rows * bytesEach >= LITTLE_BYTES && rows * bytesEach < AMPLE_BYTES) {
    try {
      return make(rows * 2 ** Math.ceil(Math.log2(AMPLE_BYTES / (rows * bytesEach))));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return make(rows * 2);
}
