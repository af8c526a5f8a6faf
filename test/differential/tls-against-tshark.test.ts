/**
 * The TLS handshakes of every public capture and of our samples, told here and by tshark: names, versions, protocols,
 * cipher suites and times must be the same; and the names of alerts.
 *
 * tshark follows whatever looks like TLS; here only a connection whose first bytes were captured and are a ClientHello
 * counts, and each connection of tshark that is not told here stands in the table below with its reason. Where tshark
 * puts a record together from several segments, it names the last one; its first one counts here.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { openAnalysis } from "../../src/index.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { tlsAlertName, tlsVersionName } from "../../src/report/tls-names.js";
import type { TlsRecord } from "../../src/report/tls-record.js";

const PUBLIC = resolve(import.meta.dirname, "../../../shared/captures");
const OWN = resolve(import.meta.dirname, "../../captures");
const hasTshark = spawnSync("tshark", ["--version"]).status === 0;
if (!hasTshark) console.log("left out: TLS against tshark, which is not installed");
if (!existsSync(PUBLIC)) console.log("left out: TLS in the public captures, which are not there");

/** Connections with a ClientHello that are not told here, or of which tshark does not tell the ServerHello. */
const LEFT_OUT: readonly { file: string; client: string; what: "all" | "answer"; why: string }[] = [
  {
    file: "fmt-other-pcapng-zstd.pcapng.zst",
    client: "40304",
    what: "all",
    why: "MySQL: the server speaks first, and TLS begins later in the connection",
  },
  {
    file: "enc-4in6.pcap",
    client: "64455",
    what: "answer",
    why: "the capture ends within the record that begins with the ServerHello: tshark waits for the whole record",
  },
];

const FIELDS = [
  "frame.number",
  "frame.time_relative",
  "tcp.srcport",
  "tcp.dstport",
  "tcp.segment",
  "tls.record.content_type",
  "tls.handshake.type",
  "tls.handshake.version",
  "tls.handshake.extensions.supported_version",
  "tls.handshake.extensions_server_name",
  "tls.handshake.extensions_alpn_str",
  "tls.handshake.ciphersuite",
  "tls.alert_message.desc",
] as const;
type Row = Record<(typeof FIELDS)[number], string>;

/** tshark's lines with a record of TLS, and the times of all frames; keys in the file are not used. */
function dissect(path: string): Row[] {
  const args = ["-n", "-r", path, "-o", "tls.keylog_file:", "-T", "fields", "-E", "separator=/t"];
  for (const field of FIELDS) args.push("-e", field);
  const { stdout } = spawnSync("tshark", args, { encoding: "utf8", maxBuffer: 1 << 28 });
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const values = line.split("\t");
      return Object.fromEntries(FIELDS.map((name, i) => [name, values[i] ?? ""])) as Row;
    });
}

const list = (text: string): string[] => (text === "" ? [] : text.split(","));

/** The clear part of each connection as tshark tells it, by the client's port. */
function toldByTshark(rows: readonly Row[]) {
  const timeOf = new Map(rows.map((row) => [row["frame.number"], Number(row["frame.time_relative"]) * 1000]));
  const hellos = new Map<string, Row>();
  const answers = new Map<string, Row>();
  for (const row of rows) {
    const types = list(row["tls.handshake.type"]);
    if (types[0] === "1" && !hellos.has(row["tcp.srcport"])) hellos.set(row["tcp.srcport"], row);
    if (types[0] === "2" && hellos.has(row["tcp.dstport"]) && !answers.has(row["tcp.dstport"]))
      answers.set(row["tcp.dstport"], row);
  }
  const firstOf = (row: Row) => list(row["tcp.segment"])[0] ?? row["frame.number"];
  return [...hellos].map(([client, hello]) => {
    const answer = answers.get(client);
    const helloAt = timeOf.get(hello["frame.number"])!;
    return {
      client,
      sni: hello["tls.handshake.extensions_server_name"] || null,
      alpnOffered: list(hello["tls.handshake.extensions_alpn_str"]),
      versionsOffered: list(hello["tls.handshake.extensions.supported_version"]),
      oldVersionOffered: hello["tls.handshake.version"],
      helloFrame: Number(hello["frame.number"]),
      answer: answer && {
        version: nameOf(
          list(answer["tls.handshake.extensions.supported_version"])[0] ??
            list(answer["tls.handshake.version"])[0]!,
        ),
        cipher: Number(list(answer["tls.handshake.ciphersuite"])[0]),
        serverHelloMs: timeOf.get(firstOf(answer))! - helloAt,
      },
    };
  });
}

