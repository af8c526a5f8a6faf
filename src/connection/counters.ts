/**
 * Counts what was seen of each endpoint. Copies are counted here and nowhere else.
 */
import {
  CAUSE_RTO,
  LABEL_AFTER_GAP,
  LABEL_CAPTURE_DUPLICATE,
  LABEL_KEEP_ALIVE,
  LABEL_NEW,
  LABEL_NONE,
  LABEL_REORDERED,
  LABEL_RETRANSMISSION,
  LABEL_ZERO_WINDOW_PROBE,
} from "../report/labels.js";
import { distance } from "../tcp/sequence.js";
import { CWR, ECE, FIN, RST, type Segment, SYN } from "../wire/segment.js";
import { noteRepeatedSize } from "./black-hole.js";
import { countCause } from "./cause-counts.js";
import { isNewestPacket, isSamePacket } from "./classify.js";
import {
  connectionOf,
  MARK_PROBE_OPEN,
  MARK_PROBED,
  MARK_REPEATED,
  noteFirstData,
  OFFER_ACC_ECN,
  STRIDE,
} from "./columns.js";
import { type Connections, HAS_FRAGMENTS } from "./connections.js";
import { noteRepair } from "./episodes.js";
import { countLoss } from "./losses.js";
import { packetName } from "./packet-names.js";
import { LEAST_PAUSE_NS, notePause } from "./pauses.js";
import { COPY_BY_CAPTURE, COPY_BY_NETWORK, COPY_UNDECIDED } from "./recent-copies.js";
import { countExtraSegments } from "./segment-limit.js";
import { keepNewDataAt } from "./turns.js";
import { noteWindowProbe } from "./windows.js";

const CONGESTION_EXPERIENCED = 3;
/** How far a sender's timestamps clock may go on until the capture makes its copy: 10 ms where it counts those. */
const CAPTURE_COPY_TICKS = 10;

export function count(
  connections: Connections,
  row: number,
  peer: number,
  label: number,
  cause: number,
  segment: Segment,
): void {
  const e = connections.endpoints;
  const timeNs = segment.timeNs;
  e.packets[row]!++;
  e.lastAt[row] = timeNs;
  e.lastFrame[row] = packetName(segment.file, segment.number);
  if (!(segment.flags & RST)) {
    e.ttl[row] = segment.ttl;
    connections.forgetRepeats(peer);
  }
  // Before the times of its last segments change: a repeat asks them when it was sent first.
  if (label === LABEL_RETRANSMISSION) countRepeat(connections, row, cause, segment);
  else if (label === LABEL_KEEP_ALIVE || label === LABEL_ZERO_WINDOW_PROBE)
    countProbe(connections, row, label, timeNs);
  else if (label === LABEL_REORDERED) {
    const at = connections.rareRow(row);
    connections.rare.reordered[at]!++;
  }
  if (segment.payloadLength > 0) {
    if (e.bytes[row] === 0) noteFirstData(connections.columns, row, timeNs);
    e.bytes[row]! += segment.payloadLength;
    if (segment.payloadLength > connections.leastSegmentLimit)
      countExtraSegments(connections, row, peer, segment.payloadLength);
    const isNew = label === LABEL_NEW || label === LABEL_AFTER_GAP || connections.isInferred;
    if (!isNew) keepNewDataAt(connections, row, timeNs);
    else if (timeNs - e.lastDataAt[row]! >= LEAST_PAUSE_NS) notePause(connections, row, peer, segment);
    e.lastDataAt[row] = timeNs;
  }
  if (
    segment.length > 0 &&
    label > LABEL_NONE &&
    label <= LABEL_RETRANSMISSION &&
    e.marks[row]! & MARK_PROBED
  ) {
    connections.rare.lastProbe[e.rareRow[row]!] = 0;
    e.marks[row]! &= ~MARK_PROBED;
  }
  countUnusual(connections, row, segment);
  if (segment.ipId === 0 && segment.length > 0) connections.copies.noteOriginal(connections, row, segment);
}

/** A copy stands in no other figure. */
export function countCopy(connections: Connections, row: number, label: number, segment: Segment): void {
  const at = connections.rareRow(row);
  connections.rare.copies[at]!++;
  const candidates = connections.rare.copyCandidates[at]!;
  if (label === LABEL_CAPTURE_DUPLICATE) connections.rare.captureCopies[at]!++;
  else if (followsOriginal(connections, row, segment)) connections.copies.noteCopy(connections, row, segment);
  if (segment.length === 0) return;
  if (segment.flags & SYN) noteRewrittenMss(connections, row, segment);
  const isUndecided = connections.rare.copyCandidates[at]! > candidates;
  const kind =
    label === LABEL_CAPTURE_DUPLICATE ? COPY_BY_CAPTURE : isUndecided ? COPY_UNDECIDED : COPY_BY_NETWORK;
  connections.recentCopies.note(at, segment.sequence, (segment.sequence + segment.length) | 0, kind);
}

