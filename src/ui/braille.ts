/**
 * A canvas of characters: two by four points each in braille (U+2800), and one by two where only ASCII is shown.
 *
 * Several curves share a cell: its points are all of theirs, its tone that of the curve that was drawn last.
 */
import type { Span } from "./spans.js";
import type { Tone } from "./theme.js";

/** Bits of a braille character by column and row. */
const BITS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
/** Of an ASCII cell: nothing, the upper half, the lower half, both. */
const HALVES = [" ", "'", ".", ":"] as const;

export class Canvas {
  /** Points in each direction. */
  readonly width: number;
  readonly height: number;
  readonly #columns: number;
  readonly #isAscii: boolean;
  readonly #bits: Uint8Array;
  readonly #tones: (Tone | undefined)[];
  readonly #letters: (string | undefined)[];

  /** So many characters wide and high. */
  constructor(columns: number, rows: number, isAscii: boolean) {
    this.#columns = columns;
    this.#isAscii = isAscii;
    this.width = columns * (isAscii ? 1 : 2);
    this.height = rows * (isAscii ? 2 : 4);
    this.#bits = new Uint8Array(columns * rows);
    this.#tones = new Array<undefined>(columns * rows);
    this.#letters = new Array<undefined>(columns * rows);
  }

  /** Sets a point; `y` counts from below. Outside of the canvas nothing is drawn. */
  point(x: number, y: number, tone: Tone): void {
    const cell = this.#cellOf(x, y);
    if (cell < 0) return;
    const down = this.height - 1 - y;
    this.#bits[cell]! |= this.#isAscii ? 1 << (down % 2) : BITS[x % 2]![down % 4]!;
    this.#tones[cell] = tone;
  }

  /** A vertical stroke, both ends counted in. */
  stroke(x: number, from: number, to: number, tone: Tone): void {
    for (let y = Math.min(from, to); y <= Math.max(from, to); y++) this.point(x, y, tone);
  }

  /** Level from the last point to this one, then up or down to it: a value that holds until it changes. */
  step(from: readonly [x: number, y: number], to: readonly [x: number, y: number], tone: Tone): void {
    for (let x = from[0]; x <= to[0]; x++) this.point(x, from[1], tone);
    this.stroke(to[0], from[1], to[1], tone);
  }

  /** Puts a letter over the cell of a point. */
  letter(x: number, y: number, letter: string, tone: Tone): void {
    const cell = this.#cellOf(x, y);
    if (cell < 0) return;
    this.#letters[cell] = letter;
    this.#tones[cell] = tone;
  }

  /** The lines from above, in pieces of one tone. */
  lines(): Span[][] {
    const lines: Span[][] = [];
    for (let start = 0; start < this.#bits.length; start += this.#columns) {
      const line: { text: string; tone: Tone }[] = [];
      for (let cell = start; cell < start + this.#columns; cell++) {
        const tone = this.#tones[cell] ?? "plain";
        const last = line.at(-1);
        if (last?.tone === tone) last.text += this.#character(cell);
        else line.push({ text: this.#character(cell), tone });
      }
      lines.push(line);
    }
    return lines;
  }

  #character(cell: number): string {
    const bits = this.#bits[cell]!;
    return (
      this.#letters[cell] ??
      (this.#isAscii ? HALVES[bits]! : bits === 0 ? " " : String.fromCharCode(0x2800 + bits))
    );
  }

  #cellOf(x: number, y: number): number {
    if (!(x >= 0 && x < this.width && y >= 0 && y < this.height)) return -1;
    const down = this.height - 1 - y;
    const [across, below] = this.#isAscii ? [x, down >> 1] : [x >> 1, down >> 2];
    return below * this.#columns + across;
  }
}