const nameOf = (version: string) => tlsVersionName(Number(version));

async function toldHere(path: string): Promise<ConnectionRecord[]> {
  const analysis = await openAnalysis([path]);
  await analysis.run();
  const records = [...analysis.worst("all")];
  analysis.close();
  return records.filter(({ tls }) => tls !== null);
}

function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !/\.(md|json)$/.test(name))
    .map((name) => join(folder, name))
    .sort();
}

/** Whether tshark can read it and finds a ClientHello: the rest is not looked at twice. */
function hasHello(path: string): boolean {
  const args = ["-n", "-r", path, "-Y", "tls.handshake.type == 1", "-T", "fields", "-e", "frame.number"];
  return spawnSync("tshark", args, { encoding: "utf8" }).stdout.trim() !== "";
}

const withTls = hasTshark ? [...files(PUBLIC), ...files(OWN)].filter(hasHello) : [];

describe.runIf(withTls.length > 0)("TLS as tshark tells it", () => {
  it.each(withTls.map((path) => [path.split("/").at(-1)!, path]))("%s", async (name, path) => {
    const told = toldByTshark(dissect(path));
    const records = await toldHere(path);
    const skipped = LEFT_OUT.filter(({ file }) => file === name);
    const isSkipped = (port: string, what: string) =>
      skipped.some((one) => one.client === port && one.what === what);
    const expected = told.filter(({ client }) => !isSkipped(client, "all"));
    expect(skipped.every(({ client }) => told.some((one) => one.client === client))).toBe(true);
    expect(records.map(({ client }) => `${client.port}`).sort()).toEqual(
      expected.map(({ client }) => client).sort(),
    );
    for (const connection of expected) {
      const tls = records.find(({ client }) => `${client.port}` === connection.client)!.tls!;
      compare(tls, connection, isSkipped(connection.client, "answer"));
    }
  });
});

function compare(
  tls: TlsRecord,
  told: ReturnType<typeof toldByTshark>[number],
  isAnswerSkipped: boolean,
): void {
  expect(tls).toMatchObject({ sni: told.sni, alpnOffered: told.alpnOffered, helloFrame: told.helloFrame });
  const known = told.versionsOffered.map(Number).filter((version) => version >> 8 === 3);
  const highest = known.length > 0 ? Math.max(...known) : Number(list(told.oldVersionOffered)[0]);
  expect(tls.versionOffered).toBe(tlsVersionName(highest));
  if (isAnswerSkipped) return;
  expect(tls.version).toBe(told.answer?.version ?? null);
  expect(tls.cipher).toBe(told.answer?.cipher ?? null);
  if (told.answer) expect(tls.serverHelloMs).toBeCloseTo(told.answer.serverHelloMs, 3);
  else expect(tls.serverHelloMs).toBeNull();
}

describe.runIf(hasTshark)("names of alerts", () => {
  it("are tshark's", () => {
    const { stdout } = spawnSync("tshark", ["-G", "values"], { encoding: "utf8", maxBuffer: 1 << 28 });
    const names = stdout
      .split("\n")
      .map((line) => line.split("\t"))
      .filter(([kind, field]) => kind === "V" && field === "tls.alert_message.desc")
      .map(([, , value, text]) => [Number(value), text!.toLowerCase().replaceAll(" ", "_")] as const);
    expect(names.length).toBeGreaterThan(20);
    const differing = names.filter(([value, text]) => tlsAlertName(value) !== text).map(([value]) => value);
    // Drafts of TLS 1.3 had an alert for what became a message (RFC 8446 §4.5).
    expect(differing).toEqual([1]);
  });
});
