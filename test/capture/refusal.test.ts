/**
 * What is no pcap and no pcapng is refused in one sentence that names it and says what to do.
 */
import { describe, expect, it } from "vitest";
import { CaptureError, displayName, formatCount } from "../../src/capture/capture-error.js";
import { describeOtherFormat } from "../../src/capture/other-formats.js";
import { collectBytes } from "./collect.js";

/** Two ERF records (Ethernet, 76 bytes each) as the format is documented. */
function erf(): number[] {
  const record = new Uint8Array(76);
  const view = new DataView(record.buffer);
  view.setUint32(4, 1_213_300_000, true);
  record[8] = 2;
  view.setUint16(10, 76);
  view.setUint16(14, 60);
  return [...record, ...record];
}

const BEGINNINGS: [string, string | number[]][] = [
  ["Solaris snoop", "snoop\0\0\0\0\0\0\x02"],
  ["btsnoop", "btsnoop\0\0\0\0\x01"],
  ["Network Monitor 1", "RTSS\x01\x01"],
  ["Network Monitor 2", "GMBU\0\x02"],
  ["NetXRay or Windows Sniffer", "XCP\x00002.002"],
  ["NetXRay 1.0", "VL\0\0"],
  ["DOS Sniffer", "TRSNIFF data    \x1a"],
  ["iptrace 1", "iptrace 1.0"],
  ["iptrace 2", "iptrace 2.0"],
  ["OmniPeek", "\x7fver"],
  ["5Views", [0xaa, 0xaa, 0xaa, 0xaa]],
  ["Visual Networks", "\x05VNF"],
  ["EyeSDN", "EyeSDN"],
  ["nettl", [0x54, 0x52, 0x00, 0x64, 0x00]],
  ["K12", [0x00, 0x00, 0x02, 0x00, 0x12, 0x05, 0x00, 0x10]],
  ["Observer", "ObserverPktBufferVersion=15.00"],
  ["LANalyzer", [0x01, 0x10, 0x4c, 0x00, 0x01, 0x05, 0, 0]],
  ["ERF", erf()],
  ["bzip2", "BZh91AY"],
  ["ZIP", "PK\x03\x04"],
  ["lzip", "LZIP"],
  ["compressed twice", [0x1f, 0x8b, 8, 0]],
  ["text", "11:32:01.5 IP 10.0.0.1.80 > 10.0.0.2.4000: Flags [S]"],
];

describe("refusals", () => {
  it.each(BEGINNINGS)("names %s", async (name, beginning) => {
    const head = typeof beginning === "string" ? [...Buffer.from(beginning, "latin1")] : beginning;
    // Binary filling, so that only the signature can tell; text and ERF stand alone.
    const filling =
      name === "text" || name === "ERF" ? [] : Array.from({ length: 80 }, (_, index) => (index * 37) & 0xff);
    const error = await collectBytes(Uint8Array.from([...head, ...filling]), {}, "x.cap").then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(CaptureError);
    expect(error).toMatchObject({ kind: "other-format", path: "x.cap" });
    const { message } = error as CaptureError;
    expect(message).toContain(name);
    expect(message).toMatch(/^x\.cap: is .+; .+$/);
  });

  it("shows the first bytes of what it does not know", async () => {
    const bytes = Uint8Array.from([1, 2, 0xfe, 4, ...new Array(30).fill(0)]);
    await expect(collectBytes(bytes, {}, "x")).rejects.toMatchObject({
      kind: "not-a-capture",
      message: expect.stringContaining("01 02 fe 04"),
    });
  });

  it("says that an empty file is empty", async () => {
    await expect(collectBytes(new Uint8Array(0), {}, "x")).rejects.toMatchObject({ kind: "empty" });
  });

  it("refuses a section header without its byte-order mark", async () => {
    const bytes = new Uint8Array(64);
    bytes.set([0x0a, 0x0d, 0x0d, 0x0a]);
    await expect(collectBytes(bytes)).rejects.toMatchObject({ kind: "not-a-capture" });
  });

  it("does not take random bytes for a known format", () => {
    expect(
      describeOtherFormat(Uint8Array.from({ length: 512 }, (_, index) => (index * index * 7 + 13) & 0xff)),
    ).toBeNull();
    expect(describeOtherFormat(new Uint8Array(512))).toBeNull();
  });

  it("passes no control character of a name on, and keeps the name as it was", async () => {
    const path = "a\u001b[2Jb\u009b\u202ec\u2066\nd\ud800é漢";
    const error = await collectBytes(new Uint8Array(0), {}, path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ path, message: "a?[2Jb??c??d?é漢: is empty: there is nothing to read" });
    expect(displayName("plain näme 😀.pcap")).toBe("plain näme 😀.pcap");
  });

  it("writes commas between thousands", () => {
    expect([0, 999, 1000, 2864, 1234567, -12345].map(formatCount)).toEqual([
      "0",
      "999",
      "1,000",
      "2,864",
      "1,234,567",
      "-12,345",
    ]);
  });
});
