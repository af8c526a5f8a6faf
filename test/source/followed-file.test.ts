/** A file that is still written: what comes is read, and the end is where following is stopped. */
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { type Analysis, openAnalysis } from "../../src/index.js";
import { openFollowed } from "../../src/source/open-source.js";

const folder = mkdtempSync(join(tmpdir(), "followed-"));
afterAll(() => rmSync(folder, { recursive: true }));
const whole = readFileSync(new URL("../../captures/loss.pcap", import.meta.url));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; !isTrue(); waited += 20) {
    if (waited > 20_000) throw new Error("it never happened");
    await pause(20);
  }
}

async function followed(name: string): Promise<{ path: string; analysis: Analysis; stop: AbortController }> {
  const path = join(folder, name);
  writeFileSync(path, whole.subarray(0, 24));
  const stop = new AbortController();
  return { path, analysis: await openAnalysis([path], { follow: stop.signal }), stop };
}

async function alone(): Promise<Analysis> {
  const path = join(folder, "alone.pcap");
  writeFileSync(path, whole);
  const analysis = await openAnalysis([path]);
  await analysis.run();
  return analysis;
}

describe("a capture that grows", () => {
  it("is told as the whole file would be, wherever a write ends", async () => {
    const { path, analysis, stop } = await followed("grows.pcap");
    const reading = analysis.run();
    const total = (await alone()).summary().packets;
    for (let at = 24; at < whole.length; at += 997) {
      appendFileSync(path, whole.subarray(at, Math.min(at + 997, whole.length)));
      if (at % 5 === 0) await pause(5);
    }
    await until(() => analysis.progress().packets === total);
    expect(analysis.progress().isDone).toBe(false);
    stop.abort();
    await reading;
    const expected = await alone();
    expect(analysis.worst("all")).toEqual(expected.worst("all"));
    expect(analysis.summary()).toEqual({ ...expected.summary(), files: ["grows.pcap"] });
  });

  it("hands a connection on when it is final, not when the file ends", async () => {
    const path = join(folder, "streams.pcap");
    writeFileSync(path, whole.subarray(0, 24));
    const stop = new AbortController();
    const finished: string[] = [];
    const analysis = await openAnalysis([path], {
      follow: stop.signal,
      keep: "none",
      onFinished: ({ id }) => void finished.push(id),
    });
    const reading = analysis.run();
    appendFileSync(path, whole.subarray(24));
    await until(() => analysis.progress().packets === 64 || analysis.progress().packets > 20);
    stop.abort();
    await reading;
    expect(finished.length).toBeGreaterThan(0);
  });

  it("that is stopped inside a packet is not damaged: its writer had not come further", async () => {
    const { path, analysis, stop } = await followed("cut.pcap");
    const reading = analysis.run();
    appendFileSync(path, whole.subarray(24, 24 + 16 + 10));
    await pause(250);
    stop.abort();
    await reading;
    expect(analysis.progress()).toMatchObject({ packets: 0, problem: null });
  });
});

describe.each([
  [
    "replaced",
    (path: string) => {
      renameSync(path, `${path}.1`);
      writeFileSync(path, whole.subarray(0, 24));
    },
  ],
  ["removed", (path: string) => rmSync(path)],
  ["cut", (path: string) => truncateSync(path, 10)],
] as const)("a file that is %s", (name, change) => {
  it("ends there", async () => {
    const { path, analysis } = await followed(`${name}.pcap`);
    appendFileSync(path, whole.subarray(24));
    const reading = analysis.run();
    const total = (await alone()).summary().packets;
    await until(() => analysis.progress().packets === total);
    change(path);
    await reading;
    expect(analysis.summary().packets).toBe(total);
  });
});

it("refuses what is no regular file, what is compressed, and what is not there", async () => {
  const { signal } = new AbortController();
  await expect(openFollowed("/dev/null", signal)).rejects.toThrow("/dev/null: is no regular file");
  writeFileSync(join(folder, "x.gz"), gzipSync(whole));
  await expect(openFollowed(join(folder, "x.gz"), signal)).rejects.toThrow(
    /x\.gz: is compressed; only a plain/,
  );
  await expect(openFollowed(join(folder, "none"), signal)).rejects.toThrow(/none: /);
});
