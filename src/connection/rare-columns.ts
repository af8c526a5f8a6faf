/**
 * What an ordinary endpoint never needs: columns in rows of a pool, taken when something unusual happens first.
 */
import { ColumnMemory } from "./column-memory.js";
import { withMoreRoom } from "./room.js";

/** Integers that are 0 for an ordinary endpoint. */
const RARE = {
  retransmissions: "Segments that it sent again (RFC 9293 §3.8.1), handshake and FIN included.",
  spurious: "Those of them that were needless (spurious.ts).",
  fastRetransmissions: "Retransmissions by cause (CAUSES).",
  timeouts: "Likewise.",
  timeoutRepeats: "Likewise: after a timeout, as acknowledgments came in.",
  tailLossProbes: "Likewise.",
  pathMtuRepeats: "Likewise: they were too big for the path.",
  fastOpenRepeats: "Likewise: the SYN's data, which the SYN-ACK did not take.",
  inferred: "Retransmissions told by missing packet numbers alone.",
  repeatsSincePeer: "Retransmissions and probes since the peer was last heard (MARK_REPEATED).",
  finRetransmissions: "FINs it sent again.",
  finCameTwice: "Whether the acknowledgment that came next said that the FIN had come twice (RFC 2883).",
  lastProbe: "Label of its last probe, until it sends data again; 0 none.",
  keepAlives: "Keep-alive probes it sent.",
  zeroWindowProbes: "Zero-window probes it sent.",
  zeroWindows: "How often it closed its window.",
  windowUpdatesLost: "How often it opened it again and the peer did not hear of it.",
  proxiedSyns: "SYN-ACKs with a closed window that an update opened: a SYN proxy's.",
  duplicateAcks: "Duplicate acknowledgments it sent (RFC 5681 §2).",
  heldBack: "Small segments of it that waited for a delayed acknowledgment (pauses.ts).",
  copies: "Copies of its packets made by the network or by the capture.",
  captureCopies: "Those of them certainly made by the capture.",
  copyCandidates: "Those of them that its pair of interfaces decides on (systematic-copies.ts).",
  candidateCell: "Pair of interfaces and lag of the newest of those.",
  reordered: "Its segments that were overtaken on the way.",
  rewrittenMss: "Maximum segment size on a copy of its SYN, where that is another; 0 none.",
  holeCount: "Holes it has now.",
  lostBefore: "Repeats of what was lost before the capture point: a hole told of it (losses.ts).",
  lostAfter: "Repeats of what was lost after it, needless ones left out.",
  lostAcks:
    "Its acknowledgments that passed the capture point and did not reach the peer, as far as repeats tell.",
  episodes: "Times that it had to repair a loss (episodes.ts).",
  episodePoint: "SND.NXT when the last of them began.",
  episodeHadTimeout: "Whether its timer ran out in that one, or a probe began it.",
  stalls: "Times that nothing was delivered until its timer ran out.",
  flightsMeasured: "Recoveries whose flights before and after were measured.",
  initialWindow: "Payload bytes of its first flight (limits.ts).",
  windowFulls: "Its segments that filled the peer's window.",
  filledWindow: "The largest window of the peer that it filled, in bytes (limits.ts); 0 none.",
  isTimed: "Whether its time was shared out while it ran (limits.ts).",
  forgottenRanges: "Holes of it, and ranges that SACK reported of it, beyond those that are remembered.",
  tooBigBytes:
    "Payload of its segments that never arrived though its timer sent them again and again (path-mtu.ts).",
  fittingBytes: "Payload of one that did; 0 none.",
  fittingEnd: "Up to where it must be acknowledged for that, or not beyond (`wasShortened`).",
  wasShortened: "Whether it sent the bytes of the larger one again in a smaller one.",
  sackRight: "Right edge of the highest SACK block it sent.",
  ackOfSynEnd:
    "End of its first segment with payload or FIN that acknowledges the peer's SYN, not yet delivered.",
  synPayload: "Payload bytes on its SYN (TCP Fast Open).",
  synPayloadFate: "What the SYN-ACK said of those: index into FAST_OPEN_FATES (report/verdicts.ts).",
  synAcksBefore: "SYN-ACKs captured before the client's first SYN after them (synAfterAnswer).",
  unkeptTimetables: "Timetables that the repeats of its SYN or SYN-ACK do not keep (timetables.ts), as bits.",
  userTimeout: "User timeout option it sent last, as sent (RFC 5482 §3).",
  backoffs: "How often the time between its repeats doubled since the peer was last heard (RFC 6298 §5.5).",
  timeoutMinUs: "The shortest time after which its timer ran out, in microseconds (sender-timer.ts); 0 none.",
  soonTimeoutUs: "Likewise where it is shown to be shorter than Linux's.",
  unexpected: "Events that the transition table does not list.",
  rstCount: "Resets it sent.",
  stateBeforeReset: "State before the reset that closed it.",
  ignoredResets: "Resets it sent that the peer had to ignore (RFC 5961 §3).",
  challengedResets: "Resets it sent that the peer had to challenge.",
  eceFlags: "Segments with ECE, SYNs left out (RFC 3168 §6.1.3).",
  cwrFlags: "Segments with CWR, SYNs left out (RFC 3168 §6.1.2).",
  ceMarks: "Packets with congestion experienced (RFC 3168).",
  badChecksums: "Its segments with a wrong checksum, where checksums are verified (checksums.ts).",
  extraSegments: "Segments beyond one a packet, where the capture holds several in one (offload).",
  reportedGaps: "Gaps in its peer's bytes that its acknowledgments tell of, where the peer is not captured.",
  sameAcks: "Acknowledgments alike, one after another, that it sent to such a peer.",
  sameAck: "Their number.",
  // ---- of the connection, in the client's row
  refusedSyns: "SYNs with another ISN that led to nothing.",
  expectedIsn: "ISN of a server that takes its TIME_WAIT up as Linux does; 0 where none is expected.",
  resetSigns: "Signs that a box on the way made its reset: bits of RESET_SIGNS.",
  resetSequence: "SEG.SEQ of that reset.",
  resetWindow: "Its window.",
  resetKind: "Its kind: index into RESET_KINDS.",
  transitionsDropped: "Transitions beyond the bound.",
} as const;

