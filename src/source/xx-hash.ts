/**
 * xxHash with 32 bits, seed 0, over bytes that come in pieces: the checksum of the LZ4 frame format.
 */

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
const STRIPE_BYTES = 16;

export class XxHash32 {
  private a = (PRIME_1 + PRIME_2) | 0;
  private b = PRIME_2 | 0;
  private c = 0;
  private d = -PRIME_1 | 0;
  private total = 0;
  private readonly rest = new Uint8Array(STRIPE_BYTES);
  private held = 0;

  /** Takes more bytes; returns itself. */
  update(bytes: Uint8Array): this {
    this.total += bytes.length;
    let position = 0;
    if (this.held > 0) {
      position = Math.min(STRIPE_BYTES - this.held, bytes.length);
      this.rest.set(bytes.subarray(0, position), this.held);
      this.held += position;
      if (this.held < STRIPE_BYTES) return this;
      this.takeStripes(this.rest, 0, STRIPE_BYTES);
      this.held = 0;
    }
    const end = position + Math.floor((bytes.length - position) / STRIPE_BYTES) * STRIPE_BYTES;
    this.takeStripes(bytes, position, end);
    this.rest.set(bytes.subarray(end));
    this.held = bytes.length - end;
    return this;
  }

  /** The hash of all bytes so far, as an unsigned 32-bit number. */
  digest(): number {
    let hash =
      this.total < STRIPE_BYTES
        ? PRIME_5 | 0
        : (rotate(this.a, 1) + rotate(this.b, 7) + rotate(this.c, 12) + rotate(this.d, 18)) | 0;
    hash = (hash + this.total) | 0;
    let position = 0;
    for (; position + 4 <= this.held; position += 4) {
      hash = (hash + Math.imul(wordAt(this.rest, position), PRIME_3)) | 0;
      hash = Math.imul(rotate(hash, 17), PRIME_4);
    }
    for (; position < this.held; position++) {
      hash = (hash + Math.imul(this.rest[position]!, PRIME_5)) | 0;
      hash = Math.imul(rotate(hash, 11), PRIME_1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
    hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  private takeStripes(bytes: Uint8Array, from: number, to: number): void {
    let { a, b, c, d } = this;
    for (let position = from; position < to; position += STRIPE_BYTES) {
      a = round(a, wordAt(bytes, position));
      b = round(b, wordAt(bytes, position + 4));
      c = round(c, wordAt(bytes, position + 8));
      d = round(d, wordAt(bytes, position + 12));
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }
}

function round(lane: number, word: number): number {
  return Math.imul(rotate((lane + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function wordAt(bytes: Uint8Array, position: number): number {
  return (
    bytes[position]! |
    (bytes[position + 1]! << 8) |
    (bytes[position + 2]! << 16) |
    (bytes[position + 3]! << 24)
  );
}
