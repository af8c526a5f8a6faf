/** The built command as a process: what it writes where, and with which status it ends. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NANOSECONDS, writePcap } from "../capture/pcap-writer.js";
import { CLOSE, c, HANDSHAKE, packetsOf, s } from "../connection/conversation.js";
import { buildProgram, runProgram } from "./built-program.js";
import { handshakeCapture, PACKETS_EACH } from "./handshake-capture.js";

const folder = mkdtempSync(join(tmpdir(), "tcpflow-cli-"));
const at = (name: string): string => join(folder, name);
const good = handshakeCapture(3);

beforeAll(() => {
  buildProgram();
  writeFileSync(at("good.pcap"), good);
  writeFileSync(at("cut.pcap"), good.subarray(0, good.length - 7));
  writeFileSync(at("empty.pcap"), "");
  writeFileSync(at("notes.txt"), "this is no capture, only words about one");
  writeFileSync(at("sun.snoop"), Buffer.from("snoop\0\0\0\0\0\0\x02\0\0\0\x04", "latin1"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Exactly one line, beginning with the name and ending without a stack. */
function expectOneSentence(error: string, name: string): void {
  expect(error.trimEnd().split("\n")).toHaveLength(1);
  expect(error.startsWith(`${name}: `), error).toBe(true);
}

