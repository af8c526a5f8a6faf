/**
 * What the rules on lost data share: on which side of the capture point, of which direction, and how much of the payload.
 *
 * A server is judged by all of its connections: many short ones lose a segment each, and none of them tells alone.
 */
import type { Confidence } from "../../report/finding.js";
import { formatCount, formatNumberOf, formatPercent } from "../../report/quantities.js";
import type { ConnectionRecord, EndpointRecord, Side } from "../../report/record.js";
import type { CaptureSummary, HostLosses, HostSummary } from "../../report/summary.js";
import { otherSide } from "../../report/wording.js";
import { firstFrame, serverOf } from "../places.js";
import type { Group, HostVerdict, Rule, Sighting, Verdict } from "../rule.js";

/** Fewer lost segments, and a smaller share of the payload, are every network's. */
const LEAST_SEGMENTS = 10;
const LEAST_SHARE = 0.01;
/** From here on a transfer is as slow as its losses let it be. */
const MUCH = 0.05;
/** A connection that lost fewer is no example. */
const LEAST_IN_CONNECTION = 3;
/** A side that sends again more often than this and hears nothing any more has lost its peer. */
const MOST_UNANSWERED = 2;

/** On whichever side it was: what the loss means is the same. */
export const PATH_LOSS = {
  severity: "warning",
  actor: "network",
  confidence: "likely",
  why: "Every loss slows its sender down, by up to a half, or makes it wait for a timer; from a few percent on, a transfer is as slow as its losses let it be.",
  mistakenFor:
    "reordering, copies, and packets that the capture missed, none of which count here; a packet that is held up for longer than its sender waits looks the same from its side",
} satisfies Partial<Rule>;

/** What the connection lost between the capture point and that side. */
function lossesOf(record: ConnectionRecord, side: Side): HostLosses {
  const [own, peer] = [record[side].lost, record[otherSide(side)].lost];
  const [ofOwn, ofPeer] = [own?.beforeCapture ?? 0, peer?.afterCapture ?? 0];
  return {
    clientSegments: side === "client" ? ofOwn : ofPeer,
    serverSegments: side === "client" ? ofPeer : ofOwn,
    bytes: (own?.beforeCaptureBytes ?? 0) + (peer?.afterCaptureBytes ?? 0),
    connections: 1,
  };
}

export function lookForLosses(record: ConnectionRecord, side: Side): Sighting | null {
  // Of one direction alone nobody can tell a needless repeat from a needed one.
  if (record.captured !== "both") return null;
  // A listener drops what comes for a connection that it never took (accept-queue-overflow.ts).
  if (record.server.packets <= record.synAckCount) return null;
  if (isInVain(record.client) || isInVain(record.server)) return null;
  const { clientSegments, serverSegments, bytes } = lossesOf(record, side);
  const payload = record.client.bytes + record.server.bytes;
  if (clientSegments + serverSegments < LEAST_IN_CONNECTION || bytes <= LEAST_SHARE * payload) return null;
  const { client, server } = record;
  return {
    where: serverOf(record),
    frames: [client.recovery?.fromFrame ?? null, server.recovery?.fromFrame ?? null, firstFrame(record)],
    sums: { clientSegments, serverSegments, bytes, payload },
    ranges: { segments: clientSegments + serverSegments },
  };
}

/** What is sent again is too big for the path, or goes to a peer that is gone: no matter of chance. */
function isInVain({ blackHole, unansweredRepeats }: EndpointRecord): boolean {
  return blackHole !== null || unansweredRepeats > MOST_UNANSWERED;
}

/** Of a server that the summary does not list, by connections that are enough each by itself. */
export function tellLosses(group: Group, side: Side, summary: CaptureSummary): Verdict | null {
  if (!(group.most("segments") >= LEAST_SEGMENTS)) return null;
  const losses = {
    clientSegments: group.sum("clientSegments"),
    serverSegments: group.sum("serverSegments"),
    bytes: group.sum("bytes"),
    connections: group.connections,
  };
  const told = verdict(group.where, side, losses, group.sum("payload"), group.connections);
  return told && { ...told, confidence: confidenceIn(summary) };
}

export function tellHostLosses(server: HostSummary, side: Side, summary: CaptureSummary): HostVerdict | null {
  const losses = side === "client" ? server.lostClientSide : server.lostServerSide;
  const told = verdict(server.name, side, losses, server.bytes, server.connections);
  return told && { ...told, confidence: confidenceIn(summary) };
}

/** What the capture missed by itself looks as if it had been lost before it: then the side is less sure than the loss. */
function confidenceIn({ missingBytes, payloadBytes }: CaptureSummary): Confidence {
  return missingBytes > LEAST_SHARE * payloadBytes ? "possible" : "likely";
}

function verdict(
  where: string,
  side: Side,
  { clientSegments, serverSegments, bytes, connections }: HostLosses,
  payload: number,
  all: number,
): HostVerdict | null {
  const share = payload > 0 ? Math.min(1, bytes / payload) : 0;
  if (clientSegments + serverSegments < LEAST_SEGMENTS || share <= LEAST_SHARE) return null;
  const way = side === "client" ? `the clients of ${where}` : where;
  const directions = [
    ...(serverSegments > 0 ? [`${formatNumberOf(serverSegments, "segment")} to the clients`] : []),
    ...(clientSegments > 0 ? [`${formatNumberOf(clientSegments, "segment")} to the server`] : []),
  ].join(" and ");
  return {
    sentence: `between the capture point and ${way} ${directions} were lost, ${formatPercent(share)} of the payload, on ${formatCount(connections)} of ${formatNumberOf(all, "connection")}`,
    connections,
    ...(share >= MUCH && { severity: "problem" as const }),
  };
}
