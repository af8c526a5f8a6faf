/**
 * Conversations for the tests: a list of segments in few words, made into packets, read by the whole program.
 *
 * `c("SYN")` is sent by 10.0.0.1:40000, `s("SYN ACK")` by 10.0.0.2:80. Sequence and acknowledgment numbers count from
 * each side's ISN as a ladder's do, and follow from what went before unless they are given; ten milliseconds pass
 * between two segments unless `after` says otherwise. Nothing here knows the analyser.
 */
import { type AnalysisOptions, DEFAULT_OPTIONS } from "../../src/analysis-options.js";
import { Analysis } from "../../src/analyzer.js";
import { openCapture } from "../../src/capture/open-capture.js";
import type { ConnectionRecord } from "../../src/report/record.js";
import { MemorySource } from "../../src/source/memory-source.js";
import { NANOSECONDS, type WrittenPacket, writePcap } from "../capture/pcap-writer.js";
import { type Bytes, ethernet, u16, u32, udp } from "../wire/packet-builder.js";

const FLAG_BITS: Readonly<Record<string, number>> = {
  FIN: 1,
  SYN: 2,
  RST: 4,
  PSH: 8,
  ACK: 16,
  ECE: 64,
  CWR: 128,
};

export interface Fields {
  /** Payload bytes. */
  bytes?: number;
  /** The payload itself. */
  payload?: Bytes;
  /** So many bytes of the payload are captured, as a snap length leaves them. */
  snap?: number;
  /** Sequence and acknowledgment numbers relative to the sender's and the receiver's ISN. */
  seq?: number;
  ack?: number;
  /** A new ISN for the sender from this SYN on. */
  isn?: number;
  window?: number;
  windowScale?: number;
  /** On a SYN: 1460 unless given. */
  mss?: number;
  /** TSval and TSecr; with `timestamps` in the options both follow from the time. */
  ts?: readonly [number, number];
  /** SACK blocks relative to the receiver's ISN. */
  sack?: readonly (readonly [number, number])[];
  /** SACK permitted, on a SYN. */
  sackPermitted?: boolean;
  /** TCP Fast Open cookie: its length, 0 for a request. */
  cookie?: number;
  /** User timeout option as sent (RFC 5482 §3). */
  userTimeout?: number;
  /** IP identification; counts up for each side unless given. */
  id?: number;
  ttl?: number;
  /** The two ECN bits of the IP header. */
  ecn?: number;
  vlan?: number;
  /** VXLAN network identifier. */
  vni?: number;
  file?: number;
  /** Milliseconds since the segment before it. */
  after?: number;
  clientPort?: number;
  serverPort?: number;
  /** The last byte of the client's IPv4 address: 1 unless given. */
  clientHost?: number;
  /** Sends the very bytes of an earlier packet again (its place in the list); VLAN, TTL and file may differ. */
  copyOf?: number;
  /** An ICMP message with this code, destination unreachable unless `icmpType` is given, quoting the packet at `copyOf`. */
  icmpCode?: number;
  icmpType?: number;
}

export interface Step extends Fields {
  readonly side: 0 | 1;
  readonly flags: number;
}

export interface Options {
  clientIsn?: number;
  serverIsn?: number;
  version?: 4 | 6;
  /** TSval counts milliseconds on every segment. */
  timestamps?: boolean;
  idleNs?: number;
  startMs?: number;
  predictsHeaders?: boolean;
  mostConnections?: number;
  holdsSynsFrom?: number;
  /** Hears of the connections as they become final, and of what is amended. */
  onFinished?: AnalysisOptions["onFinished"];
  onAmended?: AnalysisOptions["onAmended"];
  onSegment?: AnalysisOptions["onSegment"];
  /** Checksums are verified. */
  checksums?: boolean;
}

function bitsOf(flags: string): number {
  return flags.split(" ").reduce((bits, name) => bits | (FLAG_BITS[name] ?? 0), 0);
}

/** A segment of the client, of the server. */
export const c = (flags: string, fields: Fields = {}): Step => ({ ...fields, side: 0, flags: bitsOf(flags) });
export const s = (flags: string, fields: Fields = {}): Step => ({ ...fields, side: 1, flags: bitsOf(flags) });

/** The three segments of an ordinary handshake, and an ordinary close by the client. */
export const HANDSHAKE: readonly Step[] = [c("SYN"), s("SYN ACK"), c("ACK")];
export const CLOSE: readonly Step[] = [c("FIN ACK"), s("FIN ACK"), c("ACK")];

interface SideState {
  isn: number;
  next: number;
  id: number;
}

