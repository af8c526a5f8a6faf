/** Packets of some connections as a capture file: those and no others, byte for byte, with their times and interfaces. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CaptureFile } from "../../src/capture/capture-file.js";
import {
  type CaptureFileFormat,
  type ConnectionRecord,
  compileFilter,
  extractPackets,
  OtherLinkType,
  openAnalysis,
  openCaptures,
  PacketSelection,
} from "../../src/index.js";

const root = new URL("../../captures/", import.meta.url).pathname;
const samples = readdirSync(root).filter((name) => /\.pcap(ng)?$/.test(name));
const folder = mkdtempSync(join(tmpdir(), "extract-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function recordsOf(paths: readonly string[]): Promise<ConnectionRecord[]> {
  const analysis = await openAnalysis(paths);
  await analysis.run();
  return analysis.worst("all");
}

/** Writes the packets of `records` to a file; how many those are. */
async function extracted(
  paths: readonly string[],
  records: readonly ConnectionRecord[],
  path: string,
  format: CaptureFileFormat,
): Promise<number> {
  const selection = new PacketSelection();
  for (const record of records) selection.add(record);
  const pieces: Uint8Array[] = [];
  const capture = await openCaptures(paths);
  const count = await extractPackets(capture, selection, format, (piece) => void pieces.push(piece));
  writeFileSync(path, Buffer.concat(pieces));
  return count;
}

/** Every packet of a capture: bytes, time of the epoch, length on the wire, link type and name of its interface. */
async function packetsOf(path: string): Promise<string[]> {
  const capture = await openCaptures([path]);
  const packets: string[] = [];
  while (await capture.fill())
    while (capture.next()) {
      const { bytes, start, end, originalLength, timeNs, interfaceId } = capture;
      const from = capture.interfaces.find(({ id }) => id === interfaceId)!;
      packets.push(
        [
          Buffer.from(bytes.subarray(start, end)).toString("base64"),
          // Over years a time is no longer exact to the nanosecond.
          (capture.originNs! + BigInt(timeNs) + BigInt(from.unitNs) / 2n) / BigInt(from.unitNs),
          originalLength,
          from.linkType,
          from.name,
          from.unitNs,
        ].join(" "),
      );
    }
  await capture.close();
  return packets;
}

/** What does not depend on where in a file packets stand. */
const plain = ({ startMs, durationMs, close, outcome, client, server }: ConnectionRecord) => ({
  durationMs: Math.round(durationMs * 1e6),
  close,
  outcome,
  ports: [client.port, server.port],
  bytes: [client.bytes, server.bytes],
  retransmissions: [client.retransmissions, server.retransmissions],
  isFirst: startMs === 0,
});

describe.each(samples)("%s", (name) => {
  const paths = [join(root, name)];
  const format = name.endsWith("ng") ? "pcapng" : "pcap";

  it("is divided into its connections, and put together from them", async () => {
    const records = await recordsOf(paths);
    const whole = await packetsOf(paths[0]!);
    const all = join(folder, `all.${format}`);
    const count = await extracted(paths, records, all, format);
    // What is left out is no packet of any connection: it is missing for each of them as well.
    const packets = await packetsOf(all);
    expect(packets).toHaveLength(count);
    const known = new Set(whole);
    for (const packet of packets) expect(known.has(packet)).toBe(true);
    const alone: string[] = [];
    for (const record of records.slice(0, 12)) {
      const path = join(folder, `one.${format}`);
      await extracted(paths, [record], path, format);
      alone.push(...(await packetsOf(path)));
    }
    if (records.length <= 12) expect(alone.sort()).toEqual(packets.sort());
  });

  it("tells the same of its connections when only they are there", async () => {
    const records = await recordsOf(paths);
    const path = join(folder, `same.${format}`);
    await extracted(paths, records, path, format);
    expect((await recordsOf([path])).map(plain)).toEqual(records.map(plain));
  });
});

it("only what matches a filter", async () => {
  const paths = [join(root, "loss-spread.pcap")];
  const records = await recordsOf(paths);
  const chosen = records.filter(compileFilter("retransmissions > 1").matches);
  expect(chosen.length).toBeGreaterThan(0);
  expect(chosen.length).toBeLessThan(records.length);
  const path = join(folder, "chosen.pcap");
  await extracted(paths, chosen, path, "pcap");
  expect((await recordsOf([path])).map(({ client }) => client.port)).toEqual(
    chosen.map(({ client }) => client.port),
  );
});

it("nothing where nothing matches: a capture file without packets", async () => {
  for (const format of ["pcap", "pcapng"] as const) {
    const path = join(folder, `nothing.${format}`);
    expect(await extracted([join(root, "loss.pcap")], [], path, format)).toBe(0);
    expect(await packetsOf(path)).toEqual([]);
  }
});

const elsewhere = join(root, "../../shared/captures");

describe.runIf(existsSync(elsewhere))("captures from elsewhere", () => {
  it("keep bytes, times and interfaces of all packets that are anybody's", { timeout: 180_000 }, async () => {
    let tried = 0;
    for (const name of readdirSync(elsewhere)) {
      const paths = [join(elsewhere, name)];
      const records = await recordsOf(paths).catch(() => null);
      if (records === null || records.length === 0 || readFileSync(paths[0]!).length > 5e6) continue;
      tried++;
      const path = join(folder, "elsewhere.pcapng");
      const count = await extracted(paths, records, path, "pcapng");
      const packets = await packetsOf(path);
      expect(packets, name).toHaveLength(count);
      const known = new Map<string, number>();
      const whole = await packetsOf(paths[0]!);
      for (const packet of whole) known.set(packet, (known.get(packet) ?? 0) + 1);
      for (const packet of packets) {
        const left = known.get(packet) ?? 0;
        expect(left, name).toBeGreaterThan(0);
        known.set(packet, left - 1);
      }
      const segments = records.reduce((sum, one) => sum + one.client.packets + one.server.packets, 0);
      expect(count, name).toBeGreaterThanOrEqual(Math.min(segments, whole.length));
    }
    expect(tried).toBeGreaterThan(40);
  });
});

it("of several link types need pcapng", async () => {
  const path = join(root, "loss.pcap");
  const raw = join(folder, "raw.pcap");
  const capture = await openCaptures([path]);
  await capture.fill();
  // The same packets without their Ethernet header.
  const without = { ...capture.interfaces[0]!, linkType: 101 };
  const file = new CaptureFile("pcap", 1_700_000_000_000_000_000n);
  const pieces = [file.header(without)];
  while (capture.next()) {
    const { bytes, start, end, originalLength, timeNs, interfaceId } = capture;
    const packet = {
      bytes,
      start: start + 14,
      end,
      originalLength: originalLength - 14,
      timeNs,
      interfaceId,
    };
    pieces.push(file.packet(packet, without));
  }
  await capture.close();
  writeFileSync(raw, Buffer.concat(pieces));
  const paths = [path, raw];
  const records = await recordsOf(paths);
  const target = join(folder, "both");
  await expect(extracted(paths, records, target, "pcap")).rejects.toThrow(OtherLinkType);
  const count = await extracted(paths, records, target, "pcapng");
  const [ethernet, all] = [await packetsOf(path), await packetsOf(target)];
  expect([count, all.length]).toEqual([2 * ethernet.length, 2 * ethernet.length]);
});
