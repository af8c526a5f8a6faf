/**
 * What a record says of one direction's bytes: where they were lost, how long repairs and stalls took, how fast they came
 * through and what limited that. What is under way still lasts until the connection's last packet.
 */
import type {
  LimitsRecord,
  LostRecord,
  RecoveryRecord,
  RepeatedBytesRecord,
  StallRecord,
} from "../report/transfer-record.js";
import { after, distance } from "../tcp/sequence.js";
import { blackHoleRecord } from "./black-hole.js";
import { firstDataAt, lastPacketAt, MARK_FIN_SENT, STRIDE } from "./columns.js";
import type { DescribeContext } from "./describe.js";
import { joined } from "./joined.js";
import { unfollowedApplicationNs } from "./limits.js";
import { frameOf } from "./packet-names.js";
import { handshakeRttNs } from "./round-trip.js";

const BITS = 8;
const NS_PER_SECOND = 1e9;

/** Of the endpoint at `row`: everything of this file. */
export function transferFacts(context: DescribeContext, row: number) {
  const { endpoints: e, rare } = context.connections;
  const at = e.rareRow[row]!;
  const repeated = rare.retransmittedBytes[at]!;
  return joined(
    repeatFacts(context, row),
    {
      retransmissionShare: e.bytes[row]! > 0 ? repeated / e.bytes[row]! : null,
      lost: lostRecord(context, row),
      lostAcks: rare.lostAcks[at]!,
      recovery: recoveryRecord(context, row),
      stall: stallRecord(context, row),
      blackHole: blackHoleRecord(context.connections, row),
    },
    speedFacts(context, row),
    {
      initialWindowBytes: initialWindow(context, row),
      windowFulls: rare.windowFulls[at]!,
      filledWindowBytes: rare.filledWindow[at]! || null,
      limitedBy: limitsRecord(context, row),
    },
  );
}

/** Repeats by cause, as far as they have no field of their own, and the bytes of all. */
function repeatFacts({ connections }: DescribeContext, row: number) {
  const { endpoints: e, rare } = connections;
  const at = e.rareRow[row]!;
  const counted =
    Math.max(0, e.synCount[row]! - 1) +
    rare.fastRetransmissions[at]! +
    rare.timeouts[at]! +
    rare.timeoutRepeats[at]! +
    rare.tailLossProbes[at]! +
    rare.pathMtuRepeats[at]! +
    rare.fastOpenRepeats[at]!;
  return {
    pathMtuRetransmissions: rare.pathMtuRepeats[at]!,
    fastOpenRetransmissions: rare.fastOpenRepeats[at]!,
    unexplainedRetransmissions: Math.max(0, rare.retransmissions[at]! - counted),
    repeatedBytes: repeatedBytes(connections, row),
  };
}

function repeatedBytes(
  { endpoints: e, rare }: DescribeContext["connections"],
  row: number,
): RepeatedBytesRecord | null {
  const at = e.rareRow[row]!;
  if (rare.retransmittedBytes[at]! === 0) return null;
  const told = {
    fastBytes: rare.fastBytes[at]!,
    timeoutBytes: rare.timeoutBytes[at]!,
    timeoutRepeatBytes: rare.timeoutRepeatBytes[at]!,
    tailLossProbeBytes: rare.tailLossProbeBytes[at]!,
    pathMtuBytes: rare.pathMtuBytes[at]!,
    fastOpenBytes: rare.fastOpenBytes[at]!,
  };
  const sum = Object.values(told).reduce((total, bytes) => total + bytes, 0);
  return { ...told, unexplainedBytes: Math.max(0, rare.retransmittedBytes[at]! - sum) };
}

function lostRecord({ connections }: DescribeContext, row: number): LostRecord | null {
  const { endpoints: e, rare } = connections;
  const at = e.rareRow[row]!;
  const [beforeCapture, afterCapture] = [rare.lostBefore[at]!, rare.lostAfter[at]!];
  if (beforeCapture <= 0 && afterCapture <= 0) return null;
  return {
    beforeCapture: Math.max(0, beforeCapture),
    beforeCaptureBytes: Math.max(0, rare.lostBeforeBytes[at]!),
    afterCapture: Math.max(0, afterCapture),
    afterCaptureBytes: Math.max(0, rare.lostAfterBytes[at]!),
  };
}

function recoveryRecord(context: DescribeContext, row: number): RecoveryRecord | null {
  const { endpoints: e, rare } = context.connections;
  const at = e.rareRow[row]!;
  if (rare.episodes[at] === 0) return null;
  return {
    episodes: rare.episodes[at]!,
    ...timesFacts(context, row, {
      sinceNs: rare.episodeSince[at]!,
      sinceFrame: rare.episodeFrame[at]!,
      totalNs: rare.episodeNs[at]!,
      longestNs: rare.longestEpisodeNs[at]!,
      longestFrame: rare.longestEpisodeFrame[at]!,
      longestEnd: rare.longestEpisodeEnd[at]!,
    }),
    flightRatio: rare.flightBefore[at]! > 0 ? rare.flightAfter[at]! / rare.flightBefore[at]! : null,
    flightsMeasured: rare.flightsMeasured[at]!,
  };
}