/** The options of a header, padded to words. */
function optionBytes(step: Step, peer: SideState): Bytes {
  const bytes: number[] = [];
  if (step.flags & 2) bytes.push(2, 4, ...u16(step.mss ?? 1460));
  if (step.sackPermitted) bytes.push(4, 2);
  if (step.windowScale !== undefined) bytes.push(3, 3, step.windowScale);
  if (step.cookie !== undefined)
    bytes.push(34, 2 + step.cookie, ...Array.from({ length: step.cookie }, (_, i) => i + 1));
  if (step.userTimeout !== undefined) bytes.push(28, 4, ...u16(step.userTimeout));
  if (step.ts) bytes.push(8, 10, ...u32(step.ts[0]), ...u32(step.ts[1]));
  if (step.sack)
    bytes.push(
      5,
      2 + 8 * step.sack.length,
      ...step.sack.flat().flatMap((edge) => u32((peer.isn + edge) | 0)),
    );
  while (bytes.length % 4 !== 0) bytes.push(1);
  return bytes;
}

function ipPacket(
  version: 4 | 6,
  from: 0 | 1,
  protocol: number,
  id: number,
  ttl: number,
  payload: Bytes,
): Bytes {
  if (version === 6) {
    const address = (last: number): Bytes => [
      0x20,
      0x01,
      0x0d,
      0xb8,
      ...Array.from({ length: 11 }, () => 0),
      last,
    ];
    return [
      0x60,
      0,
      0,
      0,
      ...u16(payload.length),
      protocol,
      ttl,
      ...address(1 + from),
      ...address(2 - from),
      ...payload,
    ];
  }
  const address = (last: number): Bytes => [10, 0, 0, last];
  return [
    0x45,
    0,
    ...u16(20 + payload.length),
    ...u16(id),
    0x40,
    0,
    ttl,
    protocol,
    0,
    0,
    ...address(1 + from),
    ...address(2 - from),
    ...payload,
  ];
}

/** The packets of a conversation, by input file. */
export function packetsOf(steps: readonly Step[], options: Options = {}): WrittenPacket[][] {
  const version = options.version ?? 4;
  const sides: [SideState, SideState] = [
    { isn: options.clientIsn ?? 1000, next: 0, id: 100 },
    { isn: options.serverIsn ?? 500_000, next: 0, id: 7000 },
  ];
  const files: WrittenPacket[][] = [];
  const made: Bytes[] = [];
  let ms = options.startMs ?? 1_700_000_000_000;
  steps.forEach((step, i) => {
    if (i > 0) ms += step.after ?? 10;
    const ip =
      step.copyOf === undefined ? segment(step, sides, version) : again(step, made[step.copyOf]!, version);
    made.push(ip);
    const data = Uint8Array.from(onTheLink(step, ip, version));
    const seconds = Math.floor(ms / 1000);
    files[step.file ?? 0] ??= [];
    const cut =
      step.snap === undefined ? 0 : Math.max(0, (step.payload?.length ?? step.bytes ?? 0) - step.snap);
    files[step.file ?? 0]!.push({
      seconds,
      fraction: Math.round((ms - seconds * 1000) * 1e6),
      data: data.subarray(0, data.length - cut),
      original: data.length,
    });
  });
  return files;
}

function segment(step: Step, sides: [SideState, SideState], version: 4 | 6): Bytes {
  const own = sides[step.side];
  const peer = sides[(1 - step.side) as 0 | 1];
  if (step.isn !== undefined) Object.assign(own, { isn: step.isn, next: 0 });
  const bytes = step.payload?.length ?? step.bytes ?? 0;
  const seq = step.seq ?? (step.flags & 2 ? 0 : own.next);
  const ack = step.flags & 16 ? (step.ack ?? peer.next) : 0;
  const end = seq + bytes + (step.flags & 2 ? 1 : 0) + (step.flags & 1 ? 1 : 0);
  if (!(step.flags & 4) && end > own.next) own.next = end;
  const options = optionBytes(step, peer);
  const isBareReset = (step.flags & 20) === 4;
  const tcp = [
    ...u16(step.side === 0 ? (step.clientPort ?? 40_000) : (step.serverPort ?? 80)),
    ...u16(step.side === 0 ? (step.serverPort ?? 80) : (step.clientPort ?? 40_000)),
    ...u32((own.isn + seq) | 0),
    ...u32(step.flags & 16 ? (peer.isn + ack) | 0 : 0),
    ...u16(((5 + options.length / 4) << 12) | step.flags),
    ...u16(step.window ?? (isBareReset ? 0 : 1000)),
    ...u16(0),
    ...u16(0),
    ...options,
    ...(step.payload ?? Array.from({ length: bytes }, (_, at) => (seq + at) & 255)),
  ];
  const packet = [...ipPacket(version, step.side, 6, step.id ?? ++own.id & 0xffff, step.ttl ?? 64, tcp)];
  if (step.clientHost !== undefined) packet[step.side === 0 ? 15 : 19] = step.clientHost;
  packet[1]! |= (step.ecn ?? 0) << (version === 4 ? 0 : 4);
  return packet;
}

