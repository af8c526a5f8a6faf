/**
 * What a tomb says of a finished connection: five words, written while the connection is still at hand.
 */
import { TIME_WAIT } from "../tcp/states.js";
import { MARK_HAS_TIMESTAMPS, STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import {
  CHAIN,
  CHECK,
  CLIENT_IS_LOWER,
  CLIENT_NEXT,
  CLIENT_WAITS,
  HAS_TSVAL,
  IS_EVICTED,
  MOST_TOMBS,
  SERVER_NEXT,
  SERVER_WAITS,
  TSVAL,
} from "./tombs.js";
import { checkOf, isFromLowerEnd, keySegment } from "./tuple-segments.js";

/** Writes the connection's epitaph into `words` at `at`. */
export function writeEpitaph(
  connections: Connections,
  connection: number,
  checkSeed: number,
  words: Int32Array,
  at: number,
): void {
  const { state, sndNxt, tsVal, marks } = connections.endpoints;
  const client = connection;
  const server = client + STRIDE;
  const key = keySegment(connections, connection);
  let facts = isFromLowerEnd(key) ? CLIENT_IS_LOWER : 0;
  if (state[client] === TIME_WAIT) facts |= CLIENT_WAITS;
  if (state[server] === TIME_WAIT) facts |= SERVER_WAITS;
  // A SYN is judged by the side in TIME_WAIT, which knows the last TSval of the other one.
  const judged = (facts & (CLIENT_WAITS | SERVER_WAITS)) === CLIENT_WAITS ? server : client;
  if (marks[judged]! & MARK_HAS_TIMESTAMPS) facts |= HAS_TSVAL;
  const { rareRow } = connections.endpoints;
  if (connections.rare.evictedAt[rareRow[connection]!]! > 0) facts |= IS_EVICTED;
  words[at + CHAIN] = (connections.tuples.hashOf(key, 0) & (MOST_TOMBS - 1)) | facts;
  words[at + CHECK] = checkOf(checkSeed, key);
  words[at + CLIENT_NEXT] = sndNxt[client]!;
  words[at + SERVER_NEXT] = sndNxt[server]!;
  words[at + TSVAL] = tsVal[judged]!;
}
