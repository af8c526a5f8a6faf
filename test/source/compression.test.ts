/**
 * Compressed input: made by node:zlib and by the tools themselves, whole, cut, corrupted, concatenated, and bombs.
 */
import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decompressing } from "../../src/source/decompress.js";
import { MemorySource } from "../../src/source/memory-source.js";
import type { Source } from "../../src/source/source.js";
import { XxHash32 } from "../../src/source/xx-hash.js";
import { PiecewiseSource } from "../capture/collect.js";

interface Tool {
  readonly name: "gzip" | "zstd" | "lz4" | "xz";
  readonly variants: readonly (readonly string[])[];
}

const TOOLS: readonly Tool[] = [
  { name: "gzip", variants: [["-1"], ["-9"], ["-n"]] },
  { name: "zstd", variants: [["-1"], ["-19"], ["--no-check"], ["--no-content-size"], ["--ultra", "-22"]] },
  {
    name: "lz4",
    variants: [
      ["-1"],
      ["-9", "-BD"],
      ["-B4", "-BD"],
      ["-B4", "-BX"],
      ["--no-frame-crc", "-B5"],
      ["--content-size"],
      ["-l"],
    ],
  },
  {
    name: "xz",
    variants: [["-0"], ["-9"], ["--check=none"], ["--check=crc32"], ["--block-size=50000", "-T1"]],
  },
];

const present = TOOLS.filter(({ name }) => spawnSync(name, ["--version"]).status === 0);
for (const { name } of TOOLS) {
  if (!present.some((tool) => tool.name === name)) console.log(`left out: ${name} is not installed`);
}

function compress(tool: string, args: readonly string[], bytes: Uint8Array): Uint8Array {
  const result = spawnSync(tool, ["-c", ...args], { input: bytes, maxBuffer: 1 << 28 });
  expect({ tool, args, error: result.stderr.toString(), status: result.status }).toMatchObject({ status: 0 });
  return new Uint8Array(result.stdout);
}

/** Bytes that compress about as captures do: repeated headers with noise between them. */
function someBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = index % 64 < 40 ? index % 64 : state >>> 24;
  }
  return bytes;
}

/** Reads a source to its end; an error ends it too. `chunk` is the size of each read. */
async function drain(source: Source, chunk = 10_007): Promise<{ bytes: Uint8Array; error: unknown }> {
  const parts: Uint8Array[] = [];
  const into = new Uint8Array(chunk + 2);
  let error: unknown = null;
  try {
    for (;;) {
      const count = await source.read(into, 1, chunk);
      if (count === 0) break;
      expect(count).toBeLessThanOrEqual(chunk);
      parts.push(into.slice(1, 1 + count));
    }
  } catch (thrown) {
    error = thrown;
  }
  await source.close();
  return { bytes: Uint8Array.from(Buffer.concat(parts)), error };
}

async function open(bytes: Uint8Array): Promise<Source> {
  return decompressing(new MemorySource(bytes, "x"));
}

function isPrefix(part: Uint8Array, whole: Uint8Array): boolean {
  return Buffer.from(part).equals(whole.subarray(0, part.length));
}

const ORIGINAL = someBytes(150_000);
const CASES = present.flatMap(({ name, variants }) => variants.map((args) => ({ name, args })));

