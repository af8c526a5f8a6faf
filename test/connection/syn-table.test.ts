/** Rows of SYNs: what is put in comes out whole, whoever asks for it, in whatever order rows come and go. */
import { describe, expect, it } from "vitest";
import { FourTuples } from "../../src/connection/four-tuples.js";
import { SynTable } from "../../src/connection/syn-table.js";
import { Segment } from "../../src/wire/segment.js";

/** A repeatable source of 32-bit integers. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    return (state ^ (state >>> 15)) | 0;
  };
}

function synOf(next: () => number, number: number): Segment {
  const bits = (count: number) => next() >>> (32 - count);
  const syn = new Segment();
  syn.timeNs = number * 1000 + bits(9);
  syn.number = number + (bits(1) ? 2 ** 32 : 0);
  syn.file = bits(2);
  syn.interfaceId = bits(16);
  syn.ipVersion = bits(1) ? 6 : 4;
  [syn.source0, syn.destination0] = [next(), next()];
  if (syn.ipVersion === 6) {
    [syn.source1, syn.source2, syn.source3] = [next(), next(), next()];
    [syn.destination1, syn.destination2, syn.destination3] = [next(), next(), next()];
  }
  [syn.sourcePort, syn.destinationPort] = [bits(16), bits(16)];
  [syn.ipId, syn.window, syn.ttl, syn.vlan] = [bits(16), bits(16), bits(8), bits(24)];
  [syn.sequence, syn.acknowledgment, syn.mss] = [next(), next(), bits(16)];
  // SYN with any of PSH, ECE, CWR, AE.
  syn.flags = 2 | (bits(9) & 0x1c8);
  syn.length = 1;
  syn.ecn = bits(2);
  syn.windowScale = (bits(4) & 15) - 1;
  syn.isSackPermitted = bits(1) === 1;
  syn.hasTimestamps = bits(1) === 1;
  syn.tsVal = syn.hasTimestamps ? next() : 0;
  return syn;
}

function turned(syn: Segment): Segment {
  const answer = Object.assign(new Segment(), syn);
  [answer.source0, answer.source1] = [syn.destination0, syn.destination1];
  [answer.source2, answer.source3] = [syn.destination2, syn.destination3];
  [answer.destination0, answer.destination1] = [syn.source0, syn.source1];
  [answer.destination2, answer.destination3] = [syn.source2, syn.source3];
  [answer.sourcePort, answer.destinationPort] = [syn.destinationPort, syn.sourcePort];
  return answer;
}

/** A table and what must stand in it. */
class Pair {
  readonly table = new SynTable();
  readonly kept: Segment[] = [];
  readonly #tuples = new FourTuples(1, 5);
  readonly #read = new Segment();
  readonly #hashOf = (place: number) => {
    this.table.read(place, this.#read);
    return this.#tuples.hashOf(this.#read, 0);
  };

  add(syn: Segment): void {
    this.table.add(syn, this.#tuples.hashOf(syn, 0), this.#hashOf);
    this.kept.push(syn);
  }

  find(segment: Segment): number {
    return this.table.find(segment, this.#tuples.hashOf(segment, 0));
  }

  remove(syn: Segment): void {
    this.table.remove(this.find(syn), this.#tuples.hashOf(syn, 0));
    this.kept.splice(this.kept.indexOf(syn), 1);
  }

  read(place: number): Segment {
    const segment = new Segment();
    this.table.read(place, segment);
    return segment;
  }

  check(): void {
    expect(this.table.count).toBe(this.kept.length);
    for (const syn of this.kept) {
      const place = this.find(syn);
      expect(this.read(place)).toEqual(syn);
      expect(this.find(turned(syn))).toBe(place);
    }
    expect([...this.table.inOrder()].map((place) => this.read(place).number)).toEqual(
      this.kept.map(({ number }) => number),
    );
    expect(this.table.oldestAt).toBe(this.kept[0]?.timeNs ?? Number.POSITIVE_INFINITY);
  }
}

describe("the table of SYNs", () => {
  it("gives back every field of a plain SYN, through growth and gaps", () => {
    const next = numbers(7);
    const pair = new Pair();
    let number = 1;
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 700; i++) {
        const syn = synOf(next, number++);
        expect(SynTable.isPlain(syn)).toBe(true);
        pair.add(syn);
      }
      const going = round % 3 === 0 ? 650 : 300;
      for (let i = 0; i < going; i++) pair.remove(pair.kept[(next() >>> 8) % pair.kept.length]!);
      pair.check();
    }
    while (pair.kept.length > 0) pair.remove(pair.kept[0]!);
    pair.check();
    expect(pair.table.oldest).toBe(-1);
  });

  it("keeps order and content while the oldest leaves for each that comes", () => {
    const next = numbers(3);
    const pair = new Pair();
    for (let number = 1; number <= 5000; number++) {
      pair.add(synOf(next, number));
      if (number > 900) pair.remove(pair.kept[0]!);
    }
    pair.check();
  });

  it("lists SYNs in the order of their times where those go back", () => {
    const pair = new Pair();
    const next = numbers(1);
    for (const [number, timeNs] of [[1, 500], [2, 100], [3, 300], [4, 300]] as const) // biome-ignore format: pairs
      pair.add(Object.assign(synOf(next, number), { timeNs, number, file: 0 }));
    const order = [...pair.table.inOrder()].map((place) => pair.read(place).number);
    expect(order).toEqual([2, 3, 4, 1]);
  });

  it("finds nothing of another tuple", () => {
    const pair = new Pair();
    const syn = synOf(numbers(9), 1);
    Object.assign(syn, { ipVersion: 4, source1: 0, source2: 0, source3: 0 });
    Object.assign(syn, { destination1: 0, destination2: 0, destination3: 0 });
    pair.add(syn);
    for (const change of [
      { sourcePort: syn.sourcePort ^ 1 },
      { destination0: syn.destination0 ^ 1 },
      { overlayId: 4 },
      { ipVersion: 6 },
    ])
      expect(pair.find(Object.assign(new Segment(), syn, change))).toBe(-1);
  });

  it.each([
    { flags: 0x12 },
    { flags: 0x03 },
    { payloadLength: 1 },
    { overlayId: 1 },
    { tsEcr: 1 },
    { fastOpenCookieLength: 0 },
    { mptcpSubtype: 0 },
    { userTimeout: 1 },
    { interfaceId: 65_536 },
    { isFragment: true },
    { hasMd5: true },
    { hasAuthentication: true },
    { hasAccEcnOption: true },
    { hasBadOptions: true },
    { isHeaderCut: true },
    { sackBlocks: 1 },
    { destinationPort: 9, sourcePort: 9 },
  ])("leaves a SYN with %j to a connection of its own", (rare) => {
    expect(SynTable.isPlain(Object.assign(new Segment(), { flags: 2, sourcePort: 1 }))).toBe(true);
    expect(SynTable.isPlain(Object.assign(new Segment(), { flags: 2, sourcePort: 1 }, rare))).toBe(false);
  });
});
