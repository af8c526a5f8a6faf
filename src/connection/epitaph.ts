/**
 * What a tomb says of a finished connection: five words, written while the connection is still at hand.
 */
import { TIME_WAIT } from "../tcp/states.js";
import { Segment } from "../wire/segment.js";
import { STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { CHECK, CLIENT_NEXT, HASH, SERVER_NEXT, SERVER_REOPEN, TW_REUSE, WAITING } from "./tombs.js";

/** Writes the connection's epitaph into `words` at `at`. */
export function writeEpitaph(
  connections: Connections,
  connection: number,
  checkSeed: number,
  words: Int32Array,
  at: number,
): void {
  const { state, sndNxt } = connections.endpoints;
  const client = connection;
  const server = client + STRIDE;
  const key = keySegment(connections, connection);
  words[at + HASH] = connections.tuples.hashOf(key, 0);
  words[at + CHECK] = checkOf(checkSeed, key);
  words[at + CLIENT_NEXT] = sndNxt[client]!;
  words[at + SERVER_NEXT] = sndNxt[server]!;
  words[at + WAITING] =
    state[client] === TIME_WAIT ? TW_REUSE : state[server] === TIME_WAIT ? SERVER_REOPEN : 0;
}

/** A second hash of the segment's tuple, independent of the table's. */
export function checkOf(seed: number, segment: Segment): number {
  return (
    checkOfEnd(seed, segment.source0, segment.source3, segment.sourcePort) ^
    checkOfEnd(seed, segment.destination0, segment.destination3, segment.destinationPort) ^
    segment.overlayId
  );
}

function checkOfEnd(seed: number, word0: number, word3: number, port: number): number {
  const h = Math.imul(seed ^ word0, 0x9e3779b1) ^ Math.imul(word3 + port, 0x85ebca77);
  return Math.imul(h ^ (h >>> 13), 0xc2b2ae3d);
}

const key = new Segment();

/** The tuple of a connection as a segment from its client would carry it. Reused. */
function keySegment(connections: Connections, connection: number): Segment {
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
