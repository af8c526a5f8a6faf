/**
 * A finished connection packed into some 200 bytes and back, as far as its record may ask: the same record comes out.
 *
 * Most of what is remembered of an ordinary connection follows from the rest or is what it is in every other one: a bit
 * says so (packed-fields.ts), and only what differs is written, times and frames as exact differences. Fingerprints of
 * packets and holes are left out: they serve the next segment, and there is none.
 *
 * Layout: a byte of HAS_… bits, the tuple, the columns of both endpoints, of each endpoint its rare columns where it has
 * some, the ICMP error where there was one, the times of turns and round trips where there are any, the TLS handshake
 * where there was one, the transitions.
 */
import { type ByteCursor, MOST_INTEGER_BYTES, MOST_NUMBER_BYTES } from "./byte-cursor.js";
import type { ColumnMemory } from "./column-memory.js";
import { STRIDE } from "./columns.js";
import { type Connections, PAIR } from "./connections.js";
import { KEY, TUPLE_WORDS } from "./four-tuples.js";
import { LONG } from "./long-tuples.js";
import { CONNECTION_FIELDS, type PackedField, type PackedFields, RARE_FIELDS } from "./packed-fields.js";
import { MOST_SPREADS_BYTES, packSpreads, unpackSpreads } from "./packed-spreads.js";
import { nameOf } from "./packet-names.js";
import { MOST_RESULT_BYTES, putTls, takeTls } from "./tls-result.js";
import { TRANSITIONS_PER_CONNECTION } from "./transition-log.js";
import type { Unreachable } from "./unreachable.js";

const HAS_CLIENT_RARE = 1 << 0;
const HAS_SERVER_RARE = 1 << 1;
const HAS_LONG_TUPLE = 1 << 2;
const HAS_UNREACHABLE = 1 << 3;
const HAS_TURNS = 1 << 4;
const HAS_TLS_RESULT = 1 << 5;

/** Words of a tuple's key (four-tuples.ts), and of what a pool holds of it: addresses, network, scope, hash. */
const PORTS = 2;
const PLACE = 3;
const ADDRESSES = KEY;
const NETWORK = KEY + 8;
const HASH = KEY + LONG - 1;

/** Words of a transition as the log copies it: a double (its time), its packet, what it is. */
const TRANSITION_WORDS = 4;
/** Bit of the two bytes that say what a transition is: it happened at the same packet as the one before. */
const SAME_PACKET = 1 << 14;
const WHAT = SAME_PACKET - 1;
const WHAT_BITS = 14;
const NAME_WORD = 2 ** 32;

function mostBytes({ ints, wides }: PackedFields): number {
  return ints.length * (MOST_INTEGER_BYTES + 1) + wides.length * (MOST_NUMBER_BYTES + 1) + 2;
}

/** Bytes that no packed connection exceeds. */
export const MOST_PACKED_BYTES =
  1 +
  TUPLE_WORDS * 5 +
  mostBytes(CONNECTION_FIELDS) +
  2 * mostBytes(RARE_FIELDS) +
  (19 + 2 * MOST_NUMBER_BYTES) +
  MOST_SPREADS_BYTES +
  MOST_INTEGER_BYTES +
  MOST_RESULT_BYTES +
  TRANSITIONS_PER_CONNECTION * (2 + 2 * MOST_NUMBER_BYTES);

const tuple = new Int32Array(TUPLE_WORDS);
const transitions = new Int32Array(TRANSITIONS_PER_CONNECTION * TRANSITION_WORDS);
const transitionTimes = new Float64Array(transitions.buffer);

/** Packs `connection`, and the ICMP error that answered it, from where `out` stands on. */
export function pack(
  connections: Connections,
  connection: number,
  unreachable: Unreachable | undefined,
  out: ByteCursor,
): void {
  const { memory, rareMemory, endpoints } = connections;
  const clientRare = endpoints.rareRow[connection]!;
  const serverRare = endpoints.rareRow[connection + STRIDE]!;
  const turns = connections.columns.turns[connection]!;
  const tls = connections.tls.resultOf(connection);
  const tupleWords = connections.tuples.copyOut(connection / PAIR, tuple, 0);
  out.putByte(
    (clientRare !== 0 ? HAS_CLIENT_RARE : 0) |
      (serverRare !== 0 ? HAS_SERVER_RARE : 0) |
      (tupleWords > KEY ? HAS_LONG_TUPLE : 0) |
      (unreachable ? HAS_UNREACHABLE : 0) |
      (turns !== 0 ? HAS_TURNS : 0) |
      (tls === undefined ? 0 : HAS_TLS_RESULT),
  );
  packTuple(tupleWords > KEY, out);
  packRow(memory.memory, connection, CONNECTION_FIELDS, out);
  if (clientRare !== 0) packRow(rareMemory.memory, clientRare, RARE_FIELDS, out);
  if (serverRare !== 0) packRow(rareMemory.memory, serverRare, RARE_FIELDS, out);
  if (unreachable) packUnreachable(unreachable, out);
  if (turns !== 0) packSpreads(connections.spreads, turns, out);
  if (tls !== undefined) putTls(tls, out);
  packTransitions(connections, connection, out);
}

