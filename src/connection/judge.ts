/**
 * What a segment is, and why it was sent again: the label and the cause of one segment.
 *
 * Where nothing unusual has happened to a connection yet, its label needs no evidence (undisturbed.ts). At the first
 * disturbance its ends begin to be followed as senders; then what the sender has heard comes first, the label from that,
 * and the cause from both.
 */
import { CAUSE_NONE, LABEL_NEW, LABEL_NONE, LABEL_RETRANSMISSION } from "../report/labels.js";
import { distance } from "../tcp/sequence.js";
import { RST, type Segment, SYN } from "../wire/segment.js";
import { classify } from "./classify.js";
import { connectionOf } from "./columns.js";

import { type Connections, HAS_SACKED } from "./connections.js";
import { isOnTrial } from "./senders.js";
import { hearSender, observeSender } from "./sending.js";
import { undisturbedRoundTripNs } from "./turns.js";
import {
  beginFollowing,
  beginTrial,
  DISTURBED,
  endTrial,
  HINTED,
  isLonelyRepeat,
  isOver,
  settleTrial,
  stopFollowing,
  undisturbedLabel,
} from "./undisturbed.js";
import { usesSack } from "./uses-sack.js";

/** Label of the segment of the endpoint at `row`; its cause and whether that is inferred stand in `connections`. */
export function judge(connections: Connections, row: number, peer: number, segment: Segment): number {
  connections.cause = CAUSE_NONE;
  connections.isInferred = false;
  connections.newBytes = 0;
  connections.roundTripNs = Number.NaN;
  if (segment.flags & RST) return classify(connections, row, peer, segment);
  const connection = connectionOf(row);
  const sender = connections.endpoints.sender[row]!;
  if (sender > 0) {
    if (!isOnTrial(connections.senders, sender)) return judgeFollowed(connections, row, peer, segment);
    if (undisturbedLabel(connections, row, peer, segment) === DISTURBED) endTrial(connections, connection);
  } else {
    const label = undisturbedLabel(connections, row, peer, segment);
    if (label >= 0) {
      connections.roundTripNs = undisturbedRoundTripNs(connections, row, peer, segment);
      return label;
    }
    if (isLonelyRepeat(connections, row, peer, segment))
      return judgeLonelyRepeat(connections, row, peer, segment);
    beginFollowing(connections, connection);
    if (label === HINTED) beginTrial(connections, connection);
    // What was caught up with was sampled when it came, or is too little to tell.
    connections.roundTripNs = Number.NaN;
  }
  const label = judgeFollowed(connections, row, peer, segment);
  if (!isOnTrial(connections.senders, connections.endpoints.sender[row]!)) return label;
  const isPlain = (label === LABEL_NEW || label === LABEL_NONE) && connections.cause === CAUSE_NONE;
  if (isPlain) settleTrial(connections, connection);
  else endTrial(connections, connection);
  return label;
}

/** The two are followed for this one packet, and on from there where it is more than a repeat whose timer ran out. */
function judgeLonelyRepeat(connections: Connections, row: number, peer: number, segment: Segment): number {
  const connection = connectionOf(row);
  beginFollowing(connections, connection);
  const label = judgeFollowed(connections, row, peer, segment);
  if (!isOver(label, connections.cause)) return label;
  stopFollowing(connections, connection);
  const at = connections.rareRow(row);
  connections.rare.lonelyRepeat[at] = segment.number;
  return label;
}

function judgeFollowed(connections: Connections, row: number, peer: number, segment: Segment): number {
  if (segment.sackBlocks > 0) connections.columns.marks[connectionOf(row)]! |= HAS_SACKED;
  const withSack = usesSack(connections, row);
  const sent = hearSender(connections, row, peer, segment, withSack);
  const label = classify(connections, row, peer, segment);
  if (label === LABEL_RETRANSMISSION) connections.newBytes = newPayload(connections, row, segment);
  connections.cause = observeSender(connections, row, peer, label, segment, sent, withSack);
  return label;
}

/** Payload bytes above all that was sent before. */
function newPayload(connections: Connections, row: number, segment: Segment): number {
  const start = (segment.sequence + (segment.flags & SYN ? 1 : 0)) | 0;
  const above = distance((start + segment.payloadLength) | 0, connections.endpoints.sndNxt[row]!);
  return Math.max(0, Math.min(above, segment.payloadLength));
}
