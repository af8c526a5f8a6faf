/**
 * Numbers in as few bytes as they need, written and read in the same order: what packed connections are made of.
 *
 * Integers stand seven bits a byte, the lowest first; differences with their sign in the lowest bit, so that a small
 * one of either sign is short. A double is written as its difference from another where that is exact, else whole.
 */

/** Most bytes of each kind. */
export const MOST_INTEGER_BYTES = 5;
export const MOST_NUMBER_BYTES = 9;

/** First byte of a double: NaN; eight bytes that follow; from here on a difference. */
const TOKEN_NAN = 0;
const TOKEN_WHOLE = 1;
const FIRST_DIFFERENCE = 2;
/** Twice a difference and its token stay exact integers below this. */
const MOST_DIFFERENCE = 2 ** 51;
const LEAST_UNEVEN = 2 ** 31;

/** Bytes as text, one character a byte. At most some thousand: they become arguments. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  // A typed array is spread by its iterator, which takes several times as long.
  return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
}

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

export class ByteCursor {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  putByte(value: number): void {
    this.bytes[this.at++] = value;
  }

  takeByte(): number {
    return this.bytes[this.at++]!;
  }

  /** All 32 bits, for what has no small values: addresses. */
  putWord(value: number): void {
    const { bytes } = this;
    bytes[this.at++] = value;
    bytes[this.at++] = value >> 8;
    bytes[this.at++] = value >> 16;
    bytes[this.at++] = value >> 24;
  }

  takeWord(): number {
    const { bytes, at } = this;
    this.at = at + 4;
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }

  /** A 32-bit integer as its difference, modulo 2^32, from `reference`. */
  putInteger(value: number, reference: number): void {
    const difference = (value - reference) | 0;
    let rest = ((difference << 1) ^ (difference >> 31)) >>> 0;
    const { bytes } = this;
    while (rest > 127) {
      bytes[this.at++] = rest | 128;
      rest >>>= 7;
    }
    bytes[this.at++] = rest;
  }

  takeInteger(reference: number): number {
    const { bytes } = this;
    let folded = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[this.at++]!;
      folded |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    return (reference + ((folded >>> 1) ^ -(folded & 1))) | 0;
  }

  /** Any double, NaN and -0 included, as its difference from `reference` (0 where that is NaN). */
  putNumber(value: number, reference: number): void {
    if (value !== value) {
      this.bytes[this.at++] = TOKEN_NAN;
      return;
    }
    const base = reference === reference ? reference : 0;
    const difference = value - base;
    const isExact =
      difference < MOST_DIFFERENCE &&
      difference > -MOST_DIFFERENCE &&
      Math.floor(difference) === difference &&
      Object.is(base + difference, value);
    if (!isExact) {
      this.bytes[this.at++] = TOKEN_WHOLE;
      double[0] = value;
      for (let i = 0; i < 8; i++) this.bytes[this.at++] = doubleBytes[i]!;
      return;
    }
    this.#putUnsigned((difference < 0 ? -2 * difference - 1 : 2 * difference) + FIRST_DIFFERENCE);
  }

  takeNumber(reference: number): number {
    const token = this.#takeUnsigned();
    if (token === TOKEN_NAN) return Number.NaN;
    if (token === TOKEN_WHOLE) {
      for (let i = 0; i < 8; i++) doubleBytes[i] = this.bytes[this.at++]!;
      return double[0]!;
    }
    const folded = token - FIRST_DIFFERENCE;
    const base = reference === reference ? reference : 0;
    return base + (folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2);
  }

  /** An integer from 0 to 2^53. */
  #putUnsigned(value: number): void {
    const { bytes } = this;
    let rest = value;
    while (rest >= LEAST_UNEVEN) {
      bytes[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      bytes[this.at++] = rest | 128;
      rest >>>= 7;
    }
    bytes[this.at++] = rest;
  }

  #takeUnsigned(): number {
    const { bytes } = this;
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[this.at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }
}
