/** Captures with header fields hidden hold what they held, but for those fields, as an independent program reads them. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type Hideable, hideFields } from "./scoring/hidden-fields.js";

const RECORDED = fileURLToPath(new URL("./recorded/", import.meta.url));
const hasTshark = spawnSync("tshark", ["--version"]).status === 0;
if (!hasTshark)
  console.log("left out: reading captures with hidden fields with tshark, which is not installed");

const folder = mkdtempSync(join(tmpdir(), "hidden-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ALL = ["frame.time_epoch", "frame.len", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags"];
const OF: Readonly<Record<Hideable, readonly string[]>> = {
  id: ["ip.id"],
  timestamps: ["tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr"],
  sack: ["tcp.options.sack_le", "tcp.options.sack_perm"],
};

/** The columns of a capture, one text each, as tshark reads them; checksums of IPv4 are verified. */
function read(path: string, fields: readonly string[]): Map<string, string> {
  const options = ["-n", "-o", "ip.check_checksum:TRUE", "-r", path, "-T", "fields"];
  const text = execFileSync("tshark", [...options, ...fields.flatMap((name) => ["-e", name])], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const rows = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  return new Map(fields.map((name, index) => [name, rows.map((row) => row[index]).join(" ")]));
}

describe.runIf(hasTshark)("a capture with a field hidden", () => {
  const whole = join(RECORDED, "loss10_cubic/mid.pcap.zst");
  const plain = join(folder, "plain.pcap");
  const fields = [...ALL, ...Object.values(OF).flat(), "ip.checksum.status", "tcp.checksum"];

  it.each(Object.keys(OF) as Hideable[])("%s", async (hidden) => {
    await hideFields(whole, plain, new Set());
    const copy = join(folder, `${hidden}.pcap`);
    await hideFields(whole, copy, new Set([hidden]));
    const [before, after] = [read(plain, fields), read(copy, fields)];
    for (const name of [...ALL, "ip.checksum.status"]) expect(after.get(name)).toBe(before.get(name));
    for (const other of Object.keys(OF) as Hideable[]) {
      for (const name of OF[other]) {
        if (other !== hidden) expect(after.get(name)).toBe(before.get(name));
        else
          expect(
            after
              .get(name)
              ?.replace(/0x0000/g, "")
              .trim(),
          ).toBe("");
      }
    }
    expect(before.get(OF[hidden][0]!)?.trim()).not.toBe("");
    // The TCP checksum follows the options that it covers.
    expect(after.get("tcp.checksum") === before.get("tcp.checksum")).toBe(hidden === "id");
  });
});