/**
 * Unpacks what stands where `from` stands into the connection at `connection`, to be described and packed again, not to
 * be found or followed; returns the ICMP error that answered it.
 */
export function unpack(
  connections: Connections,
  connection: number,
  from: ByteCursor,
): Unreachable | undefined {
  const { memory, rareMemory, endpoints } = connections;
  const has = from.takeByte();
  for (let row = connection; row <= connection + STRIDE; row += STRIDE)
    rareMemory.release(endpoints.rareRow[row]!);
  connections.spreads.releasePair(connections.columns.turns[connection]!);
  connections.tls.release(connection);
  connections.memory.clear(connection);
  unpackTuple((has & HAS_LONG_TUPLE) !== 0, from);
  connections.tuples.copyIn(connection / PAIR, tuple, 0);
  unpackRow(memory.memory, connection, CONNECTION_FIELDS, from);
  for (const [bit, row] of [
    [HAS_CLIENT_RARE, connection],
    [HAS_SERVER_RARE, connection + STRIDE],
  ] as const) {
    if (!(has & bit)) continue;
    const rareRow = connections.rareRow(row);
    unpackRow(rareMemory.memory, rareRow, RARE_FIELDS, from);
  }
  const unreachable = has & HAS_UNREACHABLE ? unpackUnreachable(from) : undefined;
  if (has & HAS_TURNS) connections.columns.turns[connection] = unpackSpreads(connections.spreads, from);
  if (has & HAS_TLS_RESULT) connections.tls.restore(connection, takeTls(from));
  unpackTransitions(connections, connection, from);
  return unreachable;
}

/** Of a tuple in the pool the key's addresses are the pool's, and its hash is of no use. */
function packTuple(isLong: boolean, out: ByteCursor): void {
  if (!isLong) {
    for (let word = 0; word <= PORTS; word++) out.putWord(tuple[word]!);
    return;
  }
  out.putWord(tuple[PORTS]!);
  for (let word = ADDRESSES; word < NETWORK; word++) out.putWord(tuple[word]!);
  for (let word = NETWORK; word < HASH; word++) out.putInteger(tuple[word]!, 0);
}

function unpackTuple(isLong: boolean, from: ByteCursor): void {
  tuple.fill(0);
  if (!isLong) {
    for (let word = 0; word <= PORTS; word++) tuple[word] = from.takeWord();
    return;
  }
  tuple[PORTS] = from.takeWord();
  tuple[PLACE] = 1;
  for (let word = ADDRESSES; word < NETWORK; word++) tuple[word] = from.takeWord();
  for (let word = NETWORK; word < HASH; word++) tuple[word] = from.takeInteger(0);
}

/** A bit for each column that is not what it is expected to be, then those columns: integers, then doubles. */
function packRow(memory: ColumnMemory, row: number, fields: PackedFields, out: ByteCursor): void {
  const { bytes } = out;
  let mask = openMask(fields.ints.length, out);
  for (let i = 0; i < fields.ints.length; i++) {
    const field = fields.ints[i]!;
    const value = memory.ints[field.buffer]![row + field.word]!;
    const expected = expectedOf(memory.ints, row, field);
    if (value === expected) continue;
    bytes[mask + (i >> 3)]! |= 1 << (i & 7);
    out.putInteger(value, expected);
  }
  mask = openMask(fields.wides.length, out);
  for (let i = 0; i < fields.wides.length; i++) {
    const field = fields.wides[i]!;
    const value = memory.wides[field.buffer]![row + field.word]!;
    const expected = expectedOf(memory.wides, row, field);
    if (Object.is(value, expected)) continue;
    bytes[mask + (i >> 3)]! |= 1 << (i & 7);
    out.putNumber(value, expected);
  }
}