/** The packet again, or an ICMP error that quotes it. */
function again(step: Step, packet: Bytes, version: 4 | 6): Bytes {
  if (step.icmpCode === undefined) {
    const copy = [...packet];
    if (step.ttl !== undefined) copy[version === 4 ? 8 : 7] = step.ttl;
    return copy;
  }
  const quote = packet.slice(0, version === 4 ? 28 : 60);
  const message = [step.icmpType ?? (version === 4 ? 3 : 1), step.icmpCode, 0, 0, 0, 0, 0, 0, ...quote];
  return ipPacket(version, step.side, version === 4 ? 1 : 58, 1, 60, message);
}

function onTheLink(step: Step, ip: Bytes, version: 4 | 6): Bytes {
  const type = version === 4 ? 0x0800 : 0x86dd;
  if (step.vni !== undefined) {
    const inner = ethernet(type, ip);
    const vxlan = [8, 0, 0, 0, ...u32(step.vni << 8), ...inner];
    return ethernet(0x0800, ipPacket(4, step.side, 17, 9, 64, udp(50_000, 4789, vxlan)));
  }
  return step.vlan === undefined
    ? ethernet(type, ip)
    : ethernet(0x8100, [...u16(step.vlan), ...u16(type), ...ip]);
}

/** Gives every segment a TSval that counts milliseconds, and the echo of what its peer sent last. */
export function withTimestamps(steps: readonly Step[]): Step[] {
  const last: [number, number] = [0, 0];
  let ms = 0;
  return steps.map((step, i) => {
    ms += i > 0 ? (step.after ?? 10) : 0;
    const val = 10_000 + step.side * 90_000 + Math.round(ms);
    const stamped = { ...step, ts: step.ts ?? ([val, last[(1 - step.side) as 0 | 1]] as const) };
    last[step.side] = stamped.ts[0];
    return stamped;
  });
}

/** Reads the conversation as the program reads files. */
export async function observe(steps: readonly Step[], options: Options = {}): Promise<Analysis> {
  return observePackets(packetsOf(options.timestamps ? withTimestamps(steps) : steps, options), options);
}

/** The same of packets that were made, and perhaps changed, before. */
export async function observePackets(
  packetsOfFiles: readonly (readonly WrittenPacket[])[],
  options: Options = {},
): Promise<Analysis> {
  const files = packetsOfFiles.map((packets) => writePcap(packets, { magic: NANOSECONDS }));
  const fileNames = files.map((_, i) => `file${i}.pcap`);
  const open = () => openCapture(files.map((bytes, i) => new MemorySource(bytes, fileNames[i]!)));
  const idleNs = options.idleNs ?? DEFAULT_OPTIONS.idleNs;
  const { onFinished, onAmended, onSegment } = options;
  const analysis = new Analysis(await open(), {
    ...DEFAULT_OPTIONS,
    idleNs,
    predictsHeaders: options.predictsHeaders ?? true,
    mostConnections: options.mostConnections ?? DEFAULT_OPTIONS.mostConnections,
    ...(options.holdsSynsFrom !== undefined && { holdsSynsFrom: options.holdsSynsFrom }),
    fileNames,
    checksums: options.checksums ?? false,
    reopen: open,
    ...(onFinished && { onFinished }),
    ...(onAmended && { onAmended }),
    ...(onSegment && { onSegment }),
  });
  await analysis.run();
  return analysis;
}

/** The records of the conversation, in the order of their first frames. */
export async function recordsOf(steps: readonly Step[], options: Options = {}): Promise<ConnectionRecord[]> {
  return (await observe(steps, options)).worst("all");
}

/** Labels of the ladder's rows of the conversation's first connection, in order. */
export async function labelsOf(steps: readonly Step[], options: Options = {}): Promise<string[]> {
  const analysis = await observe(steps, options);
  const ladder = await analysis.ladder(analysis.worst("all")[0]!.id);
  return ladder.rows.map((row) => row.label);
}

/** Every segment of the conversation in a few words: label, cause, and what came to light of it. */
export async function segmentsOf(steps: readonly Step[], options: Options = {}): Promise<string[]> {
  const words: string[] = [];
  await observe(steps, {
    ...options,
    onSegment: ({ label, repeats, cause, inferred, spurious }) => {
      const told = label === "retransmission" ? [cause || repeats] : [label];
      words.push([...told, inferred ? "inferred" : "", spurious ? "spurious" : ""].filter(Boolean).join(" "));
    },
  });
  return words;
}
