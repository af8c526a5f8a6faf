/**
 * A connection packed into a few hundred bytes and back: what its words hold without the zeros, its transitions, and
 * the fingerprints of its last packets. Holes are left out: a finished connection's are of no use.
 *
 * Layout, in 32-bit words: tuple, then hot, cold and wide words of both endpoints, each 32 words as a bit mask and the
 * words that are not 0 (two for a double), then transitions, then rings.
 */
import { STRIDE } from "./columns.js";
import { type Connections, PAIR, RING, ringOf } from "./connections.js";
import { TRANSITIONS_PER_CONNECTION } from "./transition-log.js";

const KEY_WORDS = 11;

/** Words that no packed connection exceeds. */
export const MOST_WORDS = KEY_WORDS + 2 * (STRIDE * 4 + 3) + TRANSITIONS_PER_CONNECTION * 4 + 2 * RING;

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** Packs `connection` into `words` from `start` on; returns the place behind it. */
export function pack(connections: Connections, connection: number, words: Int32Array, start: number): number {
  const { memory, tuples, rings } = connections;
  let at = start;
  for (let word = 0; word < KEY_WORDS; word++) words[at++] = tuples.keyWord(connection / PAIR, word);
  for (let row = connection; row <= connection + STRIDE; row += STRIDE) {
    at = packInts(memory.hot, row, words, at);
    at = packInts(memory.cold, row, words, at);
    at = packWides(memory.wide, row, words, at);
  }
  at = packTransitions(connections, connection, words, at);
  const ring = ringOf(connection);
  for (let entry = 0; entry < 2 * RING; entry++) words[at++] = rings[ring + entry]!;
  return at;
}

/** Unpacks what stands at `start` into the connection at `connection`, whose memory was new. */
export function unpack(connections: Connections, connection: number, words: Int32Array, start: number): void {
  const { memory, tuples, rings } = connections;
  let at = start;
  for (let word = 0; word < KEY_WORDS; word++) tuples.setKeyWord(connection / PAIR, word, words[at++]!);
  for (let row = connection; row <= connection + STRIDE; row += STRIDE) {
    at = unpackInts(memory.hot, row, words, at);
    at = unpackInts(memory.cold, row, words, at);
    at = unpackWides(memory.wide, row, words, at);
    connections.endpoints.holes[row] = -1;
    connections.endpoints.holeCount[row] = 0;
  }
  at = unpackTransitions(connections, connection, words, at);
  const ring = ringOf(connection);
  for (let entry = 0; entry < 2 * RING; entry++) rings[ring + entry] = words[at++]!;
}

function packInts(memory: Int32Array, row: number, words: Int32Array, start: number): number {
  let at = start + 1;
  let mask = 0;
  for (let word = 0; word < STRIDE; word++) {
    const value = memory[row + word]!;
    if (value === 0) continue;
    mask |= 1 << word;
    words[at++] = value;
  }
  words[start] = mask;
  return at;
}

function packWides(memory: Float64Array, row: number, words: Int32Array, start: number): number {
  let at = start + 1;
  let mask = 0;
  for (let word = 0; word < STRIDE; word++) {
    const value = memory[row + word]!;
    if (value === 0) continue;
    mask |= 1 << word;
    double[0] = value;
    words[at++] = halves[0]!;
    words[at++] = halves[1]!;
  }
  words[start] = mask;
  return at;
}

function unpackInts(memory: Int32Array, row: number, words: Int32Array, start: number): number {
  const mask = words[start]!;
  let at = start + 1;
  for (let word = 0; word < STRIDE; word++) memory[row + word] = mask & (1 << word) ? words[at++]! : 0;
  return at;
}

function unpackWides(memory: Float64Array, row: number, words: Int32Array, start: number): number {
  const mask = words[start]!;
  let at = start + 1;
  for (let word = 0; word < STRIDE; word++) {
    if (!(mask & (1 << word))) {
      memory[row + word] = 0;
      continue;
    }
    halves[0] = words[at++]!;
    halves[1] = words[at++]!;
    memory[row + word] = double[0]!;
  }
  return at;
}

function packTransitions(
  connections: Connections,
  connection: number,
  words: Int32Array,
  start: number,
): number {
  const { columns, log } = connections;
  return log.copyOut(columns.firstTransition[connection]!, columns.transitions[connection]!, words, start);
}

function unpackTransitions(
  connections: Connections,
  connection: number,
  words: Int32Array,
  start: number,
): number {
  const { columns, log } = connections;
  let at = start;
  let last = -1;
  columns.firstTransition[connection] = -1;
  const count = columns.transitions[connection]!;
  for (let entry = 0; entry < count; entry++) {
    if (log.isFull(entry)) {
      last = log.open(last);
      if (entry === 0) columns.firstTransition[connection] = last;
    }
    at = log.copyIn(last, entry, words, at);
  }
  columns.lastTransition[connection] = last;
  return at;
}
