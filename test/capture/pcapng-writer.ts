/**
 * Writes pcapng files for the tests, block by block from the format's description. It shares no code with the reader.
 */

export interface Option {
  readonly code: number;
  readonly value: Uint8Array | string;
}

/** Collects blocks; the byte order may change with every section. */
export class PcapngWriter {
  private readonly blocks: Uint8Array[] = [];
  private isLittle = true;

  section(isBigEndian = false, options: readonly Option[] = []): this {
    this.isLittle = !isBigEndian;
    const head = new Uint8Array(16);
    const view = new DataView(head.buffer);
    view.setUint32(0, 0x1a2b3c4d, this.isLittle);
    view.setUint16(4, 1, this.isLittle);
    view.setBigInt64(8, -1n, this.isLittle);
    return this.block(0x0a0d0d0a, head, this.options(options));
  }

  interface(linkType: number, snapLength = 0, options: readonly Option[] = []): this {
    const head = new Uint8Array(8);
    const view = new DataView(head.buffer);
    view.setUint16(0, linkType, this.isLittle);
    view.setUint32(4, snapLength, this.isLittle);
    return this.block(1, head, this.options(options));
  }

  enhanced(
    interfaceIndex: number,
    time: bigint,
    data: Uint8Array,
    original = data.length,
    options: readonly Option[] = [],
  ): this {
    return this.block(
      6,
      this.packetHead(interfaceIndex, time, data.length, original),
      padded(data),
      this.options(options),
    );
  }

  obsolete(
    interfaceIndex: number,
    drops: number,
    time: bigint,
    data: Uint8Array,
    original = data.length,
  ): this {
    const head = this.packetHead(0, time, data.length, original);
    const view = new DataView(head.buffer);
    view.setUint16(0, interfaceIndex, this.isLittle);
    view.setUint16(2, drops, this.isLittle);
    return this.block(2, head, padded(data));
  }

  simple(data: Uint8Array, original = data.length): this {
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, original, this.isLittle);
    return this.block(3, head, padded(data));
  }

  statistics(interfaceIndex: number, counters: readonly { code: number; count: bigint }[]): this {
    const head = new Uint8Array(12);
    new DataView(head.buffer).setUint32(0, interfaceIndex, this.isLittle);
    return this.block(
      5,
      head,
      this.options(counters.map(({ code, count }) => ({ code, value: this.word(count) }))),
    );
  }

  names(records: readonly { address: readonly number[]; name: string }[]): this {
    const options = records.map(({ address, name }) => ({
      code: address.length === 4 ? 1 : 2,
      value: Uint8Array.from([...address, ...new TextEncoder().encode(name), 0]),
    }));
    return this.block(4, this.options(options));
  }

  /** Any block; `parts` must come to a multiple of four bytes unless `length` is given to say something else. */
  block(type: number, ...parts: readonly Uint8Array[]): this {
    const body = parts.reduce((sum, part) => sum + part.length, 0);
    const bytes = new Uint8Array(12 + body);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, type, this.isLittle);
    view.setUint32(4, bytes.length, this.isLittle);
    let at = 8;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    view.setUint32(at, bytes.length, this.isLittle);
    return this.raw(bytes);
  }

  raw(bytes: Uint8Array): this {
    this.blocks.push(bytes);
    return this;
  }

  /** A 64-bit number in the section's byte order. */
  word(value: bigint): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, value), this.isLittle);
    return bytes;
  }

  /** Where each block written so far ends. */
  ends(): number[] {
    let end = 0;
    return this.blocks.map((block) => (end += block.length));
  }

  bytes(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.blocks));
  }

  private packetHead(interfaceIndex: number, time: bigint, captured: number, original: number): Uint8Array {
    const head = new Uint8Array(20);
    const view = new DataView(head.buffer);
    view.setUint32(0, interfaceIndex, this.isLittle);
    view.setUint32(4, Number(time >> 32n), this.isLittle);
    view.setUint32(8, Number(time & 0xffffffffn), this.isLittle);
    view.setUint32(12, captured, this.isLittle);
    view.setUint32(16, original, this.isLittle);
    return head;
  }

  private options(options: readonly Option[]): Uint8Array {
    if (options.length === 0) return new Uint8Array(0);
    const parts: Uint8Array[] = [];
    for (const { code, value } of [...options, { code: 0, value: "" }]) {
      const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
      const head = new Uint8Array(4);
      const view = new DataView(head.buffer);
      view.setUint16(0, code, this.isLittle);
      view.setUint16(2, bytes.length, this.isLittle);
      parts.push(head, padded(bytes));
    }
    return Uint8Array.from(Buffer.concat(parts));
  }
}

export function padded(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array((bytes.length + 3) & ~3);
  result.set(bytes);
  return result;
}
