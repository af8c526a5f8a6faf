/**
 * What a segment is, and why it was sent again: the label and the cause of one segment.
 *
 * Where nothing unusual has happened to a connection yet, its label needs no evidence (undisturbed.ts). At the first
 * disturbance its ends begin to be followed as senders; then what the sender has heard comes first, the label from that,
 * and the cause from both.
 */
import { CAUSE_NONE } from "../report/labels.js";
import { RST, type Segment } from "../wire/segment.js";
import { classify } from "./classify.js";
import { connectionOf } from "./columns.js";
import type { Connections } from "./connections.js";
import { hearSender, observeSender } from "./sending.js";
import { undisturbedRoundTripNs } from "./turns.js";
import { beginFollowing, undisturbedLabel } from "./undisturbed.js";

/** Label of the segment of the endpoint at `row`; its cause and whether that is inferred stand in `connections`. */
export function judge(connections: Connections, row: number, peer: number, segment: Segment): number {
  connections.cause = CAUSE_NONE;
  connections.isInferred = false;
  connections.roundTripNs = Number.NaN;
  if (segment.flags & RST) return classify(connections, row, peer, segment);
  if (connections.endpoints.sender[row] === 0) {
    const label = undisturbedLabel(connections, row, peer, segment);
    if (label >= 0) {
      connections.roundTripNs = undisturbedRoundTripNs(connections, row, peer, segment);
      return label;
    }
    beginFollowing(connections, connectionOf(row));
    // What was caught up with was sampled when it came, or is too little to tell.
    connections.roundTripNs = Number.NaN;
  }
  const sent = hearSender(connections, row, peer, segment);
  const label = classify(connections, row, peer, segment);
  connections.cause = observeSender(connections, row, peer, label, segment, sent);
  return label;
}
