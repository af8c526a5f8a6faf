/** Packed records in blocks, in memory and in a file: each comes back, and a file that fails loses nothing that it held. */
import { beforeAll, describe, expect, it } from "vitest";
import { Connections } from "../../src/connection/connections.js";
import { RecordStore, type SpillFile } from "../../src/connection/record-store.js";
import { Segment } from "../../src/wire/segment.js";

/** A file in memory that takes `most` blocks and then throws. */
class FakeFile implements SpillFile {
  readonly blocks = new Map<number, Uint8Array>();
  reads = 0;
  isClosed = false;
  readonly #most: number;

  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  write(bytes: Uint8Array, position: number): void {
    if (this.blocks.size >= this.#most) throw new Error("the disk is full");
    this.blocks.set(position, bytes.slice());
  }

  read(into: Uint8Array, position: number): void {
    this.reads++;
    into.set(this.blocks.get(position)!);
  }

  close(): void {
    this.isClosed = true;
  }
}

let connections: Connections;

beforeAll(() => {
  connections = new Connections(1);
  connections.create(new Segment(), 0, false);
});

/** Puts a connection into the store that is told by its number, and is longer the more it has of it. */
function add(store: RecordStore, number: number): number {
  const { columns, endpoints } = connections;
  columns.frame[0] = number + 1;
  endpoints.bytes[0] = number % 3 === 0 ? number * 1e6 : 0;
  endpoints.isn[0] = number * 7919;
  const unreachable = {
    ipVersion: 4,
    type: 3,
    code: number % 16,
    sender: [1, 2, 3, number] as const,
    atNs: number * 1e6,
    name: number,
  };
  return store.add(connections, 0, number % 5 === 0 ? unreachable : undefined);
}

function expectHeld(store: RecordStore, number: number): void {
  store.load(number);
  const { columns, endpoints } = store.scratch;
  expect(columns.frame[0]).toBe(number + 1);
  expect(endpoints.isn[0]).toBe((number * 7919) | 0);
  expect(store.unreachable?.sender[3]).toBe(number % 5 === 0 ? number : undefined);
}

describe("a store", () => {
  it.each([0, 1, 10, 5000])("with %s records in memory gives each back", (inMemory) => {
    const file = new FakeFile();
    const store = new RecordStore({ inMemory, openSpill: () => file });
    for (let number = 0; number < 12_000; number++) expect(add(store, number)).toBe(number);
    expect(store.spilled).toBeGreaterThan(4000);
    expect(store.spilled).toBeLessThanOrEqual(12_000 - inMemory);
    for (let number = 0; number < 12_000; number += 7) expectHeld(store, number);
    for (let i = 0; i < 3000; i++) expectHeld(store, (i * 7907) % 12_000);
    expect({ unkept: store.unkept, because: store.unkeptBecause }).toEqual({ unkept: 0, because: null });
    store.close();
    expect(file.isClosed).toBe(true);
  });

  it("reads a block once while it is in use, and forgets the one unused longest", () => {
    const file = new FakeFile();
    const store = new RecordStore({ inMemory: 0, openSpill: () => file });
    for (let number = 0; number < 200_000; number++) add(store, number);
    const blocks = file.blocks.size;
    expect(blocks).toBeGreaterThan(80);
    for (let number = 0; number < 200_000; number += 50) expectHeld(store, number);
    expect(file.reads).toBe(blocks);
    // The blocks at the end are held, those at the beginning are read again.
    expectHeld(store, 190_000);
    expect(file.reads).toBe(blocks);
    expectHeld(store, 0);
    expect(file.reads).toBe(blocks + 1);
  });

  it("opens no file before memory is full, nor without being told how", () => {
    const store = new RecordStore({
      inMemory: 3,
      openSpill: () => {
        throw new Error("opened");
      },
    });
    for (let number = 0; number < 4; number++) expect(add(store, number)).toBe(number);
    const alone = new RecordStore({ inMemory: 3 });
    for (let number = 0; number < 5000; number++) expect(add(alone, number)).toBe(number);
    for (let number = 0; number < 5000; number += 11) expectHeld(alone, number);
    expect(alone.spilled).toBe(0);
  });

  it.each([0, 3])("whose file takes %s blocks counts what it cannot keep, and keeps the rest", (blocks) => {
    const store = new RecordStore({ inMemory: 100, openSpill: () => new FakeFile(blocks) });
    let kept = 0;
    for (let number = 0; number < 20_000; number++) if (add(store, number) >= 0) kept++;
    expect(kept).toBe(store.count);
    // What stood in the block that was not written is still there.
    expect(kept).toBeGreaterThan(store.spilled + 100);
    expect(store.unkept).toBe(20_000 - kept);
    expect(store.unkept).toBeGreaterThan(5000);
    expect(store.unkeptBecause).toBe("the disk is full");
    for (let number = 0; number < kept; number++) expectHeld(store, number);
  });
});