/** Times and byte counts of the same kind: 0 where nothing happened. */
const RARE_WIDE = {
  lastRepeatAt: "Its last retransmission or probe; 0 none.",
  finAckGapNs: "From its last repeat to the acknowledgment of its FIN; 0 where it did not repeat that.",
  repeatGapNs: "The time between its last two retransmissions or probes; 0 where there are not two.",
  retransmittedBytes: "Payload bytes it sent again.",
  fastBytes: "Those of them by cause: as acknowledgments called for them.",
  timeoutBytes: "Likewise: as its timer ran out.",
  timeoutRepeatBytes: "Likewise: after a timeout, as acknowledgments came in.",
  tailLossProbeBytes: "Likewise: as probes of the tail.",
  pathMtuBytes: "Likewise: as they were too big for the path.",
  fastOpenBytes: "Likewise: as the SYN-ACK did not take them.",
  lostBeforeBytes: "Payload bytes of `lostBefore`.",
  lostAfterBytes: "Payload bytes of `lostAfter`.",
  // ---- recovery (episodes.ts)
  episodeSince: "When the episode under way began; 0 none.",
  episodeFrame: "The packet that began it (packet-names.ts).",
  episodeFrom: "From when its time is the network's.",
  episodeNs: "Time in episodes that are over.",
  longestEpisodeNs: "The longest of those.",
  longestEpisodeFrame: "The packets that began and ended that one (packet-names.ts).",
  longestEpisodeEnd: "Likewise.",
  stallSince: "Since when nothing was delivered, where its timer ran out since; 0 none.",
  stallFrame: "The repeat that its timer sent then (packet-names.ts).",
  stallNs: "Time in stalls that are over.",
  longestStallNs: "The longest of those.",
  longestStallFrame:
    "The repeat that its timer sent then, and the acknowledgment that ended it (packet-names.ts).",
  longestStallEnd: "Likewise.",
  flightThen: "Bytes in flight when the last episode began.",
  flightBefore: "The sum of those, of recoveries that were measured.",
  flightAfter: "Likewise a round trip after they ended.",
  // ---- what limited it (limits.ts), in nanoseconds
  idleNs: "Time that it had nothing on the way; NaN where it was not followed from the beginning.",
  applicationNs: "Time that its application gave it nothing to send.",
  receiveWindowNs: "Time that the peer's window was full.",
  networkNs: "Time that it repaired losses.",
  zeroWindowAt: "When it closed its window last.",
  zeroWindowNs: "Time that its window was closed, the last one left out while it is.",
  longestZeroWindowNs: "The longest of those times.",
  firstBadChecksum: "Its first segment with a wrong checksum (packet-names.ts); 0 none.",
  windowOpenedAt: "When it opened its window again, until the peer is seen not to know; 0 none.",
  oldDataAt: "Its last payload that was not new (turns.ts).",
  newDataAt: "Its last new payload before that one; NaN none.",
  heldBackNs: "How long those acknowledgments were held back, in all.",
  firstHeldBack: "The first segment that waited for one (packet-names.ts); 0 none.",
  slowAnswerNs:
    "How long its slowest answer was waited for (turns.ts), of those that took a second and more; 0 none.",
  slowAnswer: "The packet in which that began (packet-names.ts).",
  keepAliveIdleNs: "The shortest silence of both before a keep-alive probe that was no repeat; 0 none.",
  keepAliveGapNs: "The shortest time between two unanswered ones; 0 none.",
  missingBytes: "Bytes of it that were acknowledged and never captured.",
  silentSinceNs: "When it sent first what it has repeated since the peer was last heard (MARK_REPEATED).",
  // ---- packets (packet-names.ts); 0 none
  secondSyn: "The second SYN, or SYN-ACK, it sent.",
  thirdSyn: "The third.",
  lastSyn: "The last one before the client's ACK.",
  secondSynAt: "When a server sent its second SYN-ACK.",
  answeredSynAck: "A server's SYN-ACK that the client's ACK echoes, where that is not the last.",
  answeredSyn: "A client's SYN repeat that the first SYN-ACK answers.",
  synAfterAnswer: "A client's first SYN after the SYN-ACK was captured.",
  lonelyRepeat:
    "Its last repeat while it was not followed (undisturbed.ts): the number alone, without the file.",
  // ---- of the connection, in the client's row
  resetAt: "When it was reset.",
  resetFrame: "The reset's packet (packet-names.ts), or 0.",
  provokedByFrame: "The packet that the reset answers (packet-names.ts), or 0.",
  resetIdleNs:
    "How long the sender of the reset that ended it had been silent when the segment came that it answers.",
  evictedAt: "When it was made final early, for too many were open (eviction.ts); 0 none.",
  sameAs: "First packet (packet-names.ts) of the same connection under another tuple, seen before; 0 none.",
} as const;

