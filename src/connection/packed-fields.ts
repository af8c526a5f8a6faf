/**
 * Which columns a packed connection holds, in which order, and what each is expected to be.
 *
 * Every column of the schemas (columns.ts) is packed unless it stands in `LIVE_ONLY`; a new one needs nothing here. A
 * column that is what it is expected to be costs one bit: as it is in a new connection, or, where `LIKE` names another,
 * the same as that one. Anything else is written as its difference from that. Names are those of the schemas behind
 * `client.`, `server.` or `connection.`.
 */
import type { ColumnMemory } from "./column-memory.js";
import { EndpointMemory, OF_CLIENT, STRIDE } from "./columns.js";
import { RARE_STRIDE, RareMemory } from "./rare-columns.js";

/** What only the next segment would ask for: left out, and as new in an unpacked connection. */
const LIVE_ONLY = new Set([
  // ---- of an endpoint
  "ackSent",
  "window",
  "lastIpId",
  "ipIdSteps",
  "sender",
  "flightStart",
  "holes",
  "lastAck",
  "ackOfFinEnd",
  "originalInterface",
  "lastSynTsVal",
  "rareRow",
  // ---- of a connection
  "firstTransition",
  "lastTransition",
  "finishedAt",
  "dueAt",
  "badness",
  "firstPrint",
  "turns",
  // ---- in the rare columns
  "holeCount",
  "sackRight",
  "windowOpenedAt",
  "sameAcks",
  "sameAck",
  "ackOfSynEnd",
  "stateBeforeReset",
  "episodePoint",
  "episodeHadTimeout",
  "flightThen",
]);

/** Columns of the server's row that stand for others (columns.ts). */
const TAKEN = new Set<string>(OF_CLIENT.map((name) => `server.${name}`));

/** Columns beside others of which they differ little; each after the one that it is like. */
const LIKE: readonly (readonly [column: string, like: string])[] = [
  ["client.sndNxt", "client.isn"],
  ["client.sndUna", "client.sndNxt"],
  ["client.finSequence", "client.sndNxt"],
  ["client.tsVal", "client.synTsVal"],
  ["server.sndNxt", "server.isn"],
  ["server.sndUna", "server.sndNxt"],
  ["server.finSequence", "server.sndNxt"],
  ["server.tsVal", "server.synTsVal"],
  ["server.mss", "client.mss"],
  ["server.options", "client.options"],
  ["server.synCount", "client.synCount"],
  ["server.synVlan", "client.synVlan"],
  ["server.state", "client.state"],
  ["server.packets", "client.packets"],
  ["client.windowScale", "client.offeredScale"],
  ["server.windowScale", "server.offeredScale"],
  ["server.firstAt", "client.firstAt"],
  ["client.synAt", "client.firstAt"],
  ["client.lastSynAt", "client.synAt"],
  ["client.answeredAt", "client.lastSynAt"],
  ["server.synAt", "server.firstAt"],
  ["server.lastSynAt", "server.synAt"],
  ["client.establishedAt", "server.lastSynAt"],
  ["client.lastAt", "client.establishedAt"],
  ["server.lastAt", "client.lastAt"],
  ["client.lastDataAt", "client.lastAt"],
  ["server.lastDataAt", "client.lastDataAt"],
  ["client.mostInFlight", "client.bytes"],
  ["server.mostInFlight", "server.bytes"],
  ["connection.firstResponseAt", "server.lastDataAt"],
  ["connection.clientDataAt", "client.establishedAt"],
  ["connection.serverDataAt", "connection.firstResponseAt"],
  ["client.finAt", "client.lastAt"],
  ["server.finAt", "server.lastAt"],
  ["client.stateSince", "client.lastAt"],
  ["server.stateSince", "client.stateSince"],
  ["client.lastFrame", "connection.frame"],
  // Of one repair in a connection's life.
  ["rare.networkNs", "rare.episodeNs"],
  ["rare.longestEpisodeNs", "rare.episodeNs"],
  ["rare.longestEpisodeEnd", "rare.longestEpisodeFrame"],
  ["rare.stallNs", "rare.networkNs"],
  ["rare.longestStallNs", "rare.stallNs"],
  ["rare.longestStallFrame", "rare.longestEpisodeFrame"],
  ["rare.longestStallEnd", "rare.longestEpisodeEnd"],
  ["server.lastFrame", "client.lastFrame"],
];

