/**
 * Whether a connection may show something that a person should hear of: only then its record is made for that. What was
 * repaired without more ado is looked at in so many connections, and counted by server in all of them.
 *
 * Cheap, and asked once of each connection: what goes wrong leaves its mark in few columns. Most connections open at the
 * first attempt, close by FINs, and never get a rare row.
 */
import { FAST_OPEN_LEFT_OUT } from "../report/verdicts.js";
import { MARK_FIN_ACKED, MARK_FIN_SENT, STRIDE } from "./columns.js";
import { type Connections, HAS_TLS, TLS_OVER_SERVER, WAS_RESET } from "./connections.js";

/** An answer, or an open connection, that took so long is looked at; a handshake that did. */
const LONG_NS = 1e9;
const LONG_HANDSHAKE_NS = 100e6;
/** What waited so long for room in a window that is as large as it can be without scaling is looked at too. */
const LONG_WAIT_NS = 100e6;
const MOST_UNSCALED_WINDOW = 65_535;
/** Above the 60 s of Linux's TIME_WAIT, whose timer may run four seconds late. */
const SOON_AGAIN_NS = 66e9;
/** Fewer repeats of data than this are every network's. */
const FEW_REPEATS = 3;
const MANY_REPEATS = 30;

/** A side that says less than this over TLS said nothing: its handshake may have failed. */
const FEW_BYTES = 1000;
const CLOSED_IN_ORDER = MARK_FIN_SENT | MARK_FIN_ACKED;

/** Nothing, a repair that is over, or more than that. */
export const [UNREMARKABLE, SMALL_TROUBLE, TROUBLE] = [0, 1, 2];

export function remarkability(connections: Connections, connection: number): number {
  const { endpoints: e, columns } = connections;
  const client = connection;
  const server = client + STRIDE;
  if (columns.marks[connection]! & WAS_RESET) return TROUBLE;
  // Its ports came back when, or before, TIME_WAIT let them go.
  if (columns.reuse[connection]! > 0 && columns.reusedAfterNs[connection]! <= SOON_AGAIN_NS) return TROUBLE;
  // It did not open at once, or not at all, or was met in its middle.
  if (e.synCount[client] !== 1 || e.synCount[server] !== 1) return TROUBLE;
  if (!(e.establishedAt[client]! - e.synAt[client]! < LONG_HANDSHAKE_NS)) return TROUBLE;
  if (columns.marks[connection]! & HAS_TLS && saidLittle(connections, connection)) return TROUBLE;
  // It did not close in order.
  if ((e.marks[client]! & e.marks[server]! & CLOSED_IN_ORDER) !== CLOSED_IN_ORDER) return TROUBLE;
  if (e.bytes[server] === 0 || Math.abs(e.lastAt[client]! - e.synAt[client]!) >= LONG_NS) return TROUBLE;
  const [clientRare, serverRare] = [e.rareRow[client]!, e.rareRow[server]!];
  if (hasTrouble(connections, clientRare) || hasTrouble(connections, serverRare)) return TROUBLE;
  const isSmall = hasRepaired(connections, clientRare) || hasRepaired(connections, serverRare);
  return isSmall ? SMALL_TROUBLE : UNREMARKABLE;
}

/** Over TLS: few bytes, or no answer of the server's. */
function saidLittle({ endpoints: e, columns }: Connections, connection: number): boolean {
  const isAnswered = (columns.marks[connection]! & TLS_OVER_SERVER) !== 0;
  return !isAnswered || e.bytes[connection]! < FEW_BYTES || e.bytes[connection + STRIDE]! < FEW_BYTES;
}

/** Counters of a rare row that are more than losses and their repair. */
function hasTrouble({ rare }: Connections, at: number): boolean {
  if (at === 0) return false;
  return (
    rare.retransmissions[at]! >= MANY_REPEATS ||
    rare.zeroWindows[at]! +
      rare.keepAlives[at]! +
      rare.heldBack[at]! +
      rare.finRetransmissions[at]! +
      rare.repeatsSincePeer[at]! +
      rare.refusedSyns[at]! +
      rare.ceMarks[at]! +
      rare.rewrittenMss[at]! +
      rare.eceFlags[at]! +
      rare.badChecksums[at]! +
      rare.rstCount[at]! >
      0 ||
    rare.missingBytes[at]! > 0 ||
    rare.synPayloadFate[at] === FAST_OPEN_LEFT_OUT ||
    (rare.receiveWindowNs[at]! >= LONG_WAIT_NS && rare.filledWindow[at]! <= MOST_UNSCALED_WINDOW)
  );
}

/** Losses that were repaired, segments that were overtaken: more than now and then. */
function hasRepaired({ rare }: Connections, at: number): boolean {
  if (at === 0) return false;
  return (
    rare.retransmissions[at]! >= FEW_REPEATS ||
    rare.reordered[at]! >= FEW_REPEATS ||
    rare.stalls[at]! + rare.spurious[at]! > 0 ||
    // A repeat of its last data is more than one of its FIN.
    rare.tailLossProbes[at]! > rare.finRetransmissions[at]!
  );
}

/** Connections with small troubles that are looked at one by one: on a lossy path they may be every second one. */
const MOST_LOOKED_AT = 2000;

/** Which of those were looked at. Their servers' counts hold all of them. */
export class SmallTroubles {
  /** Those beyond the bound. */
  omitted = 0;
  readonly #looked = new Set<number>();

  /** Whether the connection with that name (packet-names.ts) is to be looked at, or with weight -1 was. */
  admit(name: number, weight: 1 | -1): boolean {
    if (weight < 0) {
      const wasLooked = this.#looked.delete(name);
      if (!wasLooked) this.omitted--;
      return wasLooked;
    }
    if (this.#looked.size >= MOST_LOOKED_AT) {
      this.omitted++;
      return false;
    }
    this.#looked.add(name);
    return true;
  }
}