describe("an input", () => {
  it.each(["none.pcap", "empty.pcap", "notes.txt", "sun.snoop"])(
    "%s cannot be read: status 1",
    async (name) => {
      const { status, out, error } = await runProgram({ args: ["--text", at(name)] });
      expect(status).toBe(1);
      expect(out).toBe("");
      expectOneSentence(error, at(name));
    },
  );

  it("that is a directory is refused with status 1", async () => {
    const { status, error } = await runProgram({ args: [folder] });
    expect(status).toBe(1);
    expectOneSentence(error, folder);
  });

  it("that is cut is reported as far as it goes, with status 4", async () => {
    const { status, out, error } = await runProgram({ args: ["--json", at("cut.pcap")] });
    expect(status).toBe(4);
    const document = JSON.parse(out);
    expect(document.capture.packets).toBe(3 * PACKETS_EACH - 1);
    expect(document.connections).toHaveLength(3);
    expect(error).toContain("cut.pcap: ");
    const text = await runProgram({ args: [at("cut.pcap")] });
    expect(text.status).toBe(4);
    expect(text.out).toContain("PROBLEM");
  });

  it("comes from standard input with -", async () => {
    const { status, out } = await runProgram({ args: ["--text", "-"], stdin: good });
    expect(status).toBe(0);
    expect(out).toContain("24 packets · 3 connections");
  });

  it("whose name would act on the terminal does not", async () => {
    const { status, error } = await runProgram({ args: [at("\x1b[2Jno\nfile")] });
    expect(status).toBe(1);
    expect(error).not.toContain("\x1b");
    expect(error.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("--follow", () => {
  it("streams what ends while the file is written, and ends with the first signal and a whole report", async () => {
    const path = at("growing.pcap");
    const whole = readFileSync(at("good.pcap"));
    const half = whole.length - 200;
    writeFileSync(path, whole.subarray(0, half));
    setTimeout(() => appendFileSync(path, whole.subarray(half)), 300);
    const { status, out, error } = await runProgram({ args: ["--json", "-f", path], signal: "SIGINT" });
    expect([status, error]).toEqual([0, ""]);
    const { capture, connections } = JSON.parse(out);
    const plain = JSON.parse((await runProgram({ args: ["--json", at("good.pcap")] })).out);
    expect(capture.isComplete).toBe(true);
    expect(connections).toEqual(plain.connections);
  });
});

describe("--extract", () => {
  it("writes the packets of what matches, and says how many", async () => {
    const target = at("some.pcap");
    const { status, out, error } = await runProgram({
      args: ["--extract", "closedFirst = client", "-o", target, at("good.pcap")],
    });
    expect([status, out]).toEqual([0, ""]);
    expect(error).toMatch(/some\.pcap: \d+ packets of \d of 3 connections\n$/);
    const read = await runProgram({ args: ["--json", target] });
    expect(JSON.parse(read.out).connections.map((one: { closedFirst: string }) => one.closedFirst)).toContain(
      "client",
    );
  });

  it.each([
    [["--extract", "rtt > x", "-o", "OUT"], 2, /^tcpflow-analyze: --extract, column 7: /],
    [["--extract", "packets > 0", "-o", "IN"], 2, /good\.pcap: is also an input; name another file/],
    [["--extract", "packets > 0", "-o", "/no/such/folder/x.pcap"], 2, /its directory does not exist/],
    [["--extract", "packets > 0"], 2, /--extract needs a file to write packets to/],
  ] as const)("%j is refused with status %d", async (args, expected, sentence) => {
    const paths = { OUT: at("out.pcap"), IN: at("good.pcap") } as Readonly<Record<string, string>>;
    const { status, out, error } = await runProgram({
      args: [...args.map((arg) => paths[arg] ?? arg), at("good.pcap")],
    });
    expect([status, out]).toEqual([expected, ""]);
    expect(error).toMatch(sentence);
  });
});

describe("a report", () => {
  it("is text without color where it is piped, and the same with NO_COLOR", async () => {
    const plain = await runProgram({ args: [at("good.pcap")] });
    expect(plain).toMatchObject({ status: 0, error: "" });
    expect(plain.out).toContain("No problems found");
    expect(plain.out).not.toContain("\x1b");
    const colored = await runProgram({ args: ["--color", "always", at("good.pcap")] });
    expect(colored.out).toContain("\x1b[1m");
    const never = await runProgram({
      args: [at("good.pcap")],
      environment: { NO_COLOR: "1", FORCE_COLOR: "1" },
    });
    expect(never.out).toBe(plain.out);
  });

  it("in HTML has the details of those connections alone that it lists", async () => {
    const listed = async (args: readonly string[]) => {
      const { status, error } = await runProgram({
        args: ["--html", "-o", at("page.html"), ...args, at("good.pcap")],
      });
      expect({ status, error }).toEqual({ status: 0, error: "" });
      const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(
        readFileSync(at("page.html"), "utf8"),
      )![1]!;
      const { count, details } = JSON.parse(json);
      return { count, details: Object.keys(details).length };
    };
    expect(await listed([])).toEqual({ count: 3, details: 3 });
    expect(await listed(["--connections", "1"])).toEqual({ count: 1, details: 1 });
  });

  it("is ASCII where the locale says so", async () => {
    const { out } = await runProgram({ args: [at("good.pcap")], environment: { LC_ALL: "C" } });
    expect(out).toMatch(/^[\n -~]+$/);
  });

  it("is of the connections that match, in every format", async () => {
    const where = ["--where", "closedFirst = client", at("good.pcap")];
    const { out, status } = await runProgram({ args: ["--json", ...where] });
    const { capture, connections } = JSON.parse(out);
    expect(status).toBe(0);
    expect(connections).toHaveLength(capture.connections);
    for (const { closedFirst } of connections) expect(closedFirst).toBe("client");
    const lines = (await runProgram({ args: ["--ndjson", ...where] })).out.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(connections.map(({ id }: { id: string }) => id));
    const text = await runProgram({ args: ["--text", "--where", "bytes > 1GB", at("good.pcap")] });
    expect(text.out).toContain("None of the 3 connections matches.");
  });

  it("is refused with the place where a filter is wrong, status 2", async () => {
    const { status, out, error } = await runProgram({
      args: ["--text", "--where", "rtt > x", at("good.pcap")],
    });
    expect([status, out]).toEqual([2, ""]);
    expect(error).toBe(
      'tcpflow-analyze: --where, column 7: "x" is not a time, such as 100ms, 1.5s or 2min; a number alone is in milliseconds\n' +
        "  rtt > x\n        ^\n",
    );
  });

  it("lists as many connections as it is told to", async () => {
    for (const [count, listed] of [
      ["0", 0],
      ["2", 2],
      ["all", 3],
    ] as const) {
      const { out } = await runProgram({ args: ["--json", "--connections", count, at("good.pcap")] });
      expect(JSON.parse(out).connections).toHaveLength(listed);
    }
  });

  it("amends in NDJSON what it wrote before", async () => {
    const late = s("ACK", { seq: 2, after: 5000 });
    const [packets] = packetsOf([...HANDSHAKE, ...CLOSE, late]);
    writeFileSync(at("late.pcap"), writePcap(packets!, { magic: NANOSECONDS }));
    const { status, out } = await runProgram({ args: ["--ndjson", at("late.pcap")] });
    expect(status).toBe(0);
    const rows = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toMatchObject([
      { id: "1", packets: 6 },
      { amends: "1", lateSegments: 1, lastLateId: "7" },
    ]);
  });

  it("is one line a connection in NDJSON", async () => {
    const { status, out } = await runProgram({ args: ["--ndjson", at("good.pcap")] });
    expect(status).toBe(0);
    const rows = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map((row) => row["client.port"]).sort()).toEqual([20_000, 20_001, 20_002]);
    expect(rows.every((row) => row.outcome === "completed" && row.connectTimeMs === 2)).toBe(true);
  });

  it("says on standard error which lines of segments were written too early", async () => {
    const stamps = HANDSHAKE.map((step, i) => ({ ...step, ts: [i, i] as const }));
    const steps = [
      ...stamps,
      c("ACK", { bytes: 100, ts: [10, 1] }),
      c("ACK", { seq: 1, bytes: 100, after: 300, ts: [310, 1] }),
      s("ACK", { ack: 1, after: 2500, ts: [2800, 2] }),
      s("ACK", { ack: 101, ts: [2810, 10] }),
    ];
    writeFileSync(at("late.pcap"), writePcap(packetsOf(steps)[0]!, { magic: NANOSECONDS }));
    for (const format of ["--text", "--ndjson"]) {
      const late = await runProgram({ args: [format, "--segments", at("late.pcap")] });
      expect(late.status).toBe(0);
      expect(late.error).toMatch(/^tcpflow-analyze: 1 revision of a segment .*lateAmendments/);
      const early = await runProgram({ args: [format, "--segments", at("good.pcap")] });
      expect(early.error).toBe("");
    }
  });

  it("is of one connection, with its segments", async () => {
    const { status, out } = await runProgram({ args: ["--connection", "9", at("good.pcap")] });
    expect(status).toBe(0);
    expect(out).toContain("10.0.1.0:20001 → 10.0.0.1:80");
    expect(out).toContain("SYN ACK seq 0 ack 1");
    const json = await runProgram({ args: ["--json", "--connection", "9", at("good.pcap")] });
    expect(JSON.parse(json.out).segments).toHaveLength(PACKETS_EACH);
    const unknown = await runProgram({ args: ["--connection", "10", at("good.pcap")] });
    expect(unknown).toMatchObject({ status: 2, out: "" });
    expect(unknown.error).toContain("no connection has the id 10");
  });

  it("goes to a file with -o, and to nowhere else", async () => {
    const { status, out } = await runProgram({ args: ["--json", "-o", at("report.json"), at("good.pcap")] });
    expect({ status, out }).toEqual({ status: 0, out: "" });
    expect(JSON.parse(readFileSync(at("report.json"), "utf8")).connections).toHaveLength(3);
  });

  it("never overwrites an input, nor an older report because of one that cannot be read", async () => {
    const same = await runProgram({ args: ["-o", at("good.pcap"), at("good.pcap")] });
    expect(same.status).toBe(2);
    expectOneSentence(same.error, at("good.pcap"));
    expect(readFileSync(at("good.pcap")).equals(good)).toBe(true);
    writeFileSync(at("older.txt"), "older");
    expect((await runProgram({ args: ["-o", at("older.txt"), at("none.pcap")] })).status).toBe(1);
    expect(readFileSync(at("older.txt"), "utf8")).toBe("older");
  });

  it("that cannot be written is told in a sentence", async () => {
    const missing = await runProgram({ args: ["-o", at("no/such/report"), at("good.pcap")] });
    expect(missing.status).toBe(2);
    expectOneSentence(missing.error, at("no/such/report"));
  });

  it.runIf(existsSync("/dev/full"))("on a full disk ends with a sentence", async () => {
    const full = await runProgram({ args: ["-o", "/dev/full", at("good.pcap")] });
    expect(full.status).toBe(1);
    expectOneSentence(full.error, "/dev/full");
  });

  it("ends quietly when its reader has gone", async () => {
    writeFileSync(at("many.pcap"), handshakeCapture(2000));
    for (const format of ["--ndjson", "--json", "--text"]) {
      const args = [format, ...(format === "--ndjson" ? [] : ["--connections", "all"]), at("many.pcap")];
      const { status, error } = await runProgram({ args, closeAfterBytes: 1 });
      expect({ format, status, error }).toEqual({ format, status: 0, error: "" });
    }
  });
});

describe("a signal while reading", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s ends with status %s and the report so far", async (signal, expected) => {
    const ended = await runProgram({ args: ["--json", "-"], stdin: good, isStdinKeptOpen: true, signal });
    expect(ended.status).toBe(expected);
    const { capture } = JSON.parse(ended.out);
    expect(capture.isComplete).toBe(false);
    expect(capture.packets).toBe(3 * PACKETS_EACH);
    expect(ended.error).toContain("partial");
  });
});
