/**
 * Buffers in which rows of numbers lie side by side: so many words a row in each, integers and doubles apart.
 *
 * Columns are views into them that begin at a word of the first row (`subarray`), so that a row's index serves for all.
 * Make an object of columns with Object.fromEntries: assigning by computed name makes V8's dictionaries, 7 times slower.
 */
export class ColumnMemory {
  readonly ints: readonly Int32Array[];
  readonly wides: readonly Float64Array[];
  readonly stride: number;

  /** Room for `rows` rows of `stride` words in each buffer; takes over what `previous`, of the same shape, holds. */
  constructor(
    stride: number,
    intBuffers: number,
    wideBuffers: number,
    rows: number,
    previous?: ColumnMemory,
  ) {
    this.stride = stride;
    this.ints = Array.from({ length: intBuffers }, () => new Int32Array(rows * stride));
    this.wides = Array.from({ length: wideBuffers }, () => new Float64Array(rows * stride));
    previous?.ints.forEach((buffer, i) => {
      this.ints[i]!.set(buffer);
    });
    previous?.wides.forEach((buffer, i) => {
      this.wides[i]!.set(buffer);
    });
  }

  /** Copies the words of `rows` rows into arrays that take them buffer after buffer, from row `place` · `rows` on. */
  copyOut(row: number, rows: number, ints: Int32Array, wides: Float64Array, place: number): void {
    const size = rows * this.stride;
    let at = place * size * this.ints.length;
    for (const buffer of this.ints) {
      for (let word = 0; word < size; word++) ints[at + word] = buffer[row + word]!;
      at += size;
    }
    at = place * size * this.wides.length;
    for (const buffer of this.wides) {
      for (let word = 0; word < size; word++) wides[at + word] = buffer[row + word]!;
      at += size;
    }
  }

  /** Copies back what `copyOut` wrote. */
  copyIn(row: number, rows: number, ints: Int32Array, wides: Float64Array, place: number): void {
    const size = rows * this.stride;
    let at = place * size * this.ints.length;
    for (const buffer of this.ints) {
      for (let word = 0; word < size; word++) buffer[row + word] = ints[at + word]!;
      at += size;
    }
    at = place * size * this.wides.length;
    for (const buffer of this.wides) {
      for (let word = 0; word < size; word++) buffer[row + word] = wides[at + word]!;
      at += size;
    }
  }

  /** Makes every word of a row 0. */
  clear(row: number): void {
    for (const buffer of this.ints) buffer.fill(0, row, row + this.stride);
    for (const buffer of this.wides) buffer.fill(0, row, row + this.stride);
  }
}
