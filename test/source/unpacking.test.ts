/**
 * Compressed files that another thread decompresses: the same bytes and the same errors as without it, and never much
 * more in memory than was asked for. The two are built first, for a thread begins with a built file.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Worker } from "node:worker_threads";
import { build } from "tsup";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { decompressing } from "../../src/source/decompress.js";
import { MemorySource } from "../../src/source/memory-source.js";
import type * as opener from "../../src/source/open-source.js";
import { RING_BYTES } from "../../src/source/shared-bytes.js";
import type { Source } from "../../src/source/source.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "unpacking-"));
let openSource: typeof opener.openSource;

const TOOLS = ["gzip", "zstd", "lz4", "xz"].filter((name) => spawnSync(name, ["--version"]).status === 0);
const hasThreads = availableParallelism() > 1;
if (!hasThreads) console.log("left out: with one processor nothing is decompressed in a thread");

/** Threads that have begun since the last test. */
const begun: Worker[] = [];
const noteThread = (worker: Worker) => begun.push(worker);

beforeAll(async () => {
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const [open, unpacking] = ["open-source", "unpacking"].map((name) => join(root, `src/source/${name}.ts`));
  await build({
    entry: { open: open!, unpacking: unpacking! },
    outDir: join(folder, "built"),
    format: "esm",
    target: "node20",
    config: false,
    silent: true,
  });
  ({ openSource } = (await import(pathToFileURL(join(folder, "built/open.js")).href)) as typeof opener);
  process.on("worker", noteThread);
});
afterEach(() => begun.splice(0));
afterAll(() => {
  process.off("worker", noteThread);
  rmSync(folder, { recursive: true, force: true });
});

/** Bytes of which about a third cannot be compressed. */
function someBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = index % 64 < 40 ? index % 64 : state >>> 24;
  }
  return bytes;
}

const ORIGINAL = someBytes(6_000_000);

function packed(tool: string, original = ORIGINAL): Buffer {
  return spawnSync(tool, ["-1", "-c"], { input: original, maxBuffer: 1 << 28 }).stdout;
}

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

interface Read {
  readonly bytes: Buffer;
  readonly sizes: readonly number[];
  readonly error: unknown;
  readonly bytesRead: number;
}

async function drain(source: Source): Promise<Read> {
  const parts: Buffer[] = [];
  const into = new Uint8Array(3 * 1024 * 1024 + 2);
  let error: unknown = null;
  try {
    for (let count = -1; count !== 0; ) {
      count = await source.read(into, 1, into.length - 2);
      parts.push(Buffer.from(into.slice(1, 1 + count)));
    }
  } catch (thrown) {
    const { kind, message, path } = thrown as { kind: string; message: string; path: string };
    error = { kind, message, path };
  }
  await source.close();
  const sizes = parts.map((part) => part.length);
  return { bytes: Buffer.concat(parts), sizes, error, bytesRead: source.bytesRead };
}

describe.runIf(hasThreads)("a file that is decompressed in a thread", () => {
  it.each(TOOLS)("%s: has the bytes and errors of one that is not: whole, cut, damaged", async (tool) => {
    const whole = packed(tool);
    expect(whole.length).toBeGreaterThan(1_500_000);
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, whole.length >> 1, (whole.length >> 1) + 64);
    const followed = Buffer.concat([whole, Buffer.from("no more of it")]);
    const cases = { whole, cut: whole.subarray(0, whole.length - 100_000), damaged, followed };
    for (const [what, bytes] of Object.entries(cases)) {
      const path = written(`${what}.${tool}`, bytes);
      const here = await drain(await decompressing(new MemorySource(bytes, path)));
      const source = await openSource(path);
      expect(source).toMatchObject({ name: path, compression: tool, bytesTotal: bytes.length });
      const there = await drain(source);
      expect(there.bytes.equals(here.bytes)).toBe(true);
      expect({ what, error: there.error }).toEqual({ what, error: here.error });
      if (what === "whole") {
        expect(there.bytes.equals(ORIGINAL)).toBe(true);
        expect(there.bytesRead).toBe(bytes.length);
      } else if (what !== "damaged") {
        // Not every format has a checksum that is looked at.
        expect(here.error).toMatchObject({ kind: expect.stringMatching(/^compressed-/) });
      }
    }
    // Where the first block is damaged no thread begins.
    expect(begun.length).toBeGreaterThanOrEqual(3);
  });

  it("gives pieces of the same size however fast it is", async () => {
    const path = written("pieces.gzip", packed("gzip"));
    const { sizes } = await drain(await openSource(path));
    const [first, ...others] = sizes;
    expect(first).toBeLessThan(1024 * 1024);
    expect(new Set(others.slice(0, -2))).toEqual(new Set([1024 * 1024]));
  });

  it("does not run ahead of who reads it", async () => {
    const bytes = packed("gzip", Buffer.alloc(400_000_000));
    const source = await openSource(written("zeros.gzip", bytes));
    const into = new Uint8Array(64 * 1024);
    while (begun.length === 0) expect(await source.read(into, 0, into.length)).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    // Of the zeros about 230 times as many bytes come out as go in.
    const ahead = source.bytesRead * (400_000_000 / bytes.length);
    expect(ahead).toBeGreaterThan(RING_BYTES / 2);
    expect(ahead).toBeLessThan(40_000_000);
    await source.close();
  });

  it("ends with who reads it, wherever that stops", async () => {
    const path = written("closed.gzip", packed("gzip"));
    for (const reads of [2, 3, 5]) {
      const source = await openSource(path);
      const into = new Uint8Array(1024 * 1024);
      for (let read = 1; read < reads; read++) await source.read(into, 0, into.length);
      const pending = source.read(into, 0, into.length);
      await new Promise((resolve) => setImmediate(resolve));
      const gone = new Promise((resolve) => begun.at(-1)!.once("exit", resolve));
      await source.close();
      await pending;
      await gone;
      expect(await source.read(into, 0, into.length)).toBe(0);
    }
    expect(begun.length).toBe(3);
  });

  it("is none where it is small, or only its beginning is looked at", async () => {
    const small = written("small.gzip", packed("gzip", someBytes(300_000)));
    expect((await drain(await openSource(small))).bytes.length).toBe(300_000);
    const source = await openSource(written("looked-at.gzip", packed("gzip")));
    expect(await source.read(new Uint8Array(100), 0, 100)).toBe(100);
    await source.close();
    expect(begun).toEqual([]);
  });
});
