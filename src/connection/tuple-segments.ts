/**
 * Segments as carriers of a four-tuple: compared, copied, made from a connection, hashed a second time.
 */
import { Segment } from "../wire/segment.js";
import type { Connections } from "./connections.js";

/** Ports below this belong to servers, when nothing better tells. */
const WELL_KNOWN_PORTS = 1024;

/** Without any SYN: the well-known port is the server's; of two others, the lower one. */
export function looksLikeServer(segment: Segment): boolean {
  const isLowSource = segment.sourcePort < WELL_KNOWN_PORTS;
  const isLowDestination = segment.destinationPort < WELL_KNOWN_PORTS;
  if (isLowSource !== isLowDestination) return isLowSource;
  return segment.sourcePort < segment.destinationPort;
}

/** Whether both segments come from the same address and port. */
export function isSameSender(a: Segment, b: Segment): boolean {
  return (
    a.sourcePort === b.sourcePort &&
    a.source0 === b.source0 &&
    a.source1 === b.source1 &&
    a.source2 === b.source2 &&
    a.source3 === b.source3
  );
}

/** Whether the sender's address and port are the lower ones of the two: tells the ends of a tuple apart. */
export function isFromLowerEnd(segment: Segment): boolean {
  if (segment.source0 !== segment.destination0) return segment.source0 < segment.destination0;
  if (segment.source1 !== segment.destination1) return segment.source1 < segment.destination1;
  if (segment.source2 !== segment.destination2) return segment.source2 < segment.destination2;
  if (segment.source3 !== segment.destination3) return segment.source3 < segment.destination3;
  return segment.sourcePort < segment.destinationPort;
}

/** A segment of its own with the header fields that a connection's beginning needs. */
export function copyOf(segment: Segment): Segment {
  const copy = Object.assign(new Segment(), segment);
  (copy as { sackEdges: Int32Array }).sackEdges = segment.sackEdges.slice();
  return copy;
}

const key = new Segment();

/** The tuple of a connection as a segment from its client would carry it. Reused. */
export function keySegment(connections: Connections, connection: number): Segment {
  key.source0 = connections.addressWord(connection, 0, 0);
  key.source1 = connections.addressWord(connection, 0, 1);
  key.source2 = connections.addressWord(connection, 0, 2);
  key.source3 = connections.addressWord(connection, 0, 3);
  key.destination0 = connections.addressWord(connection, 1, 0);
  key.destination1 = connections.addressWord(connection, 1, 1);
  key.destination2 = connections.addressWord(connection, 1, 2);
  key.destination3 = connections.addressWord(connection, 1, 3);
  key.sourcePort = connections.port(connection, 0);
  key.destinationPort = connections.port(connection, 1);
  key.overlayId = connections.overlay(connection);
  key.ipVersion = connections.ipVersion(connection);
  return key;
}

/** A second hash of the tuple, independent of the table's. */
export function checkOf(seed: number, segment: Segment): number {
  const end = (word0: number, word3: number, port: number) => {
    const h = Math.imul(seed ^ word0, 0x9e3779b1) ^ Math.imul(word3 + port, 0x85ebca77);
    return Math.imul(h ^ (h >>> 13), 0xc2b2ae3d);
  };
  return (
    end(segment.source0, segment.source3, segment.sourcePort) ^
    end(segment.destination0, segment.destination3, segment.destinationPort) ^
    segment.overlayId
  );
}