/** One column of a packed row. Words count from the row's (the client's) first in each buffer. */
export interface PackedField {
  readonly buffer: number;
  readonly word: number;
  /** Where the column stands that it is like; -1 for none. */
  readonly likeBuffer: number;
  readonly likeWord: number;
  /** What it is in a new connection. */
  readonly initial: number;
}

/** The columns of a row in one order: integers, then doubles. */
export interface PackedFields {
  readonly ints: readonly PackedField[];
  readonly wides: readonly PackedField[];
}

interface Place {
  readonly isWide: boolean;
  readonly buffer: number;
  readonly word: number;
}

type Column = Int32Array | Float64Array;

/** Where the column, a view that begins at its first word, stands in the memory. */
function placeOf(memory: ColumnMemory, column: Column): Place {
  const isWide = column instanceof Float64Array;
  const buffers: readonly Column[] = isWide ? memory.wides : memory.ints;
  const buffer = buffers.findIndex((one) => one.buffer === column.buffer);
  return { isWide, buffer, word: column.byteOffset / column.BYTES_PER_ELEMENT };
}

function fieldsOf(memory: ColumnMemory, places: ReadonlyMap<string, Place>): PackedFields {
  const likes = new Map(LIKE.filter(([name]) => places.has(name)));
  // What is like another comes behind it.
  const names = [...[...places.keys()].filter((name) => !likes.has(name)), ...likes.keys()];
  const fields = (isWide: boolean): PackedField[] =>
    names
      .filter((name) => places.get(name)!.isWide === isWide)
      .map((name) => {
        const { buffer, word } = places.get(name)!;
        const like = places.get(likes.get(name) ?? "");
        const initial = (isWide ? memory.wides : memory.ints)[buffer]![word]!;
        return { buffer, word, likeBuffer: like?.buffer ?? -1, likeWord: like?.word ?? -1, initial };
      });
  return { ints: fields(false), wides: fields(true) };
}

/** The columns of both endpoints and of their connection, by the client's row. */
export const CONNECTION_FIELDS = connectionFields();
/** The rare columns of one endpoint, by its rare row. */
export const RARE_FIELDS = rareFields();

function connectionFields(): PackedFields {
  const one = new EndpointMemory(2);
  one.clear(0);
  const places = new Map<string, Place>();
  for (const side of ["client", "server"]) {
    for (const [name, column] of Object.entries(one.endpoints)) {
      const { isWide, buffer, word } = placeOf(one.memory, column);
      if (!LIVE_ONLY.has(name) && !TAKEN.has(`${side}.${name}`))
        places.set(`${side}.${name}`, { isWide, buffer, word: word + (side === "server" ? STRIDE : 0) });
    }
  }
  for (const [name, column] of Object.entries(one.connections))
    if (!LIVE_ONLY.has(name)) places.set(`connection.${name}`, placeOf(one.memory, column));
  const unknown = LIKE.flat().filter((name) => !places.has(name) && !name.startsWith("rare."));
  if (unknown.length > 0) throw new Error(`no packed column is called ${unknown.join(", ")}`);
  return fieldsOf(one.memory, places);
}

function rareFields(): PackedFields {
  const { memory, columns } = new RareMemory();
  const places = new Map<string, Place>();
  for (const [name, column] of Object.entries(columns))
    if (!LIVE_ONLY.has(name)) places.set(`rare.${name}`, placeOf(memory, column));
  if ([...places.values()].some(({ word }) => word >= RARE_STRIDE))
    throw new Error("a rare column stands outside of its row");
  return fieldsOf(memory, places);
}
