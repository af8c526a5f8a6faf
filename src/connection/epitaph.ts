/**
 * What a tomb says of a finished connection: five words, written while the connection is still at hand.
 */
import { TIME_WAIT } from "../tcp/states.js";
import { STRIDE } from "./columns.js";
import type { Connections } from "./connections.js";
import { CHECK, CLIENT_NEXT, HASH, SERVER_NEXT, SERVER_REOPEN, TW_REUSE, WAITING } from "./tombs.js";
import { checkOf, keySegment } from "./tuple-segments.js";

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
