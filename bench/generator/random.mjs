/**
 * A small seeded source of numbers (the published sfc32 recurrence on 32-bit integers): the same seed gives the
 * same trace on every machine. Nothing here reads a clock or Math.random().
 */

/** Gives uniformly distributed 32-bit integers from a seed. */
export class Random {
  /** @param {number} seed any integer; its low 32 bits are used */
  constructor(seed) {
    this.a = 0x9e3779b9 | 0;
    this.b = 0x243f6a88 | 0;
    this.c = seed | 0;
    this.counter = 1;
    // The first results still show the seed's pattern.
    for (let i = 0; i < 16; i++) this.next();
  }

  /** @returns {number} the next integer, 0 to 2^32 - 1 */
  next() {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /**
   * @param {number} limit 1 to 2^32
   * @returns {number} an integer from 0 to limit - 1
   */
  below(limit) {
    return Math.floor((this.next() / 4294967296) * limit);
  }

  /**
   * @param {readonly [number, number]} range smallest and largest integer wanted
   * @returns {number} an integer of the range, both ends included
   */
  within(range) {
    return range[0] + this.below(range[1] - range[0] + 1);
  }

  /**
   * @param {number} probability 0 to 1
   * @returns {boolean} true with that probability
   */
  chance(probability) {
    return this.next() < probability * 4294967296;
  }
}
