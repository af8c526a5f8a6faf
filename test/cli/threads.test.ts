/** `--threads`, as a process with real threads: the same report, and an end in good order when it is stopped. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram, runProgram } from "./built-program.js";

const folder = mkdtempSync(join(tmpdir(), "threads-"));
const busy = join(folder, "narrow.pcap");
const packed = join(folder, "narrow.pcap.gz");
const GENERATOR = new URL("../../bench/generate.mjs", import.meta.url).pathname;

beforeAll(() => {
  buildProgram();
  execFileSync("node", [GENERATOR, "narrow", "--scale", "0.02", "--out", folder]);
  writeFileSync(packed, gzipSync(readFileSync(busy), { level: 1 }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("--threads", () => {
  it.each([["--json", "--connections", "0"], ["--json"], ["--text"]])(
    "gives the same report with %s %s %s",
    { timeout: 60_000 },
    async (...args: string[]) => {
      const [one, two, four] = await Promise.all(
        ["1", "2", "4"].map((threads) => runProgram({ args: [...args, "--threads", threads, busy] })),
      );
      expect(one!.status).toBe(0);
      expect(one!.out.length).toBeGreaterThan(1000);
      expect(two).toEqual(one);
      expect(four).toEqual(one);
    },
  );

  it("leaves one connection's ladder as it is", async () => {
    const args = ["--text", "--connection", "1"];
    const one = await runProgram({ args: [...args, "--threads", "1", busy] });
    expect(one.status).toBe(0);
    expect(await runProgram({ args: [...args, "--threads", "3", busy] })).toEqual(one);
  });

  it.each([
    ["--ndjson", []],
    ["--json", ["-"]],
  ] as const)("has no meaning for %s %j", async (format, files) => {
    const named = files.length > 0 ? files : [busy];
    const stdin = readFileSync(busy);
    const one = await runProgram({ args: [format, "--threads", "1", ...named], stdin });
    expect(one.status).toBe(0);
    expect(await runProgram({ args: [format, "--threads", "3", ...named], stdin })).toEqual(one);
  });

  it("is a number from 1 to 99", async () => {
    for (const wrong of ["0", "100", "two"]) {
      const { status, error } = await runProgram({ args: ["--json", "--threads", wrong, busy] });
      expect(status).toBe(2);
      expect(error).toContain("A whole number from 1 to 99 is expected.");
    }
  });

  it("reports what was read when it is stopped", async () => {
    const twenty = Array.from({ length: 20 }, () => busy);
    const { status, out, error } = await runProgram({
      args: ["--json", "--connections", "0", "--threads", "2", ...twenty],
      signal: "SIGINT",
    });
    expect(status).toBe(130);
    if (out !== "") expect(out).toContain('"isComplete": false');
    else expect(error).toBe("");
  });
});

describe("a compressed file, which has a thread of its own", () => {
  it("is reported as it is without one, by any number of threads", async () => {
    const args = ["--json", "--connections", "5", "--threads"];
    const [one, three, piped] = await Promise.all([
      runProgram({ args: [...args, "1", packed] }),
      runProgram({ args: [...args, "3", packed] }),
      runProgram({ args: [...args, "1", "-"], stdin: readFileSync(packed) }),
    ]);
    expect(one.status).toBe(0);
    expect(three).toEqual(one);
    const said = (out: string) => (JSON.parse(out) as { connections: unknown[] }).connections;
    expect(said(one.out).length).toBe(5);
    expect(said(one.out)).toEqual(said(piped.out));
  });

  it("says where it is cut, and reports what stands before that", async () => {
    const bytes = readFileSync(packed);
    const cut = join(folder, "cut.pcap.gz");
    writeFileSync(cut, bytes.subarray(0, bytes.length - 100_000));
    const args = ["--json", "--connections", "0", "--threads"];
    const one = await runProgram({ args: [...args, "1", cut] });
    expect(one.status).toBe(4);
    expect(one.error).toMatch(
      /the gzip stream ends early, inside compressed data \(after [\d,]+ compressed bytes\); the [\d,]+ packets before it are reported/,
    );
    expect(await runProgram({ args: [...args, "3", cut] })).toEqual(one);
  });

  it.each(["1", "2"])("ends in good order when it is stopped, with %s threads", async (threads) => {
    const twenty = Array.from({ length: 20 }, () => packed);
    const { status, out, error } = await runProgram({
      args: ["--json", "--connections", "0", "--threads", threads, ...twenty],
      signal: "SIGTERM",
    });
    expect(status).toBe(143);
    if (out !== "") expect(out).toContain('"isComplete": false');
    else expect(error).toBe("");
  });
});