describe.each(CASES)("$name $args", ({ name, args }) => {
  const packed = compress(name, args, ORIGINAL);

  it("gives back every byte, whatever the pieces", async () => {
    for (const sizes of [[1 << 20], [97], [3, 70_000, 11]]) {
      const source = await decompressing(new PiecewiseSource(packed, sizes, "x"));
      expect(source.compression).toBe(name);
      const { bytes, error } = await drain(source);
      expect(error).toBeNull();
      expect(Buffer.from(bytes).equals(ORIGINAL)).toBe(true);
      expect(source.bytesRead).toBe(packed.length);
      expect(source.bytesTotal).toBe(packed.length);
    }
  });

  it("gives back every byte that comes alone", async () => {
    const original = someBytes(2_000);
    const source = await decompressing(new PiecewiseSource(compress(name, args, original), [1], "x"));
    const { bytes, error } = await drain(source, 1);
    expect(error).toBeNull();
    expect(Buffer.from(bytes).equals(original)).toBe(true);
  });

  it("reads concatenated streams as one", async () => {
    const more = compress(name, args, someBytes(1_000, 7));
    const { bytes, error } = await drain(await open(Uint8Array.from(Buffer.concat([packed, more, packed]))));
    expect(error).toBeNull();
    expect(bytes.length).toBe(301_000);
    expect(Buffer.from(bytes).equals(Buffer.concat([ORIGINAL, someBytes(1_000, 7), ORIGINAL]))).toBe(true);
  });

  it("gives what stands before a cut, then says that it was cut", async () => {
    const step = Math.max(1, Math.floor(packed.length / 23));
    for (let length = 20; length < packed.length; length += step) {
      const { bytes, error } = await drain(await open(packed.slice(0, length)));
      expect(isPrefix(bytes, ORIGINAL)).toBe(true);
      expect(error).toMatchObject({
        kind: "compressed-cut",
        message: expect.stringMatching(/^x: the \w+ stream ends early/),
      });
    }
    const almost = await drain(await open(packed.slice(0, -1)));
    // All but a block of at most 4 MiB, and of a small file nothing may be held back but the last block.
    expect(isPrefix(almost.bytes, ORIGINAL)).toBe(true);
    expect(almost.error).toMatchObject({ kind: "compressed-cut" });
  });

  it("ends with one error at damaged bytes, and never hangs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 6, max: packed.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, mask) => {
          const damaged = packed.slice();
          damaged[at] = damaged[at]! ^ mask;
          const { bytes, error } = await drain(await open(damaged));
          expect(bytes.length).toBeLessThan(20 * ORIGINAL.length);
          if (error !== null)
            expect(error).toMatchObject({ name: "SourceError", kind: expect.stringMatching(/^compressed-/) });
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("gzip", () => {
  const packed = new Uint8Array(gzipSync(ORIGINAL));

  it("delivers all bytes before it says that the checksum does not hold", async () => {
    const damaged = packed.slice();
    damaged[packed.length - 6] = damaged[packed.length - 6]! ^ 1;
    const { bytes, error } = await drain(await open(damaged));
    expect(Buffer.from(bytes).equals(ORIGINAL)).toBe(true);
    expect(error).toMatchObject({ kind: "compressed-corrupt", message: expect.stringContaining("checksum") });
  });

  it("delivers nearly all bytes of a stream that is cut by one", async () => {
    const { bytes } = await drain(await open(packed.slice(0, -9)));
    expect(bytes.length).toBeGreaterThan(ORIGINAL.length - 300);
  });

  it("delivers what stands well before a damaged place", async () => {
    const damaged = packed.slice();
    const middle = packed.length >> 1;
    damaged.fill(0xff, middle, middle + 64);
    const { bytes, error } = await drain(await open(damaged));
    expect(error).toMatchObject({ kind: "compressed-corrupt" });
    expect(bytes.length).toBeGreaterThan(ORIGINAL.length * 0.4);
    expect(isPrefix(bytes.subarray(0, Math.floor(ORIGINAL.length * 0.4)), ORIGINAL)).toBe(true);
  });

  it("reads headers with name, comment, extra field and checksum", async () => {
    const head = Uint8Array.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, 97, 0, 98, 0, 9, 9]);
    const { bytes, error } = await drain(await open(Uint8Array.from([...head, ...packed.subarray(10)])));
    expect(error).toBeNull();
    expect(bytes.length).toBe(ORIGINAL.length);
  });

  it("takes zeros behind the last member as padding, and other bytes as damage", async () => {
    const padded = await drain(await open(Uint8Array.from([...packed, ...new Array(512).fill(0)])));
    expect(padded.error).toBeNull();
    expect(padded.bytes.length).toBe(ORIGINAL.length);
    const behind = await drain(await open(Uint8Array.from([...packed, 1, 2, 3])));
    expect(behind.bytes.length).toBe(ORIGINAL.length);
    expect(behind.error).toMatchObject({ name: "SourceError" });
  });

  it("reads thousands of small members", async () => {
    const member = gzipSync(Buffer.from("member "));
    const { bytes, error } = await drain(
      await open(Uint8Array.from(Buffer.concat(new Array(2_000).fill(member)))),
    );
    expect(error).toBeNull();
    expect(bytes.length).toBe(14_000);
  });
});

describe("frames", () => {
  it.runIf(present.some((tool) => tool.name === "lz4"))("steps over skippable frames", async () => {
    const skippable = Uint8Array.from([0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
    for (const { name } of present.filter((tool) => tool.name === "lz4" || tool.name === "zstd")) {
      const packed = compress(name, [], ORIGINAL);
      const { bytes, error } = await drain(
        await open(Uint8Array.from(Buffer.concat([packed, skippable, packed, skippable]))),
      );
      expect(error).toBeNull();
      expect(bytes.length).toBe(2 * ORIGINAL.length);
    }
  });

  it("refuses what needs a dictionary, in a sentence that says how to go on", async () => {
    const zstd = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x21, 0x07, 0x00, 0x01, 0, 0, 0, 0]);
    const { error } = await drain(await open(zstd));
    expect(error).toMatchObject({
      kind: "compressed-unsupported",
      message: expect.stringContaining("dictionary"),
    });
  });

  it.runIf(present.some((tool) => tool.name === "xz"))(
    "refuses xz with SHA-256 checksums, likewise",
    async () => {
      const { error } = await drain(await open(compress("xz", ["--check=sha256"], ORIGINAL)));
      expect(error).toMatchObject({
        kind: "compressed-unsupported",
        message: expect.stringContaining("xz -d"),
      });
    },
  );

  it("passes plain bytes through, few or many, as they are", async () => {
    for (const length of [0, 1, 2, 3, 5, 7, 100_000]) {
      for (const first of [0x0a, 0x1f, 0x28, 0x04, 0xfd]) {
        const plain = someBytes(length);
        plain.fill(first, 0, 1);
        const source = await open(plain);
        const { bytes, error } = await drain(source);
        expect(source.compression).toBeNull();
        expect(error).toBeNull();
        expect(Buffer.from(bytes).equals(plain)).toBe(true);
      }
    }
  });

  it("hashes as xxHash32 does, in any pieces", () => {
    const cases: [string, number][] = [
      ["", 0x02cc5d05],
      ["a", 0x550d7456],
      ["abc", 0x32d153ff],
      ["Nobody inspects the spammish repetition", 0xe2293b2f],
    ];
    for (const [text, hash] of cases) {
      const bytes = new TextEncoder().encode(text);
      expect(new XxHash32().update(bytes).digest()).toBe(hash);
      for (let at = 0; at <= bytes.length; at++) {
        expect(new XxHash32().update(bytes.subarray(0, at)).update(bytes.subarray(at)).digest()).toBe(hash);
      }
    }
  });
});

describe("several compressed inputs at once", () => {
  it.each(present)("$name: two streams read by turns", async ({ name }) => {
    const originals = [someBytes(400_000, 3), someBytes(400_000, 4)];
    const sources = await Promise.all(originals.map((bytes) => open(compress(name, [], bytes))));
    const into = [new Uint8Array(400_000), new Uint8Array(400_000)];
    const filled = [0, 0];
    for (let turn = 0; filled[0]! + filled[1]! < 800_000; turn++) {
      const which = turn % 2;
      const count = await sources[which]!.read(
        into[which]!,
        filled[which]!,
        Math.min(5_000, 400_000 - filled[which]!),
      );
      filled[which] = filled[which]! + count;
    }
    expect(Buffer.from(into[0]!).equals(originals[0]!)).toBe(true);
    expect(Buffer.from(into[1]!).equals(originals[1]!)).toBe(true);
    await Promise.all(sources.map((source) => source.close()));
  });

  it.each(present)("$name: closing in the middle lets go", async ({ name }) => {
    for (let round = 0; round < 3; round++) {
      const source = await open(compress(name, [], ORIGINAL));
      expect(await source.read(new Uint8Array(100), 0, 100)).toBeGreaterThan(0);
      await source.close();
    }
    const { bytes } = await drain(await open(compress(name, [], ORIGINAL)));
    expect(bytes.length).toBe(ORIGINAL.length);
  });
});

describe("decompression bombs", () => {
  it.each(present)("$name: 200 MB of zeros pass through bounded memory", async ({ name }) => {
    const total = 200 * 1024 * 1024;
    const packed = spawnSync("sh", ["-c", `head -c ${total} /dev/zero | ${name} -c`], {
      maxBuffer: 1 << 26,
    }).stdout;
    const source = await open(new Uint8Array(packed));
    const into = new Uint8Array(1 << 20);
    const before = process.memoryUsage.rss();
    let seen = 0;
    let highest = 0;
    for (let reads = 0; ; reads++) {
      const count = await source.read(into, 0, into.length);
      if (count === 0) break;
      seen += count;
      if (reads % 64 === 0) highest = Math.max(highest, process.memoryUsage.rss() - before);
    }
    await source.close();
    expect(seen).toBe(total);
    expect(highest).toBeLessThan(120 * 1024 * 1024);
  });
});
