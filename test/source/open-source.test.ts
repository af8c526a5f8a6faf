/**
 * Files, directories, FIFOs and standard input.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCapture } from "../../src/capture/open-capture.js";
import { openSource, openSourceAt } from "../../src/source/open-source.js";
import { SourceError } from "../../src/source/source.js";
import { collect } from "../capture/collect.js";
import { somePackets, writePcap } from "../capture/pcap-writer.js";

const directory = mkdtempSync(join(tmpdir(), "sources-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const hasFifos = spawnSync("mkfifo", ["--version"]).status === 0;
if (!hasFifos) console.log("left out: mkfifo is not installed");
const isRoot = process.getuid?.() === 0;
if (isRoot) console.log("left out: an unreadable file (root reads every file)");

function path(name: string): string {
  return join(directory, name);
}

describe("openSource", () => {
  it("reads a file into the caller's buffer and counts bytes", async () => {
    writeFileSync(path("plain"), Buffer.from("0123456789"));
    const source = await openSource(path("plain"));
    const into = new Uint8Array(8).fill(120);
    expect(await source.read(into, 2, 4)).toBe(4);
    expect(Buffer.from(into).toString()).toBe("xx0123xx");
    expect(await source.read(into, 0, 8)).toBe(6);
    expect(Buffer.from(into).toString()).toBe("456789xx");
    expect(await source.read(into, 0, 8)).toBe(0);
    expect(source).toMatchObject({ name: path("plain"), bytesRead: 10, bytesTotal: 10, compression: null });
    await source.close();
    await source.close();
  });

  it("opens a file again at an offset", async () => {
    writeFileSync(path("again"), Buffer.from("0123456789"));
    const source = await openSourceAt(path("again"), 7);
    const into = new Uint8Array(8);
    expect(await source.read(into, 0, 8)).toBe(3);
    expect(Buffer.from(into.subarray(0, 3)).toString()).toBe("789");
    await source.close();
  });

  it.each([
    { make: "nothing", kind: "no-such-file", text: "no such file" },
    { make: "directory", kind: "is-a-directory", text: "is a directory" },
  ])("says what is wrong: $kind", async ({ make, kind, text }) => {
    const name = path(`${make}\u001b[1m`);
    if (make === "directory") mkdirSync(name);
    const error = await openSource(name).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ kind, path: name });
    expect((error as SourceError).message).toContain(`${make}?[1m: `);
    expect((error as SourceError).message).toContain(text);
  });

  it.runIf(!isRoot)("says that a file may not be read", async () => {
    writeFileSync(path("closed"), "x");
    chmodSync(path("closed"), 0);
    await expect(openSource(path("closed"))).rejects.toMatchObject({ kind: "no-permission" });
  });

  it("reports a compressed capture that is cut, after the packets before the cut", async () => {
    // 2,000 packets that do not compress well, so that the cut lies in the middle of them.
    const packets = somePackets(2_000).map((packet, index) => ({
      ...packet,
      data: Uint8Array.from(
        { length: 60 },
        (_, byte) => (Math.imul(index * 61 + byte, 2_654_435_761) >>> 24) & 0xff,
      ),
      original: 60,
    }));
    const bytes = writePcap(packets);
    const packed = gzipSync(bytes);
    writeFileSync(path("cut.pcap.gz"), packed.subarray(0, packed.length >> 1));
    const seen = await collect(await openCapture([await openSource(path("cut.pcap.gz"))]));
    expect(seen.packets.length).toBeGreaterThan(700);
    expect(seen.packets.length).toBeLessThan(1_300);
    expect(seen.problems).toHaveLength(1);
    expect(seen.problems[0]).toMatchObject({ kind: "compressed-cut", isFatal: true });
    expect(seen.problems[0]!.sentence).toMatch(
      /cut\.pcap\.gz: the gzip stream ends early, .*; the [\d,]+ packets before it are reported$/,
    );
  });

  it("refuses a capture that is compressed twice", async () => {
    writeFileSync(path("twice.gz"), gzipSync(gzipSync(writePcap(somePackets(3)))));
    await expect(openCapture([await openSource(path("twice.gz"))])).rejects.toThrow(
      /twice\.gz: is compressed twice .*gunzip/,
    );
  });
});

/** A program that writes the first half of a capture, waits for a line, then writes the rest. */
const SLOW_WRITER = `
  const { createWriteStream, readFileSync } = require("node:fs");
  const bytes = readFileSync(process.argv[1]);
  const out = process.argv[2] === "-" ? process.stdout : createWriteStream(process.argv[2]);
  out.write(bytes.subarray(0, bytes.length >> 1));
  process.stdin.once("data", () => { out.end(bytes.subarray(bytes.length >> 1)); process.stdin.pause(); });
`;

/** Tools that write what is read here; gzip needs none. */
const COMPRESSIONS = ["none", "gzip", "zstd", "lz4", "xz"].filter(
  (name) => name === "none" || name === "gzip" || spawnSync(name, ["--version"]).status === 0,
);

