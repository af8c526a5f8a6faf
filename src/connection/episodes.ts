/**
 * Repairs of losses as times: from the first repeat until what was on the way by then is acknowledged (RFC 6675 §2), and
 * within them the stalls, in which nothing was delivered because the sender's timer had to run out (RFC 6298 §5).
 *
 * All that is kept stands in the rare columns, so that a repeat of a connection that is not followed (undisturbed.ts) is
 * an episode like any other. An episode lasts until its sender can have heard of its end, a stall until the capture point
 * sees one.
 */
import { CAUSE_FAST, CAUSE_RTO, CAUSE_RTO_RECOVERY, CAUSE_TAIL_LOSS_PROBE } from "../report/labels.js";
import { after, before, distance } from "../tcp/sequence.js";
import { type Segment, SYN } from "../wire/segment.js";
import { MARK_SEEN, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { packetName } from "./packet-names.js";
import { sackedBelow } from "./sack-ranges.js";
import { fullRttNs, knownLoopNs, SENDER_HAS_HEARD, SENDER_HEARD_SACK } from "./senders.js";
import { FIRST_AT, findSegment, SEGMENT_WIDES } from "./sent-segments.js";

/** The endpoint at `row` sends again because of `cause`; called before the times of its last segments change. */
export function noteRepair(connections: Connections, row: number, cause: number, segment: Segment): void {
  const isTimeout = cause === CAUSE_RTO;
  const isProbe = cause === CAUSE_TAIL_LOSS_PROBE;
  if (!isTimeout && !isProbe && cause !== CAUSE_FAST && cause !== CAUSE_RTO_RECOVERY) return;
  const { endpoints: e, senders } = connections;
  // Without its peer's acknowledgments nobody knows when it was over; with all acknowledged nothing is lost.
  if (segment.flags & SYN || !(e.marks[row ^ STRIDE]! & MARK_SEEN)) return;
  if (!after(e.sndNxt[row]!, e.sndUna[row]!)) return;
  const at = connections.rareRow(row);
  const { rare } = connections;
  const sender = e.sender[row]!;
  const name = packetName(segment.file, segment.number);
  const waitsSince = waitingSince(connections, row, segment);
  // Of bytes that never came by before, nobody knows since when they were waited for.
  if (isTimeout && !connections.isInferred && rare.stallSince[at] === 0) {
    rare.stalls[at]!++;
    rare.stallSince[at] = waitsSince;
    rare.stallFrame[at] = name;
  }
  if (rare.episodeSince[at]! > 0) {
    if (isTimeout) rare.episodeHadTimeout[at] = 1;
    return;
  }
  rare.episodes[at]!++;
  rare.episodePoint[at] = e.sndNxt[row]!;
  rare.episodeFrame[at] = name;
  rare.episodeHadTimeout[at] = cause === CAUSE_FAST ? 0 : 1;
  rare.episodeSince[at] = sender > 0 ? segment.timeNs : waitsSince;
  if (sender > 0 && !isTimeout) endFullWindow(connections, row, segment.timeNs);
  const fromNs = isTimeout || isProbe || sender === 0 ? waitsSince : segment.timeNs;
  // What lies before has been shared out (limits.ts).
  rare.episodeFrom[at] = sender > 0 ? Math.max(fromNs, senders.columns.countedTo[sender]!) : fromNs;
  rare.flightThen[at] = flightOf(connections, row);
  if (sender > 0) senders.columns.settledAt[sender] = 0;
}

/** Up to its repeat it was the window that kept the endpoint, where that was full: it would have waited all the same. */
function endFullWindow(connections: Connections, row: number, timeNs: number): void {
  const { endpoints: e, rare, senders } = connections;
  const sender = e.sender[row]!;
  const c = senders.columns;
  if (c.windowFilledAt[sender] === 0 || c.countedTo[sender] === 0) return;
  const since = Math.max(c.countedTo[sender]!, c.windowFilledAt[sender]!);
  rare.receiveWindowNs[e.rareRow[row]!]! += Math.max(0, timeNs - since);
  c.countedTo[sender] = timeNs;
}

/** Since when the endpoint waits for its oldest bytes on the way: they were sent then, or the last ones before them arrived. */
function waitingSince(connections: Connections, row: number, segment: Segment): number {
  const { endpoints: e, senders } = connections;
  const sender = e.sender[row]!;
  // Its newest packet held all that was on the way.
  if (sender === 0) return e.lastDataAt[row]!;
  const c = senders.columns;
  const advancedAt = c.advancedAt[sender]! || c.heardAdvanceAt[sender]!;
  const una = e.sndUna[row]!;
  const entry = findSegment(senders, sender, una, e.sndNxt[row]!);
  if (entry < 0) return Math.max(Math.min(advancedAt, segment.timeNs), e.firstAt[row]!);
  const { wides } = senders.segments;
  let sentAt = wides[entry * SEGMENT_WIDES + FIRST_AT]!;
  // It was lost before the capture point; what came behind it went at about the same time.
  const last = c.segmentsAt[sender]! + c.segmentsFrom[sender]! + c.segmentsCount[sender]! - 1;
  if (sentAt === segment.timeNs && entry < last) sentAt = wides[(entry + 1) * SEGMENT_WIDES + FIRST_AT]!;
  return Math.min(segment.timeNs, Math.max(sentAt, advancedAt));
}

/** Bytes that the endpoint has on the way as far as it knows itself: what SACK reported is there (RFC 6675 §2). */
export function flightOf({ endpoints: e, senders }: Connections, row: number): number {
  const sender = e.sender[row]!;
  const c = senders.columns;
  const marks = sender > 0 ? c.marks[sender]! : 0;
  const una = marks & SENDER_HAS_HEARD ? c.heardUna[sender]! : e.sndUna[row]!;
  const sacked = marks & SENDER_HEARD_SACK ? sackedBelow(senders, sender, c.heardSackHigh[sender]!) : 0;
  const outstanding = distance(e.sndNxt[row]!, una);
  return outstanding > sacked ? outstanding - sacked : 0;
}

/** More bytes of the endpoint at `row` were delivered, as `segment` says. */
export function endWaiting(connections: Connections, row: number, segment: Segment): void {
  const { endpoints: e, rare } = connections;
  const at = e.rareRow[row]!;
  const name = packetName(segment.file, segment.number);
  if (rare.stallSince[at]! > 0) {
    const ns = Math.max(0, segment.timeNs - rare.stallSince[at]!);
    rare.stallNs[at]! += ns;
    if (ns > rare.longestStallNs[at]!) {
      rare.longestStallNs[at] = ns;
      rare.longestStallFrame[at] = rare.stallFrame[at]!;
      rare.longestStallEnd[at] = name;
    }
    rare.stallSince[at] = 0;
    rare.stallFrame[at] = 0;
  }
  if (rare.episodeSince[at]! > 0 && !before(e.sndUna[row]!, rare.episodePoint[at]!))
    endEpisode(connections, row, segment.timeNs, name);
}

/** The sender hears of it a while after the acknowledgment passed. */
function endEpisode(connections: Connections, row: number, passedAt: number, name: number): void {
  const { endpoints: e, rare, senders } = connections;
  const at = e.rareRow[row]!;
  const sender = e.sender[row]!;
  const c = senders.columns;
  const timeNs = passedAt + (sender > 0 ? knownLoopNs(senders, sender) : 0);
  const ns = Math.max(0, timeNs - rare.episodeSince[at]!);
  rare.episodeNs[at]! += ns;
  if (ns > rare.longestEpisodeNs[at]!) {
    rare.longestEpisodeNs[at] = ns;
    rare.longestEpisodeFrame[at] = rare.episodeFrame[at]!;
    rare.longestEpisodeEnd[at] = name;
  }
  rare.episodeSince[at] = 0;
  rare.episodeFrame[at] = 0;
  rare.networkNs[at]! += Math.max(0, timeNs - rare.episodeFrom[at]!);
  rare.episodeFrom[at] = 0;
  if (sender > 0 && c.countedTo[sender]! > 0) c.countedTo[sender] = timeNs;
  // What a timeout leaves of the flight is one segment: that tells nothing of the algorithm.
  if (sender > 0 && rare.episodeHadTimeout[at] === 0)
    c.settledAt[sender] = timeNs + fullRttNs(senders, sender);
}