function unpackRow(memory: ColumnMemory, row: number, fields: PackedFields, from: ByteCursor): void {
  const { bytes } = from;
  let mask = skipMask(fields.ints.length, from);
  for (let i = 0; i < fields.ints.length; i++) {
    const field = fields.ints[i]!;
    const expected = expectedOf(memory.ints, row, field);
    const differs = bytes[mask + (i >> 3)]! & (1 << (i & 7));
    memory.ints[field.buffer]![row + field.word] = differs ? from.takeInteger(expected) : expected;
  }
  mask = skipMask(fields.wides.length, from);
  for (let i = 0; i < fields.wides.length; i++) {
    const field = fields.wides[i]!;
    const expected = expectedOf(memory.wides, row, field);
    const differs = bytes[mask + (i >> 3)]! & (1 << (i & 7));
    memory.wides[field.buffer]![row + field.word] = differs ? from.takeNumber(expected) : expected;
  }
}

function expectedOf(
  buffers: readonly (Int32Array | Float64Array)[],
  row: number,
  field: PackedField,
): number {
  return field.likeBuffer < 0 ? field.initial : buffers[field.likeBuffer]![row + field.likeWord]!;
}

/** Room for a bit each, all 0; returns where it is. */
function openMask(count: number, out: ByteCursor): number {
  const mask = out.at;
  out.at += (count + 7) >> 3;
  out.bytes.fill(0, mask, out.at);
  return mask;
}

function skipMask(count: number, from: ByteCursor): number {
  const mask = from.at;
  from.at += (count + 7) >> 3;
  return mask;
}

function packUnreachable({ ipVersion, type, code, sender, atNs, name }: Unreachable, out: ByteCursor): void {
  for (const byte of [ipVersion, type, code]) out.putByte(byte);
  for (const word of sender) out.putWord(word);
  out.putNumber(atNs, 0);
  out.putNumber(name, 0);
}

function unpackUnreachable(from: ByteCursor): Unreachable {
  const [ipVersion, type, code] = [from.takeByte(), from.takeByte(), from.takeByte()];
  const sender = [from.takeWord(), from.takeWord(), from.takeWord(), from.takeWord()] as const;
  return { ipVersion, type, code, sender, atNs: from.takeNumber(0), name: from.takeNumber(0) };
}

function packTransitions(connections: Connections, connection: number, out: ByteCursor): void {
  const { columns, endpoints, log } = connections;
  const count = columns.transitions[connection]!;
  log.copyOut(columns.firstTransition[connection]!, count, transitions, 0);
  let lastAt = endpoints.firstAt[connection]!;
  let lastName = nameOf(columns, connection);
  for (let entry = 0; entry < count; entry++) {
    const at = transitionTimes[entry * 2]!;
    const what = transitions[entry * TRANSITION_WORDS + 3]!;
    const name = (transitions[entry * TRANSITION_WORDS + 2]! >>> 0) + (what >>> WHAT_BITS) * NAME_WORD;
    const isSame = name === lastName && Object.is(at, lastAt);
    const said = (what & WHAT) | (isSame ? SAME_PACKET : 0);
    out.putByte(said);
    out.putByte(said >> 8);
    if (isSame) continue;
    out.putNumber(at, lastAt);
    out.putNumber(name, lastName);
    lastAt = at;
    lastName = name;
  }
}

function unpackTransitions(connections: Connections, connection: number, from: ByteCursor): void {
  const { columns, endpoints, log } = connections;
  let at = endpoints.firstAt[connection]!;
  let name = nameOf(columns, connection);
  let last = -1;
  columns.firstTransition[connection] = -1;
  const count = columns.transitions[connection]!;
  for (let entry = 0; entry < count; entry++) {
    const said = from.takeByte() | (from.takeByte() << 8);
    if (!(said & SAME_PACKET)) {
      at = from.takeNumber(at);
      name = from.takeNumber(name);
    }
    if (log.isFull(entry)) {
      last = log.open(last);
      if (entry === 0) columns.firstTransition[connection] = last;
    }
    transitionTimes[0] = at;
    transitions[2] = name | 0;
    transitions[3] = (Math.floor(name / NAME_WORD) << WHAT_BITS) | (said & WHAT);
    log.copyIn(last, entry, transitions, 0);
  }
  columns.lastTransition[connection] = last;
}