/** The same SYN once more: a box between the two capture points may have changed its maximum segment size. */
function noteRewrittenMss({ endpoints: e, rare }: Connections, row: number, segment: Segment): void {
  if (segment.isHeaderCut || segment.mss === 0 || e.mss[row] === 0) return;
  if (segment.mss !== e.mss[row]) rare.rewrittenMss[e.rareRow[row]!] = segment.mss;
}

/** What stood of an opener before a SYN that seemed to be a copy. */
export interface BeforeCopy {
  readonly copies: number;
  readonly lastAt: number;
  readonly lastFrame: number;
  readonly lastSynAt: number;
  readonly lastSynTsVal: number;
  readonly secondSyn: number;
  readonly thirdSyn: number;
  readonly lastSyn: number;
  readonly unkeptTimetables: number;
}

export function beforeCopy({ endpoints: e, rare }: Connections, row: number): BeforeCopy {
  const at = e.rareRow[row]!;
  return {
    copies: rare.copies[at]!,
    lastAt: e.lastAt[row]!,
    lastFrame: e.lastFrame[row]!,
    lastSynAt: e.lastSynAt[row]!,
    lastSynTsVal: e.lastSynTsVal[row]!,
    secondSyn: rare.secondSyn[at]!,
    thirdSyn: rare.thirdSyn[at]!,
    lastSyn: rare.lastSyn[at]!,
    unkeptTimetables: rare.unkeptTimetables[at]!,
  };
}

/**
 * The opener's SYN was no copy, but another sight of it: takes it back, as it was counted when it came. `before`: what
 * stood before it; `isSoon`: it came as soon as the capture's own copies do.
 */
export function uncountCopy(
  connections: Connections,
  row: number,
  syn: Segment,
  before: BeforeCopy,
  isSoon: boolean,
): void {
  const { endpoints, rare } = connections;
  const at = endpoints.rareRow[row]!;
  if (rare.copies[at]! <= before.copies) {
    // By an older timestamp it was one that others overtook (classify.ts).
    endpoints.packets[row]!--;
    endpoints.lastAt[row] = before.lastAt;
    endpoints.lastFrame[row] = before.lastFrame;
    endpoints.synCount[row]!--;
    if (rare.reordered[at]! > 0) rare.reordered[at]!--;
    // A repeat that came after it stands as it was counted.
    if (rare.lastSyn[at] === packetName(syn.file, syn.number)) takeBackRepeat(connections, row, before);
    return;
  }
  rare.copies[at]!--;
  if (!isSoon) return;
  if (syn.ipId === 0) connections.copies.retract(rare, at);
  else if (rare.captureCopies[at]! > 0) rare.captureCopies[at]!--;
}

/** The series of SYNs as it stood before (handshake.ts). */
function takeBackRepeat({ endpoints, rare }: Connections, row: number, before: BeforeCopy): void {
  const at = endpoints.rareRow[row]!;
  endpoints.lastSynAt[row] = before.lastSynAt;
  endpoints.lastSynTsVal[row] = before.lastSynTsVal;
  rare.secondSyn[at] = before.secondSyn;
  rare.thirdSyn[at] = before.thirdSyn;
  rare.lastSyn[at] = before.lastSyn;
  rare.unkeptTimetables[at] = before.unkeptTimetables;
}

/**
 * Whether a copy without an IP identification comes as soon after its original as the time since that side's newest
 * segment says. Of several segments sent again after a timeout all but the first would seem to: their originals are old.
 */
function followsOriginal(connections: Connections, row: number, segment: Segment): boolean {
  if (segment.ipId !== 0 || segment.length === 0) return false;
  if (!segment.hasTimestamps) return isNewestPacket(connections, row, segment);
  const ticks = distance(connections.endpoints.tsVal[row]!, segment.tsVal);
  return ticks <= CAPTURE_COPY_TICKS && isSamePacket(connections, row, segment);
}

