/**
 * Buffers in which rows of numbers lie side by side: so many words a row in each, integers and doubles apart.
 *
 * Columns are views into them that begin at a word of the first row (`subarray`), so that a row's index serves for all.
 * Make an object of columns with Object.fromEntries: assigning by computed name makes V8's dictionaries, 7 times slower.
 */
export class ColumnMemory {
  readonly ints: readonly Int32Array[];
  readonly wides: readonly Float64Array[];
  /** The doubles as 32-bit halves: copied so, no bit of them can change. */
  readonly #halves: readonly Int32Array[];
  readonly #stride: number;

  /** Room for `rows` rows of `stride` words in each buffer; takes over what `previous`, of the same shape, holds. */
  constructor(
    stride: number,
    intBuffers: number,
    wideBuffers: number,
    rows: number,
    previous?: ColumnMemory,
  ) {
    this.#stride = stride;
    this.ints = Array.from({ length: intBuffers }, () => new Int32Array(rows * stride));
    this.wides = Array.from({ length: wideBuffers }, () => new Float64Array(rows * stride));
    this.#halves = this.wides.map((buffer) => new Int32Array(buffer.buffer));
    previous?.ints.forEach((buffer, i) => {
      this.ints[i]!.set(buffer);
    });
    previous?.wides.forEach((buffer, i) => {
      this.wides[i]!.set(buffer);
    });
  }

  /** 32-bit words of `rows` rows in all buffers. */
  wordsOf(rows: number): number {
    return rows * this.#stride * (this.ints.length + 2 * this.wides.length);
  }

  /** Copies `rows` rows of every buffer into `words`, as they lie in memory. */
  copyOut(row: number, rows: number, words: Int32Array, start: number): void {
    const size = rows * this.#stride;
    let at = start;
    for (const ints of this.ints) {
      for (let word = 0; word < size; word++) words[at + word] = ints[row + word]!;
      at += size;
    }
    for (const halves of this.#halves) {
      for (let word = 0; word < 2 * size; word++) words[at + word] = halves[2 * row + word]!;
      at += 2 * size;
    }
  }

  /** Copies back what `copyOut` wrote. */
  copyIn(row: number, rows: number, words: Int32Array, start: number): void {
    const size = rows * this.#stride;
    let at = start;
    for (const ints of this.ints) {
      for (let word = 0; word < size; word++) ints[row + word] = words[at + word]!;
      at += size;
    }
    for (const halves of this.#halves) {
      for (let word = 0; word < 2 * size; word++) halves[2 * row + word] = words[at + word]!;
      at += 2 * size;
    }
  }

  /** Makes every word of a row 0. */
  clear(row: number): void {
    for (const buffer of this.ints) buffer.fill(0, row, row + this.#stride);
    for (const buffer of this.wides) buffer.fill(0, row, row + this.#stride);
  }
}