/** The rare columns by name; the index is an endpoint's `rareRow`. */
export type RareColumns = { readonly [name in keyof typeof RARE]: Int32Array } & {
  readonly [name in keyof typeof RARE_WIDE]: Float64Array;
};

/** Words of a rare row in each buffer. */
export const RARE_STRIDE = 8;
const rareNames = Object.keys(RARE);
const rareWideNames = Object.keys(RARE_WIDE);
export const RARE_BUFFERS = Math.ceil(rareNames.length / RARE_STRIDE);
export const RARE_WIDE_BUFFERS = Math.ceil(rareWideNames.length / RARE_STRIDE);

/** The rare columns: a pool of rows. Row 0 belongs to nobody and is never written. */
export class RareMemory {
  memory = new ColumnMemory(RARE_STRIDE, RARE_BUFFERS, RARE_WIDE_BUFFERS, 16);
  columns = rareColumns(this.memory);
  #capacity = 16;
  #used = 1;
  readonly #free: number[] = [];

  /** A row in which everything is 0. The columns may be others from here on. */
  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used === this.#capacity) {
      withMoreRoom(this.#capacity, RARE_STRIDE * (RARE_BUFFERS * 4 + RARE_WIDE_BUFFERS * 8), (capacity) => {
        this.memory = new ColumnMemory(RARE_STRIDE, RARE_BUFFERS, RARE_WIDE_BUFFERS, capacity, this.memory);
        this.#capacity = capacity;
      });
      this.columns = rareColumns(this.memory);
    }
    return this.#used++ * RARE_STRIDE;
  }

  release(row: number): void {
    if (row === 0) return;
    this.memory.clear(row);
    this.#free.push(row);
  }
}

function rareColumns(memory: ColumnMemory): RareColumns {
  return Object.fromEntries([
    ...rareNames.map((name, i) => [
      name,
      memory.ints[Math.floor(i / RARE_STRIDE)]!.subarray(i % RARE_STRIDE),
    ]),
    ...rareWideNames.map((name, i) => [
      name,
      memory.wides[Math.floor(i / RARE_STRIDE)]!.subarray(i % RARE_STRIDE),
    ]),
  ]) as unknown as RareColumns;
}
