/** Sums over connections that need no more than their columns: bytes, repeats by kind and cause, copies, losses. */
import { blackHoleRecord } from "./black-hole.js";
import { MARK_HANDSHAKE_ACK_LOST, MARK_SEEN, MARK_SYN_ACK_LOST, MARK_SYN_LOST, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";

/** All 0; what else the tally counts stands among them. */
export const newSums = () => ({
  payloadBytes: 0,
  retransmissions: 0,
  retransmittedBytes: 0,
  synRetransmissions: 0,
  synAckRetransmissions: 0,
  finRetransmissions: 0,
  fastRetransmissions: 0,
  timeouts: 0,
  timeoutRepeats: 0,
  tailLossProbes: 0,
  recoveries: 0,
  stalls: 0,
  stallNs: 0,
  lostBeforeCapture: 0,
  lostAfterCapture: 0,
  lostAcks: 0,
  spuriousRetransmissions: 0,
  reordered: 0,
  networkDuplicates: 0,
  captureDuplicates: 0,
  missingBytes: 0,
  unseenBytes: 0,
  reportedGaps: 0,
  synLost: 0,
  synAckLost: 0,
  handshakeAckLost: 0,
  oneDirection: 0,
  extraSegments: 0,
  resetsNotTaken: 0,
  silentPeers: 0,
});

/** Adds both sides of a connection; with a negative weight takes them out again. */
export function addSums(
  sums: ReturnType<typeof newSums>,
  connections: Connections,
  client: number,
  weight: number,
): void {
  const { endpoints: e, rare } = connections;
  const server = client + STRIDE;
  for (let row = client; row <= server; row += STRIDE) {
    sums.payloadBytes += weight * e.bytes[row]!;
    const at = e.rareRow[row]!;
    if (at === 0) continue;
    sums.retransmissions += weight * rare.retransmissions[at]!;
    sums.retransmittedBytes += weight * rare.retransmittedBytes[at]!;
    sums.finRetransmissions += weight * rare.finRetransmissions[at]!;
    sums.fastRetransmissions += weight * rare.fastRetransmissions[at]!;
    sums.timeouts += weight * rare.timeouts[at]!;
    sums.timeoutRepeats += weight * rare.timeoutRepeats[at]!;
    sums.tailLossProbes += weight * rare.tailLossProbes[at]!;
    sums.recoveries += weight * rare.episodes[at]!;
    sums.stalls += weight * rare.stalls[at]!;
    sums.stallNs += weight * rare.stallNs[at]!;
    sums.lostBeforeCapture += weight * rare.lostBefore[at]!;
    sums.lostAfterCapture += weight * rare.lostAfter[at]!;
    sums.lostAcks += weight * rare.lostAcks[at]!;
    sums.spuriousRetransmissions += weight * rare.spurious[at]!;
    sums.extraSegments += weight * rare.extraSegments[at]!;
    sums.reordered += weight * rare.reordered[at]!;
    sums.networkDuplicates += weight * (rare.copies[at]! - rare.captureCopies[at]!);
    sums.captureDuplicates += weight * rare.captureCopies[at]!;
    if (e.marks[row]! & MARK_SEEN) sums.missingBytes += weight * rare.missingBytes[at]!;
    else sums.unseenBytes += weight * rare.missingBytes[at]!;
    if (!(e.marks[row ^ STRIDE]! & MARK_SEEN)) sums.reportedGaps += weight * rare.reportedGaps[at]!;
    sums.resetsNotTaken += weight * (rare.ignoredResets[at]! + rare.challengedResets[at]!);
  }
  sums.synRetransmissions += weight * Math.max(0, e.synCount[client]! - 1);
  sums.synAckRetransmissions += weight * Math.max(0, e.synCount[server]! - 1);
  if (e.marks[client]! & MARK_SYN_LOST) sums.synLost += weight;
  if (e.marks[server]! & MARK_SYN_ACK_LOST) sums.synAckLost += weight;
  if (e.marks[server]! & MARK_HANDSHAKE_ACK_LOST) sums.handshakeAckLost += weight;
}

/** A side that sends again more often than this and hears nothing any more has lost its peer. */
const MOST_UNANSWERED = 2;

/**
 * Fills in what the connection lost, in the order of a host's counts (host-table.ts): on the client's side of the capture
 * point what the client sent and never came by, and what the server sent behind it; on the server's side the mirror of it.
 * Nothing where one side was not captured: needless repeats cannot be told from needed ones there; nothing where
 * large packets vanish (black-hole.ts) or the peer did: what is sent in vain then is no matter of chance.
 */
export function sumLosses(
  connections: Connections,
  client: number,
  { lost, lostBytes }: { readonly lost: Int32Array; readonly lostBytes: Float64Array },
): void {
  const { endpoints: e, rare } = connections;
  lost.fill(0);
  lostBytes.fill(0);
  const server = client + STRIDE;
  const [own, peer] = [e.rareRow[client]!, e.rareRow[server]!];
  if (own + peer === 0 || e.packets[client] === 0) return;
  // Also none: a listener drops what comes for a connection that it never took.
  if (e.packets[server]! <= e.synCount[server]!) return;
  if (blackHoleRecord(connections, client) || blackHoleRecord(connections, server)) return;
  if (Math.max(rare.repeatsSincePeer[own]!, rare.repeatsSincePeer[peer]!) > MOST_UNANSWERED) return;
  lost[0] = Math.max(0, rare.lostBefore[own]!);
  lost[1] = Math.max(0, rare.lostAfter[peer]!);
  lost[2] = Math.max(0, rare.lostAfter[own]!);
  lost[3] = Math.max(0, rare.lostBefore[peer]!);
  lostBytes[0] = Math.max(0, rare.lostBeforeBytes[own]!);
  lostBytes[1] = Math.max(0, rare.lostAfterBytes[peer]!);
  lostBytes[2] = Math.max(0, rare.lostAfterBytes[own]!);
  lostBytes[3] = Math.max(0, rare.lostBeforeBytes[peer]!);
}
