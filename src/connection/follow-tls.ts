/**
 * Which segments are looked into for a TLS handshake, and until when.
 *
 * The client's first payload decides whether a connection is looked at again; then both sides are until
 * the server's first answer is known (tls-facts.ts). After that a bit of the connection's marks says so, and nothing here is
 * called. Connections whose beginning was not captured are not looked at: nothing shows where a record begins.
 */
import { after } from "../tcp/sequence.js";
import { NO_BYTES, type Segment, SYN } from "../wire/segment.js";
import { HANDSHAKE, mayBeClientHello } from "../wire/tls.js";
import { connectionOf, MARK_ISN_KNOWN, STRIDE } from "./columns.js";
import {
  type Connections,
  HAS_TLS,
  IS_ALIVE,
  IS_MID_STREAM,
  IS_SELF,
  TLS_OVER_CLIENT,
  TLS_OVER_SERVER,
} from "./connections.js";
import { packetName } from "./packet-names.js";
import type { FollowedTls } from "./tls-handshakes.js";
import { BLOCK_BYTES } from "./tls-stream.js";

/** A keep-alive stands one below the first byte, and tells nothing of it (RFC 9293 §3.8.4). */
const KEEP_ALIVE = -1;

const TLS_OVER = TLS_OVER_CLIENT | TLS_OVER_SERVER;

/** Whether the segment, of the endpoint at `row`, is worth a look. */
export function mayTellOfTls(connections: Connections, row: number, segment: Segment): boolean {
  if (segment.payloadLength === 0) return false;
  const over = row & STRIDE ? TLS_OVER_SERVER : TLS_OVER_CLIENT;
  const marks = connections.columns.marks[connectionOf(row)]!;
  return (marks & (IS_ALIVE | over)) === IS_ALIVE && segment.bytes !== NO_BYTES;
}

/** Looks into a segment with payload of the endpoint at `row`, once both ends were followed through it. */
export function followTls(connections: Connections, row: number, segment: Segment): void {
  const connection = connectionOf(row);
  const { marks } = connections.columns;
  const followed = marks[connection]! & HAS_TLS ? connections.tls.followed(connection) : undefined;
  if (followed !== undefined) lookInto(connections, connection, row, followed, segment);
  else if (marks[connection]! & HAS_TLS) marks[connection]! |= TLS_OVER;
  else consider(connections, connection, row, segment);
}

/** Nothing is known of the connection's payload yet: is it to be followed? */
function consider(connections: Connections, connection: number, row: number, segment: Segment): void {
  const { endpoints: e, columns } = connections;
  const isSeenFromStart =
    e.marks[connection]! & MARK_ISN_KNOWN && !(columns.marks[connection]! & (IS_MID_STREAM | IS_SELF));
  const base = (e.isn[connection]! + 1) | 0;
  const offset = row === connection ? offsetIn(base, segment) : 0;
  if (isSeenFromStart && offset === KEEP_ALIVE) return;
  const isPossible =
    isSeenFromStart &&
    segment.payloadCaptured > 0 &&
    offset >= 0 &&
    offset < BLOCK_BYTES &&
    mayBegin(row, base, offset, segment);
  if (!isPossible) {
    columns.marks[connection]! |= TLS_OVER;
    return;
  }
  columns.marks[connection]! |= HAS_TLS;
  lookInto(connections, connection, row, connections.tls.begin(connection), segment);
}

/** The client's first bytes tell. Those of the server do only if it answers what the capture shows later, or never. */
function mayBegin(row: number, base: number, offset: number, segment: Segment): boolean {
  const { bytes, payloadStart, payloadCaptured } = segment;
  if (row & STRIDE) return after(segment.acknowledgment, base) && bytes[payloadStart] === HANDSHAKE;
  return offset > 0 || mayBeClientHello(bytes, payloadStart, payloadStart + payloadCaptured);
}

function lookInto(
  connections: Connections,
  connection: number,
  row: number,
  followed: FollowedTls,
  segment: Segment,
): void {
  const { endpoints: e, columns, tls } = connections;
  const side = row & STRIDE ? 1 : 0;
  const over = side === 1 ? TLS_OVER_SERVER : TLS_OVER_CLIENT;
  let stream = followed.streams[side];
  if (stream === null) {
    if (!(e.marks[row]! & MARK_ISN_KNOWN)) {
      columns.marks[connection]! |= over;
      return;
    }
    stream = tls.openStream(followed, side, (e.isn[row]! + 1) | 0);
  }
  const { facts } = followed;
  const offset = offsetIn(stream.base, segment);
  stream.segment(
    facts,
    offset,
    segment.bytes,
    segment.payloadStart,
    Math.min(segment.payloadCaptured, segment.payloadLength),
    segment.payloadLength,
    segment.timeNs,
    packetName(segment.file, segment.number),
  );
  if (stream.isOver || facts.isKnown(side)) columns.marks[connection]! |= over;
  // An answer is what the other side was still looked into for.
  if (facts.isKnown(side ^ 1)) columns.marks[connection]! |= TLS_OVER ^ over;
  const isNone = side === 0 && stream.isOver && !(facts.helloAt === facts.helloAt);
  if (isNone) columns.marks[connection]! |= TLS_OVER;
  if ((columns.marks[connection]! & TLS_OVER) === TLS_OVER) tls.close(connection);
}

/** Where the segment's payload begins in its direction. */
function offsetIn(base: number, { sequence, flags }: Segment): number {
  return (sequence + (flags & SYN ? 1 : 0) - base) | 0;
}