function countRepeat(connections: Connections, row: number, cause: number, segment: Segment): void {
  const at = connections.rareRow(row);
  const { rare } = connections;
  const bytes = segment.payloadLength - connections.newBytes;
  rare.retransmissions[at]!++;
  rare.retransmittedBytes[at]! += bytes;
  countCause(rare, at, cause, bytes);
  if (connections.isInferred) rare.inferred[at]!++;
  connections.recentCopies.forget(at, segment.sequence, (segment.sequence + segment.length) | 0);
  if (segment.flags & FIN) {
    rare.finRetransmissions[at]!++;
    rare.finAckGapNs[at] = 0;
    rare.finCameTwice[at] = 0;
  }
  countLoss(connections, row, cause, segment, bytes);
  noteRepair(connections, row, cause, segment);
  if (cause === CAUSE_RTO) noteRepeatedSize(connections, row, segment);
  noteSilentRepeat(connections, row, segment.timeNs, sentFirstAt(connections, row, segment));
}

function countProbe(connections: Connections, row: number, label: number, timeNs: number): void {
  const at = connections.rareRow(row);
  const { rare } = connections;
  if (label === LABEL_KEEP_ALIVE) countKeepAlive(connections, row, at, timeNs);
  else {
    rare.zeroWindowProbes[at]!++;
    noteWindowProbe(connections, row, timeNs);
  }
  rare.lastProbe[at] = label;
  connections.endpoints.marks[row]! |= MARK_PROBE_OPEN | MARK_PROBED;
  noteSilentRepeat(connections, row, timeNs, timeNs);
}

/** The times that its sender keeps: how long it is silent before a probe, and between two without an answer. */
function countKeepAlive(connections: Connections, row: number, at: number, timeNs: number): void {
  const { rare, endpoints } = connections;
  rare.keepAlives[at]!++;
  const isAgain = rare.repeatsSincePeer[at]! > 0;
  const times = isAgain ? rare.keepAliveGapNs : rare.keepAliveIdleNs;
  const ns = timeNs - (isAgain ? rare.lastRepeatAt[at]! : endpoints.lastAt[row ^ STRIDE]!);
  if (ns > 0 && (times[at] === 0 || ns < times[at]!)) times[at] = ns;
}

/** When the side sent last what this segment repeats, as far as the columns remember it. */
function sentFirstAt(connections: Connections, row: number, segment: Segment): number {
  const { synAt, finAt, lastDataAt } = connections.endpoints;
  if (segment.flags & SYN) return synAt[row]!;
  return segment.payloadLength > 0 ? lastDataAt[row]! : finAt[row]!;
}

/** How much longer the next gap must be to be the doubled one (RFC 6298 §5.5), and how much it may be. */
const LEAST_BACKOFF = 1.6;
const MOST_BACKOFF = 2.5;

/** Repeats and probes since the peer was last heard: enough of them, and then silence, is a sender that gave up. */
function noteSilentRepeat(connections: Connections, row: number, timeNs: number, firstAt: number): void {
  const at = connections.rareRow(row);
  const { rare } = connections;
  const repeats = ++rare.repeatsSincePeer[at]!;
  connections.endpoints.marks[row]! |= MARK_REPEATED;
  if (repeats === 1) {
    rare.silentSinceNs[at] = timeNs;
    // Unknown where the first copy was not captured.
    if (firstAt < timeNs) rare.silentSinceNs[at] = firstAt;
    rare.backoffs[at] = 0;
  }
  const last = rare.lastRepeatAt[at]!;
  if (last !== 0) {
    const growth = (timeNs - last) / rare.repeatGapNs[at]!;
    // The gap before the second repeat is the first that lies whole in the silence.
    if (repeats > 2 && growth >= LEAST_BACKOFF && growth <= MOST_BACKOFF) rare.backoffs[at]!++;
    rare.repeatGapNs[at] = timeNs - last;
  }
  rare.lastRepeatAt[at] = timeNs;
}

function countUnusual(connections: Connections, row: number, segment: Segment): void {
  if (segment.ecn === CONGESTION_EXPERIENCED) {
    const at = connections.rareRow(row);
    connections.rare.ceMarks[at]!++;
  }
  if (segment.flags & (ECE | CWR) && !(segment.flags & SYN)) countEcho(connections, row, segment.flags);
  if (segment.userTimeout > 0) {
    const at = connections.rareRow(row);
    connections.rare.userTimeout[at] = segment.userTimeout;
  }
  if (segment.isFragment) connections.columns.marks[connectionOf(row)]! |= HAS_FRAGMENTS;
}

/** The bits as RFC 3168 §6.1 means them: where both sides agreed on accurate ECN they are a counter (RFC 9768 §3.2). */
function countEcho(connections: Connections, row: number, flags: number): void {
  const { options } = connections.endpoints;
  if (options[row]! & options[row ^ STRIDE]! & OFFER_ACC_ECN) return;
  const at = connections.rareRow(row);
  if (flags & ECE) connections.rare.eceFlags[at]!++;
  if (flags & CWR) connections.rare.cwrFlags[at]!++;
}
