/**
 * Whether a connection may show something that a person should hear of: only then its record is made for that.
 *
 * Cheap, and asked once of each connection: what goes wrong leaves its mark in few columns. Most connections open at the
 * first attempt, close by FINs, and never get a rare row.
 */
import { MARK_FIN_ACKED, MARK_FIN_SENT, STRIDE } from "./columns.js";
import { type Connections, HAS_TLS, WAS_RESET } from "./connections.js";

/** An answer, or an open connection, that took so long is looked at; a handshake that did. */
const LONG_NS = 1e9;
const LONG_HANDSHAKE_NS = 100e6;
/** A little above the 60 s of Linux's TIME_WAIT. */
const SOON_AGAIN_NS = 63e9;
/** Fewer repeats of data than this are every network's. */
const FEW_REPEATS = 3;

/** A side that says less than this over TLS said nothing: its handshake may have failed. */
const FEW_BYTES = 1000;
const CLOSED_IN_ORDER = MARK_FIN_SENT | MARK_FIN_ACKED;

export function isRemarkable(connections: Connections, connection: number): boolean {
  const { endpoints: e, columns } = connections;
  const client = connection;
  const server = client + STRIDE;
  if (columns.marks[connection]! & WAS_RESET) return true;
  // Its ports came back when, or before, TIME_WAIT let them go.
  if (columns.reuse[connection]! > 0 && columns.reusedAfterNs[connection]! <= SOON_AGAIN_NS) return true;
  // It did not open at once, or not at all, or was met in its middle.
  if (e.synCount[client] !== 1 || e.synCount[server] !== 1) return true;
  if (!(e.establishedAt[client]! - e.synAt[client]! < LONG_HANDSHAKE_NS)) return true;
  if (columns.marks[connection]! & HAS_TLS && (e.bytes[server]! < FEW_BYTES || e.bytes[client]! < FEW_BYTES))
    return true;
  // It did not close in order.
  if ((e.marks[client]! & e.marks[server]! & CLOSED_IN_ORDER) !== CLOSED_IN_ORDER) return true;
  if (e.bytes[server] === 0 || Math.abs(e.lastAt[client]! - e.synAt[client]!) >= LONG_NS) return true;
  return hasTrouble(connections, e.rareRow[client]!) || hasTrouble(connections, e.rareRow[server]!);
}

/** Counters of a rare row that are more than a segment sent again now and then. */
function hasTrouble({ rare }: Connections, at: number): boolean {
  if (at === 0) return false;
  return (
    rare.retransmissions[at]! >= FEW_REPEATS ||
    rare.reordered[at]! >= FEW_REPEATS ||
    // A repeat of its last data is more than one of its FIN.
    rare.tailLossProbes[at]! > rare.finRetransmissions[at]! ||
    rare.zeroWindows[at]! +
      rare.keepAlives[at]! +
      rare.heldBack[at]! +
      rare.finRetransmissions[at]! +
      rare.repeatsSincePeer[at]! +
      rare.refusedSyns[at]! +
      rare.ceMarks[at]! +
      rare.stalls[at]! +
      rare.spurious[at]! +
      rare.rstCount[at]! >
      0 ||
    rare.missingBytes[at]! > 0
  );
}
