/** Checks and the formats of rows, by the built command: what is written where, and the exit status. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIELDS } from "../../src/report/fields.js";
import { CAPTURES } from "../samples/samples.js";
import { buildProgram, runProgram } from "./built-program.js";
import { handshakeCapture } from "./handshake-capture.js";

const folder = mkdtempSync(join(tmpdir(), "tcpflow-checks-"));
const at = (name: string): string => join(folder, name);
const SAMPLE = `${CAPTURES}syn-lost.pcap`;

beforeAll(() => {
  buildProgram();
  const good = handshakeCapture(3);
  writeFileSync(at("cut.pcap"), good.subarray(0, good.length - 7));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("--check", () => {
  it("ends with 3 and a line for each condition that holds, beside the report", async () => {
    const checks = ["connectTime.p99 > 1s", "connections > 5", "findings.synLost"].flatMap((text) => [
      "--check",
      text,
    ]);
    const { status, out, error } = await runProgram({ args: [...checks, SAMPLE] });
    expect(status).toBe(3);
    expect(out).toContain("syn-lost.pcap");
    expect(error.trimEnd().split("\n")).toEqual([
      "check holds: connectTime.p99 > 1s (connectTime.p99 = 1.045 s)",
      "check holds: findings.synLost (findings.synLost = 1)",
    ]);
  });

  it("ends with 0 where none holds, and counts those that --where selects", async () => {
    const none = await runProgram({ args: ["--json", "--check", "connections > 5", SAMPLE] });
    expect([none.status, none.error]).toEqual([0, ""]);
    expect(() => JSON.parse(none.out)).not.toThrow();
    const selected = ["--where", "server.port = 1", "--check", "connections = 0", "--ndjson", SAMPLE];
    const other = await runProgram({ args: selected });
    expect([other.status, other.out]).toEqual([3, ""]);
  });

  it("ends with 4 where the capture is cut, and tells what holds all the same", async () => {
    const { status, error } = await runProgram({ args: ["--check", "connections >= 3", at("cut.pcap")] });
    expect(status).toBe(4);
    expect(error).toContain("check holds: connections >= 3 (connections = 3)");
  });

  it("that is wrong is refused before anything is read, with the place", async () => {
    const { status, out, error } = await runProgram({
      args: ["--check", "conections > 5", at("no such file")],
    });
    expect([status, out]).toEqual([2, ""]);
    expect(error).toContain("--check, column 1: no figure of a capture is named");
    expect(error).toContain("the nearest name is connections\n  conections > 5\n  ^\n");
  });
});

describe("a span of time", () => {
  it("is the same by one thread and by two, and times can be told from its beginning", async () => {
    const args = ["--from", "+1s", "--to", "07:53:41.5", "--json"];
    const one = await runProgram({ args: [...args, "--threads", "1", SAMPLE] });
    const two = await runProgram({ args: [...args, "--threads", "2", SAMPLE] });
    expect(JSON.parse(one.out).capture.packets).toBe(12);
    expect(two.out).toBe(one.out);
    const ladder = await runProgram({ args: ["--relative", "--connection", "1", SAMPLE] });
    expect(ladder.out.split("\n")[1]).toBe("+0 · 1.107 s · graceful");
  });
});

describe("rows", () => {
  it("CSV: a line of names and one a connection", async () => {
    const { status, out } = await runProgram({ args: ["--csv", `${CAPTURES}close-wait-leak.pcap`] });
    expect(status).toBe(0);
    const [header, ...rows] = out.trimEnd().split("\n");
    expect(header).toBe(FIELDS.map(({ name }) => name).join(","));
    expect(rows).toHaveLength(2);
  });

  it("Parquet: a file of all connections, on standard output too", async () => {
    const args = ["--parquet", "-o", at("x.parquet"), `${CAPTURES}close-wait-leak.pcap`];
    const { status, out } = await runProgram({ args });
    expect([status, out]).toEqual([0, ""]);
    const { buffer } = new Uint8Array(readFileSync(at("x.parquet")));
    const rows = await parquetReadObjects({ file: buffer });
    expect(rows.map((row) => row["server.state"])).toEqual(["CLOSE_WAIT", "CLOSED"]);
  });

  it("Markdown: headings and tables, as many connections as are asked for", async () => {
    const args = ["--markdown", "--connections", "1", `${CAPTURES}close-wait-leak.pcap`];
    const { status, out } = await runProgram({ args });
    expect(status).toBe(0);
    expect(out).toMatch(/^# close-wait-leak\.pcap$/m);
    expect(out).toContain("## Connections, worst first (1 of 2)");
  });
});
