/**
 * The bound on open connections: what goes when one more would be too many, and what is told of that.
 *
 * The one that has been silent longest is made final with what is known of it. While connections of which only SYNs were
 * seen are many (a SYN flood, RFC 4987), the oldest of those go before all others; otherwise all are treated alike. Who
 * has been silent longest is not kept up to date for each packet: one pass over the places takes the oldest eighth as
 * candidates, which go one by one, unless they were heard since. All others were heard later, so that the order is
 * exact, and an eviction costs a look at eight places in the mean.
 */
import type { ServerEvictions } from "../report/summary.js";
import { OUTCOMES } from "../report/verdicts.js";
import { lastPacketAt, MARK_SEEN, STRIDE } from "./columns.js";
import type { HeldSyns } from "./held-syns.js";
import { newSample } from "./host-sample.js";
import { HostTable } from "./host-table.js";
import type { Tracker } from "./tracker.js";

/** Unanswered connections are many where they are more than this share of the bound. */
const MANY = 1 / 8;
/** Share of the places whose connections are candidates after a pass. */
const CANDIDATES = 1 / 8;
/** Connections looked at to tell from when on that share was silent. */
const SAMPLES = 4096;
/** Puts the unanswered before all others. */
const BEFORE_ALL_NS = 2 ** 53;
/** Servers in the list of those that lost most. */
const MOST_SERVERS = 10;
const UNANSWERED = OUTCOMES.indexOf("unanswered");

const sample = newSample();

export class Eviction {
  /** Open connections that were made final early; those of them of which only SYNs were seen. */
  evicted = 0;
  unanswered = 0;

  readonly #tracker: Tracker;
  readonly #held: HeldSyns;
  readonly #most: number;
  /** By server; made with the first. */
  #servers: HostTable | null = null;
  /** Candidates by rank, the next one at the end, and their ranks. */
  #candidates: number[] = [];
  #ranks = new Float64Array(0);
  /** Evictions until the next pass, while there are SYNs to evict instead. */
  #untilPass = 0;
  /** At the last pass the unanswered were many. */
  #isFlooded = false;

  /** `most` connections may be open at once. */
  constructor(tracker: Tracker, held: HeldSyns, most: number) {
    this.#tracker = tracker;
    this.#held = held;
    this.#most = most;
  }

  /** Makes room for one more. */
  makeRoom(): void {
    const { connections } = this.#tracker;
    while (connections.alive + this.#held.count >= this.#most) this.#evictOldest();
  }

  /** The servers that lost most, and how many others did. */
  servers(): { servers: ServerEvictions[]; omitted: number } {
    const { hosts, omitted } = this.#servers?.summary(MOST_SERVERS) ?? { hosts: [], omitted: 0 };
    const servers = hosts.map(({ name, connections, unanswered }) => ({ name, connections, unanswered }));
    return { servers, omitted };
  }

  #evictOldest(): void {
    const connection = this.#oldestPlaced();
    this.#evict(connection >= 0 ? connection : this.#held.beginOldest());
  }

  /** The next candidate, taken from the list; -1 where the oldest SYN that is held goes before it. */
  #oldestPlaced(): number {
    const held = this.#held.count;
    const isFlooded = this.#isFlooded || held > this.#most * MANY;
    const heldRank = this.#held.oldestAt - (isFlooded ? BEFORE_ALL_NS : 0);
    if (this.#untilPass > 0) this.#untilPass--;
    for (;;) {
      while (this.#candidates.length > 0) {
        const connection = this.#candidates.at(-1)!;
        const rank = this.#ranks[this.#candidates.length - 1]!;
        if (this.#rankOf(connection) !== rank) this.#candidates.pop();
        else if (heldRank <= rank) return -1;
        else {
          this.#candidates.pop();
          return connection;
        }
      }
      const mayWait = isFlooded && this.#untilPass > 0;
      if (held > 0 && (mayWait || this.#tracker.connections.alive === 0)) return -1;
      this.#pass();
    }
  }

  /** One pass over all places: those silent for longest become the candidates. */
  #pass(): void {
    const { connections } = this.#tracker;
    let unanswered = this.#held.count;
    connections.forEach((connection) => {
      if (this.#isUnanswered(connection)) unanswered++;
    });
    this.#isFlooded = unanswered > this.#most * MANY;
    const until = this.#candidatesUntil();
    const found: { connection: number; rank: number }[] = [];
    connections.forEach((connection) => {
      const rank = this.#rankOf(connection);
      if (rank <= until) found.push({ connection, rank });
    });
    found.sort((a, b) => b.rank - a.rank || b.connection - a.connection);
    this.#candidates = found.map(({ connection }) => connection);
    this.#ranks = Float64Array.from(found, ({ rank }) => rank);
    this.#untilPass = Math.floor(connections.alive * CANDIDATES);
  }

  /** The rank up to which that share of the connections lies, told from a sample of them. */
  #candidatesUntil(): number {
    const { connections } = this.#tracker;
    const step = Math.max(1, Math.floor(connections.alive / SAMPLES));
    const ranks: number[] = [];
    let nth = 0;
    connections.forEach((connection) => {
      if (nth++ % step === 0) ranks.push(this.#rankOf(connection));
    });
    const sorted = Float64Array.from(ranks).sort();
    return sorted[Math.floor(sorted.length * CANDIDATES)]!;
  }

  /** When the connection was heard last; the unanswered stand before all others where they are many. NaN without one. */
  #rankOf(connection: number): number {
    const { connections } = this.#tracker;
    if (!connections.isAlive(connection)) return Number.NaN;
    const lastNs = lastPacketAt(connections.endpoints, connection);
    return this.#isFlooded && this.#isUnanswered(connection) ? lastNs - BEFORE_ALL_NS : lastNs;
  }

  /** Whether nothing but SYNs of its opener were seen. */
  #isUnanswered(connection: number): boolean {
    const { marks, packets, synCount } = this.#tracker.connections.endpoints;
    return (
      !(marks[connection + STRIDE]! & MARK_SEEN) &&
      synCount[connection]! > 0 &&
      packets[connection] === synCount[connection]
    );
  }

  #evict(connection: number): void {
    const tracker = this.#tracker;
    const { connections } = tracker;
    const isUnanswered = this.#isUnanswered(connection);
    if (!tracker.isCounted(connection)) {
      this.evicted++;
      if (isUnanswered) this.unanswered++;
      this.#servers ??= new HostTable(1);
      sample.outcome = isUnanswered ? UNANSWERED : -1;
      this.#servers.add(connections, connection, sample, 1);
      const at = connections.rareRow(connection);
      connections.rare.evictedAt[at] = Math.max(1, tracker.latestNs);
    }
    // A million tombs are soon full of SYNs: they would drive out those of connections that ended.
    if (!isUnanswered && connections.scope(connection) === 0) tracker.reuse.bury(connection);
    tracker.finish(connection);
  }
}
