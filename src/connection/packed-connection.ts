/**
 * A connection packed into a few hundred bytes and back: what its words hold without the zeros, its transitions, and
 * the fingerprints of its last packets. Holes are left out: a finished connection's are of no use.
 *
 * Layout, in 32-bit words: tuple, then of both endpoints their row of each buffer and, where they have one, their rare
 * row: a bit mask and the words that are not 0 (two for a double). Then transitions, then rings.
 */
import type { ColumnMemory } from "./column-memory.js";
import { RARE_BUFFERS, RARE_STRIDE, RARE_WIDE_BUFFERS, STRIDE } from "./columns.js";
import { type Connections, PAIR, RING, ringOf } from "./connections.js";
import { TUPLE_WORDS } from "./four-tuples.js";
import { TRANSITIONS_PER_CONNECTION } from "./transition-log.js";

/** Words that no packed connection exceeds: two for a double, and a mask before each row. */
export const MOST_WORDS =
  TUPLE_WORDS +
  2 *
    (STRIDE * 4 +
      3 +
      RARE_STRIDE * (RARE_BUFFERS + 2 * RARE_WIDE_BUFFERS) +
      RARE_BUFFERS +
      RARE_WIDE_BUFFERS) +
  TRANSITIONS_PER_CONNECTION * 4 +
  2 * RING;

const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** Packs `connection` into `words` from `start` on; returns the place behind it. */
export function pack(connections: Connections, connection: number, words: Int32Array, start: number): number {
  const { memory, rareMemory, tuples, rings, endpoints } = connections;
  let at = tuples.copyOut(connection / PAIR, words, start);
  for (let row = connection; row <= connection + STRIDE; row += STRIDE) {
    at = packRow(memory.memory, row, STRIDE, words, at);
    const rareRow = endpoints.rareRow[row]!;
    if (rareRow !== 0) at = packRow(rareMemory.memory, rareRow, RARE_STRIDE, words, at);
  }
  at = packTransitions(connections, connection, words, at);
  const ring = ringOf(connection);
  for (let entry = 0; entry < 2 * RING; entry++) words[at++] = rings[ring + entry]!;
  return at;
}

/** Unpacks what stands at `start` into the connection at `connection`, whose memory was new. */
export function unpack(connections: Connections, connection: number, words: Int32Array, start: number): void {
  const { memory, rareMemory, tuples, rings, endpoints } = connections;
  let at = tuples.copyIn(connection / PAIR, words, start);
  for (let row = connection; row <= connection + STRIDE; row += STRIDE) {
    rareMemory.release(endpoints.rareRow[row]!);
    at = unpackRow(memory.memory, row, STRIDE, words, at);
    const hasRare = endpoints.rareRow[row] !== 0;
    endpoints.rareRow[row] = 0;
    if (hasRare) {
      const rareRow = connections.rareRow(row);
      at = unpackRow(rareMemory.memory, rareRow, RARE_STRIDE, words, at);
      connections.rare.holeCount[rareRow] = 0;
    }
    endpoints.holes[row] = -1;
  }
  at = unpackTransitions(connections, connection, words, at);
  const ring = ringOf(connection);
  for (let entry = 0; entry < 2 * RING; entry++) rings[ring + entry] = words[at++]!;
}

/** Packs one row of every buffer: a bit mask of the words that are not 0, then those words. */
function packRow(
  memory: ColumnMemory,
  row: number,
  stride: number,
  words: Int32Array,
  start: number,
): number {
  let at = start;
  for (const ints of memory.ints) {
    const maskAt = at++;
    let mask = 0;
    for (let word = 0; word < stride; word++) {
      const value = ints[row + word]!;
      if (value === 0) continue;
      mask |= 1 << word;
      words[at++] = value;
    }
    words[maskAt] = mask;
  }
  for (const wides of memory.wides) {
    const maskAt = at++;
    let mask = 0;
    for (let word = 0; word < stride; word++) {
      const value = wides[row + word]!;
      if (value === 0) continue;
      mask |= 1 << word;
      double[0] = value;
      words[at++] = halves[0]!;
      words[at++] = halves[1]!;
    }
    words[maskAt] = mask;
  }
  return at;
}

function unpackRow(
  memory: ColumnMemory,
  row: number,
  stride: number,
  words: Int32Array,
  start: number,
): number {
  let at = start;
  for (const ints of memory.ints) {
    const mask = words[at++]!;
    for (let word = 0; word < stride; word++) ints[row + word] = mask & (1 << word) ? words[at++]! : 0;
  }
  for (const wides of memory.wides) {
    const mask = words[at++]!;
    for (let word = 0; word < stride; word++) {
      if (mask & (1 << word)) {
        halves[0] = words[at++]!;
        halves[1] = words[at++]!;
        wides[row + word] = double[0]!;
      } else wides[row + word] = 0;
    }
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