function stallRecord(context: DescribeContext, row: number): StallRecord | null {
  const { endpoints: e, rare } = context.connections;
  const at = e.rareRow[row]!;
  if (rare.stalls[at] === 0) return null;
  return {
    count: rare.stalls[at]!,
    ...timesFacts(context, row, {
      sinceNs: rare.stallSince[at]!,
      sinceFrame: rare.stallFrame[at]!,
      totalNs: rare.stallNs[at]!,
      longestNs: rare.longestStallNs[at]!,
      longestFrame: rare.longestStallFrame[at]!,
      longestEnd: rare.longestStallEnd[at]!,
    }),
  };
}

/** Times of one kind: the one under way (`sinceNs` 0: none), the sum of those that are over, and the longest of them. */
interface Times {
  readonly sinceNs: number;
  readonly sinceFrame: number;
  readonly totalNs: number;
  readonly longestNs: number;
  readonly longestFrame: number;
  readonly longestEnd: number;
}

/** How long they took in all, and the longest, which may be the one under way. */
function timesFacts({ connections, scene }: DescribeContext, row: number, times: Times) {
  const openNs = openTimeNs(connections, row, times.sinceNs);
  const isOpenLongest = openNs > times.longestNs;
  return {
    totalMs: (times.totalNs + openNs) / 1e6,
    longestMs: Math.max(openNs, times.longestNs) / 1e6,
    fromFrame: frameOf(scene.fileNames, isOpenLongest ? times.sinceFrame : times.longestFrame),
    toFrame: isOpenLongest ? null : frameOf(scene.fileNames, times.longestEnd),
  };
}

/** What began at `sinceNs` (0: nothing is under way) has lasted until the connection's last packet. */
function openTimeNs({ endpoints: e }: DescribeContext["connections"], row: number, sinceNs: number): number {
  if (!(sinceNs > 0)) return 0;
  return Math.max(0, lastPacketAt(e, row) - sinceNs);
}

/** From its first payload to its last; 0 where there are not two. */
function transferNs({ connections }: DescribeContext, row: number): number {
  const { endpoints: e, columns } = connections;
  return Math.max(0, e.lastDataAt[row]! - firstDataAt(columns, row) || 0);
}

function speedFacts(context: DescribeContext, row: number) {
  const { endpoints: e, rare } = context.connections;
  const at = e.rareRow[row]!;
  const ns = transferNs(context, row);
  const rate = (bytes: number) => (ns > 0 ? (bytes * BITS * NS_PER_SECOND) / ns : null);
  const idleNs = rare.idleNs[at]!;
  return {
    transferMs: e.bytes[row]! > 0 ? ns / 1e6 : null,
    throughput: rate(e.bytes[row]!),
    goodput: rate(e.bytes[row]! - rare.retransmittedBytes[at]!),
    busyMs: rare.isTimed[at] && ns > 0 && idleNs === idleNs ? Math.max(0, ns - idleNs) / 1e6 : null,
  };
}

/** What was sent at first tells of a window only where an acknowledgment then called for more. */
function initialWindow({ connections }: DescribeContext, row: number): number | null {
  const { endpoints: e, rare } = connections;
  const bytes = rare.initialWindow[e.rareRow[row]!]!;
  const first = (e.isn[row]! + 1) | 0;
  const end = e.marks[row]! & MARK_FIN_SENT ? e.finSequence[row]! : e.sndNxt[row]!;
  const isAcknowledged = after(e.sndUna[row]!, first) && e.packets[row ^ STRIDE]! > 0;
  return bytes > 0 && isAcknowledged && distance(end, first) > bytes ? bytes : null;
}

function limitsRecord(context: DescribeContext, row: number): LimitsRecord | null {
  const { connections } = context;
  const { endpoints: e, rare } = connections;
  const at = e.rareRow[row]!;
  const ns = transferNs(context, row);
  // What took less than a round trip was not held by anything; without its peer nobody knows.
  if (ns < handshakeRttNs(connections, row) || e.packets[row ^ STRIDE] === 0) return null;
  const openNs = rare.episodeSince[at]! > 0 ? Math.max(0, e.lastDataAt[row]! - rare.episodeFrom[at]!) : 0;
  const applicationNs = rare.isTimed[at]
    ? rare.applicationNs[at]!
    : unfollowedApplicationNs(connections, row, ns);
  const network = Math.min(ns, rare.networkNs[at]! + openNs);
  const window = Math.min(ns - network, rare.receiveWindowNs[at]!);
  const application = Math.min(ns - network - window, applicationNs);
  return {
    application: application / ns,
    receiveWindow: window / ns,
    network: network / ns,
    congestionWindow: (ns - network - window - application) / ns,
  };
}
