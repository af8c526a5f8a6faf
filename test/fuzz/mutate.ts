/** Changes inputs by chance, from a seed: bits, bytes and numbers that are often at an edge, pieces left out, doubled, taken from others. */

const EDGES = [
  0, 1, 2, 4, 7, 8, 15, 16, 20, 40, 60, 64, 127, 128, 255, 256, 1500, 0x7fff, 0x8000, 0xffff, 0x10000,
  0x7fffffff, 0x80000000, 0xffffffff,
];

/** Numbers by chance, the same from the same seed (xorshift32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** A whole number below `below`. */
  next(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % Math.max(1, below);
  }

  of<T>(list: readonly T[]): T {
    return list[this.next(list.length)]!;
  }
}

/** `input` with one to eight changes; pieces of `other` may stand in it. */
export function mutated(input: Uint8Array, other: Uint8Array, chance: Chance, most = 65_536): Uint8Array {
  let bytes: Uint8Array = input.slice();
  for (let changes = 1 + chance.next(8); changes > 0; changes--) bytes = changed(bytes, other, chance);
  return bytes.length > most ? bytes.slice(0, most) : bytes;
}

function changed(bytes: Uint8Array, other: Uint8Array, chance: Chance): Uint8Array {
  const at = chance.next(bytes.length);
  const length = 1 + chance.next(chance.next(4) === 0 ? 512 : 16);
  switch (chance.next(9)) {
    case 0:
      bytes[at]! ^= 1 << chance.next(8);
      return bytes;
    case 1:
      bytes[at] = chance.next(256);
      return bytes;
    case 2:
      return withNumber(bytes, at, chance.of(EDGES), chance);
    case 3:
      return withNumber(bytes, at, bytes.length - at + chance.next(9) - 4, chance);
    case 4:
      return bytes.slice(0, at);
    case 5:
      return spliced(bytes, at, length, new Uint8Array(0));
    case 6:
      return spliced(bytes, at, 0, bytes.slice(at, at + length));
    case 7: {
      const from = chance.next(other.length);
      return spliced(bytes, at, chance.next(2) * length, other.slice(from, from + length));
    }
    default:
      bytes.fill(chance.of([0, 0xff, 0x80, 0x7f]), at, at + length);
      return bytes;
  }
}

/** A number of one, two or four bytes, in either order. */
function withNumber(bytes: Uint8Array, at: number, value: number, chance: Chance): Uint8Array {
  const size = chance.of([1, 2, 4]);
  const isLittle = chance.next(2) === 1;
  for (let i = 0; i < size && at + i < bytes.length; i++)
    bytes[at + i] = (value >>> (8 * (isLittle ? i : size - 1 - i))) & 255;
  return bytes;
}

function spliced(bytes: Uint8Array, at: number, without: number, piece: Uint8Array): Uint8Array {
  const result = new Uint8Array(
    Math.max(0, bytes.length - Math.min(without, bytes.length - at)) + piece.length,
  );
  result.set(bytes.subarray(0, at));
  result.set(piece, at);
  result.set(bytes.subarray(Math.min(bytes.length, at + without)), at + piece.length);
  return result;
}
