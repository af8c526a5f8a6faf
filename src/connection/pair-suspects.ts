/**
 * Attempts that count as never answered, until it is known whether the answers were captured at all.
 *
 * Which direction between two hosts a capture lacks is told by any connection of theirs (host-pairs.ts), also by one
 * that comes long after an attempt was counted. So what such an attempt adds to the figures is kept beside them, by
 * direction and server port, and moved when the summary is asked for. Bounded; attempts beyond stay as they were counted.
 */
import { CLOSES, OUTCOMES } from "../report/verdicts.js";
import { MARK_SEEN, STRIDE } from "./columns.js";
import type { DescribeContext } from "./describe.js";
import type { HostPairs } from "./host-pairs.js";
import type { HostTable } from "./host-table.js";

/** Directions and ports kept. */
const MOST_SUSPECTS = 16_384;
const PORTS = 65_536;

const UNANSWERED = OUTCOMES.indexOf("unanswered");
const EMBRYONIC = OUTCOMES.indexOf("embryonic");

interface Suspect {
  /** The direction of which it is asked whether it was captured (host-pairs.ts). */
  readonly direction: number;
  readonly server: string;
  readonly client: string;
  /** Attempts by what they count as; by the close they have now, less by the one they would have. */
  unanswered: number;
  embryonic: number;
  readonly closes: number[];
  silentPeers: number;
}

/** What is to be added to the figures, by index into OUTCOMES and CLOSES, and by the names of hosts. */
export interface Settlement {
  readonly outcomes: number[];
  readonly closes: number[];
  outcomesUnknown: number;
  silentPeers: number;
  oneDirection: number;
  readonly servers: Map<string, number>;
  readonly clients: Map<string, number>;
}

export class PairSuspects {
  /** Attempts beyond the bound: they stay counted as never answered. */
  omitted = 0;
  readonly #suspects = new Map<number, Suspect>();

  /** Whether the connection's outcome hangs on whether a direction was captured: the silent side, or -1. */
  static silentSide(context: DescribeContext, connection: number, outcome: number): 0 | 1 | -1 {
    const { marks, synCount } = context.connections.endpoints;
    if (outcome === UNANSWERED) return 1;
    const isClientUnseen = (marks[connection]! & MARK_SEEN) === 0;
    return outcome === EMBRYONIC && isClientUnseen && synCount[connection + STRIDE] === 1 ? 0 : -1;
  }

  /**
   * Notes a connection whose outcome hangs on whether `side` was captured. `close` as it counts, `otherwise` as it would
   * with an unknown outcome; `isSilent`: it would then be an open connection whose repeats were not answered.
   */
  note(
    context: DescribeContext,
    connection: number,
    side: 0 | 1,
    close: number,
    otherwise: number,
    isSilent: boolean,
    hosts: { readonly servers: HostTable; readonly clients: HostTable },
    weight: 1 | -1,
  ): void {
    const { connections } = context;
    const direction = context.scene.pairs.directionKey(connections, connection, side);
    const key = direction * PORTS + connections.port(connection, 1);
    let suspect = this.#suspects.get(key);
    if (!suspect) {
      if (this.#suspects.size >= MOST_SUSPECTS) {
        this.omitted += weight;
        return;
      }
      const server = hosts.servers.nameFor(connections, connection);
      const client = hosts.clients.nameFor(connections, connection);
      const closes = CLOSES.map(() => 0);
      suspect = { direction, server, client, unanswered: 0, embryonic: 0, closes, silentPeers: 0 };
      this.#suspects.set(key, suspect);
    }
    if (side === 1) suspect.unanswered += weight;
    else suspect.embryonic += weight;
    suspect.closes[close]! -= weight;
    suspect.closes[otherwise]! += weight;
    if (isSilent) suspect.silentPeers += weight;
  }

  /** What moves in the figures by what is known of the directions now. */
  settle(pairs: HostPairs): Settlement {
    const settlement: Settlement = {
      outcomes: OUTCOMES.map(() => 0),
      closes: CLOSES.map(() => 0),
      outcomesUnknown: 0,
      silentPeers: 0,
      oneDirection: 0,
      servers: new Map(),
      clients: new Map(),
    };
    for (const suspect of this.#suspects.values()) {
      if (pairs.isMissing(suspect.direction)) move(settlement, suspect);
    }
    return settlement;
  }

  merge(other: PairSuspects): void {
    this.omitted += other.omitted;
    for (const [key, theirs] of other.#suspects) {
      const own = this.#suspects.get(key);
      if (own) {
        own.unanswered += theirs.unanswered;
        own.embryonic += theirs.embryonic;
        own.silentPeers += theirs.silentPeers;
        theirs.closes.forEach((n, close) => {
          own.closes[close]! += n;
        });
      } else if (this.#suspects.size < MOST_SUSPECTS)
        this.#suspects.set(key, { ...theirs, closes: [...theirs.closes] });
      else this.omitted += theirs.unanswered + theirs.embryonic;
    }
  }
}

function move(settlement: Settlement, suspect: Suspect): void {
  const { unanswered, embryonic, closes } = suspect;
  settlement.outcomes[UNANSWERED]! -= unanswered;
  settlement.outcomes[EMBRYONIC]! -= embryonic;
  settlement.outcomesUnknown += unanswered + embryonic;
  settlement.silentPeers += suspect.silentPeers;
  // A connection of which nothing came from the client counts as one direction from the beginning.
  settlement.oneDirection += unanswered;
  closes.forEach((n, close) => {
    settlement.closes[close]! += n;
  });
  add(settlement.servers, suspect.server, unanswered);
  add(settlement.clients, suspect.client, unanswered);
}

function add(counts: Map<string, number>, name: string, n: number): void {
  counts.set(name, (counts.get(name) ?? 0) + n);
}
