/**
 * Records that stand in a file instead of memory are the same in every report: lists, pages in every order, searches,
 * ladders. And a report that keeps none stays flat.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnalysisOptions, DEFAULT_OPTIONS } from "../../src/analysis-options.js";
import { Analysis } from "../../src/analyzer.js";
import { openCapture } from "../../src/capture/open-capture.js";
import { jsonDocument, ndjsonLine, openAnalysis, textReport } from "../../src/index.js";
import { SORT_KEYS } from "../../src/report/view.js";
import { MemorySource } from "../../src/source/memory-source.js";
import type { Source } from "../../src/source/source.js";
import { handshakeCapture, PACKETS_EACH } from "../cli/handshake-capture.js";
import { SAMPLES } from "../samples/samples.js";

const MEDIUM = { width: 120, hasColor: false, isAscii: false };
const GENERATOR = { name: "test", version: "0" };
const FEW = 10;

let folder = "";
let busy = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kept-"));
  const generator = new URL("../../bench/generate.mjs", import.meta.url).pathname;
  execFileSync("node", [generator, "narrow", "--scale", "0.01", "--out", folder]);
  busy = join(folder, "narrow.pcap");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function analyse(path: string, options: Partial<AnalysisOptions>): Promise<Analysis> {
  const analysis = await openAnalysis([path], options);
  await analysis.run();
  return analysis;
}

function reports(analysis: Analysis, count: number | "all"): string[] {
  const summary = analysis.summary();
  return [
    textReport(summary, analysis.worst(count), MEDIUM),
    [...jsonDocument(summary, analysis.eachWorst(count), GENERATOR)].join(""),
  ];
}

describe("with few records in memory", () => {
  it("a busy trace fills a file, and every list and page is the same", async () => {
    const plain = await analyse(busy, {});
    const spilled = await analyse(busy, { keptInMemory: FEW });
    expect(plain.kept.spilled).toBe(0);
    expect(spilled.kept.spilled).toBeGreaterThan(1500);
    expect(spilled.kept).toMatchObject({ records: plain.kept.records, packedBytes: plain.kept.packedBytes });
    for (const count of ["all", 50] as const) expect(reports(spilled, count)).toEqual(reports(plain, count));
    for (const search of ["", "10.1 rst", "time_wait"]) {
      for (const sort of SORT_KEYS) {
        for (const isDescending of [false, true]) {
          const query = { sort, isDescending, search, offset: 100, limit: 40 };
          expect(await spilled.page(query), `${sort} ${search}`).toEqual(await plain.page(query));
        }
        if (search !== "") break;
      }
    }
    spilled.close();
  });

  it("the worst of a busy trace are the same when only so many are kept", async () => {
    const plain = await analyse(busy, { keep: 300 });
    const spilled = await analyse(busy, { keep: 300, keptInMemory: FEW });
    expect(reports(spilled, 300)).toEqual(reports(plain, 300));
    spilled.close();
  });

  it("the ladder of a connection in the file is the same", async () => {
    const plain = await analyse(busy, {});
    const spilled = await analyse(busy, { keptInMemory: FEW });
    for (const number of [0, 1000, 2000]) {
      const { id } = plain.worst("all")[number]!;
      expect(await spilled.ladder(id)).toEqual(await plain.ladder(id));
    }
    spilled.close();
  });

  it.each(SAMPLES)("$name is reported the same", async ({ file }) => {
    const plain = await analyse(file, {});
    const spilled = await analyse(file, { keptInMemory: 0 });
    expect(reports(spilled, "all")).toEqual(reports(plain, "all"));
    spilled.close();
  });
});

describe("where the latest are kept", () => {
  it("the oldest leave, the others are as they were, and no figure changes", async () => {
    const most = 900;
    const plain = await analyse(busy, {});
    const latest = await analyse(busy, { keepsLatest: most });
    const { records, unkept, packedBytes, unkeptBecause } = latest.kept;
    expect(records).toBeGreaterThanOrEqual(most);
    // An eighth more before any leaves, and a whole block, which holds some 350.
    expect(records).toBeLessThan(most * 1.125 + 400);
    expect(records + unkept).toBe(plain.kept.records);
    // Records are of different lengths.
    expect(packedBytes / plain.kept.packedBytes).toBeLessThan((1.1 * records) / plain.kept.records);
    expect(unkeptBecause).toBe("the last 900 are held (--keep)");
    const [one, other] = [plain.summary(), latest.summary()];
    expect({ ...other, notes: [] }).toEqual({ ...one, notes: [] });
    const held = new Map(plain.worst("all").map((record) => [record.id, record]));
    const kept = latest.worst("all");
    expect(kept).toHaveLength(records);
    for (const record of kept) expect(record).toEqual(held.get(record.id));
    const { rows, total } = await latest.page({
      sort: "bytes",
      isDescending: true,
      search: "",
      offset: 0,
      limit: 2000,
    });
    expect([rows.length, total]).toEqual([records, records]);
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(kept.map(({ id }) => id)));
    expect((await latest.ladder(kept[0]!.id)).record).toEqual(kept[0]);
    const gone = plain.worst("all").find(({ id }) => !rows.some((row) => row.id === id))!;
    await expect(latest.ladder(gone.id)).rejects.toThrow(RangeError);
  });

  it("a search that goes on while they leave finds what is still there", async () => {
    const analysis = await openAnalysis([busy], { keepsLatest: 50 });
    const running = analysis.run();
    const query = { sort: "start", isDescending: false, search: "10.1", offset: 0, limit: 2000 } as const;
    for (let pages = 0; pages < 5; pages++) {
      const { rows } = await analysis.page(query);
      for (const row of rows) expect(row.client.address).toMatch(/^[0-9.:a-f]+$/);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await running;
    expect((await analysis.page({ ...query, search: "" })).total).toBe(analysis.kept.records);
  });
});

describe("records that cannot be kept", () => {
  it("are counted and named in a sentence, and change no figure", async () => {
    const plain = await analyse(busy, {});
    const short = await analyse(busy, {
      keptInMemory: FEW,
      openSpill: () => {
        throw new Error("the disk is full");
      },
    });
    const { unkept, records } = short.kept;
    expect(unkept).toBeGreaterThan(1000);
    expect(unkept + records).toBe(plain.kept.records);
    const { notes, ...figures } = short.summary();
    const { notes: plainNotes, ...plainFigures } = plain.summary();
    expect(figures).toEqual(plainFigures);
    const sentence = `${unkept} finished connections are not listed, and counted all the same: the disk is full.`;
    expect(notes).toEqual([sentence, ...plainNotes]);
    const query = { sort: "start", isDescending: false, search: "", offset: 0, limit: 20 } as const;
    expect((await short.page(query)).total).toBe(records);
    const kept = new Map(plain.worst("all").map((record) => [record.id, record]));
    for (const record of short.worst("all")) expect(record).toEqual(kept.get(record.id));
  });
});

/** Capture bytes of ever more connections in a row, 20 ms each, made while they are read. */
class ManyConnections implements Source {
  readonly name = "many";
  readonly compression = null;
  readonly bytesTotal = null;
  bytesRead = 0;
  readonly #first: Uint8Array;
  readonly #piece: Uint8Array;
  readonly #pieceSeconds: number;
  readonly #pieces: number;
  #current: MemorySource;
  #made = 0;