describe("closing during a read", () => {
  it("leaves the descriptor open until the read has come back, and reads nothing after it", async () => {
    writeFileSync(path("under-way"), Buffer.alloc(4_000_000, 1));
    const source = await openSourceAt(path("under-way"), 0);
    const into = new Uint8Array(4_000_000);
    const order: string[] = [];
    const reading = source.read(into, 0, into.length).then((count) => {
      order.push("read");
      return count;
    });
    const closing = source.close().then(() => order.push("closed"));
    expect(await reading).toBe(4_000_000);
    await closing;
    expect(order).toEqual(["read", "closed"]);
    expect(into.every((byte) => byte === 1)).toBe(true);
    expect(await source.read(into, 0, into.length)).toBe(0);
    await source.close();
  });

  it.each(COMPRESSIONS)("ends quietly, compressed by: %s", async (name) => {
    const bytes = writePcap(somePackets(100_000));
    const packed =
      name === "none" ? bytes : spawnSync(name, ["-c"], { input: bytes, maxBuffer: 1 << 28 }).stdout;
    writeFileSync(path(`closing-${name}`), packed);
    // At every step of the decompressor: a read ahead may stand anywhere.
    for (let turns = 0; turns < 12; turns++) {
      const capture = await openCapture([await openSource(path(`closing-${name}`))], { chunkBytes: 65_536 });
      expect(await capture.fill()).toBe(true);
      expect(capture.next()).toBe(true);
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      await capture.close();
      expect(capture.next()).toBe(false);
      expect(await capture.fill()).toBe(false);
      expect(capture.problems).toEqual([]);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

describe.runIf(hasFifos)("input that arrives slowly", () => {
  it.each(["plain", "gzip"])("gives the packets of a FIFO before its writer is done (%s)", async (kind) => {
    const packets = somePackets(4_000);
    const plain = writePcap(packets);
    const bytes = kind === "gzip" ? gzipSync(plain) : plain;
    writeFileSync(path(`slow-${kind}`), bytes);
    expect(spawnSync("mkfifo", [path(`fifo-${kind}`)]).status).toBe(0);
    const child = spawn(process.execPath, ["-e", SLOW_WRITER, path(`slow-${kind}`), path(`fifo-${kind}`)], {
      stdio: ["pipe", "inherit", "inherit"],
    });
    const capture = await openCapture([await openSource(path(`fifo-${kind}`))]);
    let early = 0;
    // Only what was written so far can come: the writer waits for the line below.
    while (early < 1_000) {
      if (capture.next()) early++;
      else expect(await capture.fill()).toBe(true);
    }
    child.stdin!.end("go\n");
    const rest = await collect(capture);
    expect(early + rest.packets.length).toBe(4_000);
    expect(rest.problems).toEqual([]);
    expect(rest.capture.bytesTotal).toBeNull();
  });

  it("closes a FIFO that nobody writes to any more", async () => {
    writeFileSync(path("closing"), writePcap(somePackets(4_000)));
    spawnSync("mkfifo", [path("fifo-closing")]);
    const child = spawn(process.execPath, ["-e", SLOW_WRITER, path("closing"), path("fifo-closing")], {
      stdio: ["pipe", "inherit", "ignore"],
    });
    const capture = await openCapture([await openSource(path("fifo-closing"))]);
    expect(await capture.fill()).toBe(true);
    expect(capture.next()).toBe(true);
    // Nearly all that was written is taken; the read ahead is one that waits for the writer.
    while (capture.number < 1_900) {
      if (!capture.next()) expect(await capture.fill()).toBe(true);
    }
    await capture.close();
    expect(await capture.fill()).toBe(false);
    child.stdin!.end("go\n");
    await new Promise((resolve) => child.once("exit", resolve));
  });
});

/** Reads `-` in a process of its own: this one's standard input belongs to the test runner. */
function readStandardInput(input: "pipe" | "file", bytes: Uint8Array): unknown {
  writeFileSync(path("input"), bytes);
  const run = `"${process.execPath}" "${path("built/script.js")}"`;
  const command = input === "file" ? `${run} < "${path("input")}"` : `cat "${path("input")}" | ${run}`;
  const { stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const READING = `
  const source = await openSource("-");
  const into = new Uint8Array(1000);
  let count = 0;
  let sum = 0;
  while ((count = await source.read(into, 0, 1000)) > 0) for (let i = 0; i < count; i++) sum += into[i];
  const { bytesRead, bytesTotal, name, compression } = source;
  console.log(JSON.stringify({ sum, bytesRead, bytesTotal, name, compression }));
  await source.close();
`;

describe("standard input", () => {
  const bytes = Uint8Array.from({ length: 150_000 }, (_, index) => index % 251);
  const sum = bytes.reduce((total, byte) => total + byte, 0);

  beforeAll(async () => {
    const opener = join(import.meta.dirname, "../../src/source/open-source.ts");
    writeFileSync(path("script.ts"), `import { openSource } from ${JSON.stringify(opener)};\n${READING}`);
    writeFileSync(path("package.json"), '{"type":"module"}');
    await build({
      entry: [path("script.ts")],
      outDir: path("built"),
      format: "esm",
      target: "node20",
      config: false,
      silent: true,
    });
  });

  it.each(["pipe", "file"] as const)("reads a %s to its end", (input) => {
    expect(readStandardInput(input, bytes)).toEqual({
      sum,
      bytesRead: bytes.length,
      bytesTotal: input === "file" ? bytes.length : null,
      name: "standard input",
      compression: null,
    });
  });

  it("decompresses what comes through a pipe", () => {
    expect(readStandardInput("pipe", gzipSync(bytes))).toMatchObject({
      sum,
      compression: "gzip",
    });
  });
});