  constructor(pieces: number, perPiece: number) {
    this.#first = handshakeCapture(perPiece);
    this.#piece = this.#first.slice(24);
    this.#pieceSeconds = 30 + Math.ceil((perPiece * PACKETS_EACH) / 1000);
    this.#pieces = pieces;
    this.#current = new MemorySource(this.#first, "first");
  }

  async read(into: Uint8Array, offset: number, length: number): Promise<number> {
    let count = await this.#current.read(into, offset, length);
    if (count === 0 && ++this.#made < this.#pieces) {
      this.#current = new MemorySource(this.#later(), "later");
      count = await this.#current.read(into, offset, length);
    }
    this.bytesRead += count;
    return count;
  }

  /** The same connections on the same ports once more, after their tombs are gone. */
  #later(): Uint8Array {
    const view = new DataView(this.#piece.buffer);
    for (let at = 0; at < this.#piece.length; at += 16 + view.getUint32(at + 8, true))
      view.setUint32(at, view.getUint32(at, true) + this.#pieceSeconds, true);
    return this.#piece;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe("NDJSON", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;

  it("keeps no record: memory stays flat over a hundred thousand connections", async () => {
    const [pieces, perPiece] = [22, 5000];
    const used: number[] = [];
    let [lines, characters] = [0, 0];
    const capture = await openCapture([new ManyConnections(pieces, perPiece)]);
    const analysis = new Analysis(capture, {
      ...DEFAULT_OPTIONS,
      keep: "none",
      fileNames: ["many"],
      onAmended: () => {},
      onFinished: (record) => {
        characters += ndjsonLine(record).length;
        if (++lines % (5 * perPiece) !== 0) return;
        collect();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        used.push(heapUsed + arrayBuffers);
      },
    });
    await analysis.run();
    expect(lines).toBe(pieces * perPiece);
    expect(characters).toBeGreaterThan(lines * 1000);
    expect(analysis.kept).toMatchObject({ records: 0, packedBytes: 0 });
    // Nothing grows after the first 25,000; packed, 75,000 more would take 13 MB.
    const growth = Math.max(...used.slice(1)) - used[0]!;
    process.stdout.write(
      `NDJSON, ${lines} connections: ${(growth / 1e6).toFixed(2)} MB more than at first\n`,
    );
    expect(growth).toBeLessThan(4e6);
  });
});
