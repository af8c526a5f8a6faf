/**
 * Connections in which a rule saw something, put together: bounded tables with honest counts.
 *
 * A group keeps 20 examples, those that it cost most, then the earliest; a rule at most `MOST_GROUPS` groups, what comes
 * beyond them is left out. A sighting that is taken back leaves the counts; the ends of ranges stay.
 */
import type { Actor, Confidence, FindingExample } from "../report/finding.js";
import type { Frame } from "../report/frame.js";
import type { ConnectionRecord } from "../report/record.js";
import type { Group, Sighting } from "./rule.js";

const MOST_EXAMPLES = 20;
const MOST_FRAMES = 6;
const MOST_GROUPS = 1000;
/** Hosts of a group that are told apart. */
const MOST_HOSTS = 1000;

interface Kept extends FindingExample {
  readonly startMs: number;
}

export class SightingGroup implements Group {
  readonly where: string;
  connections = 0;
  lostMs = 0;
  /** Whether any sighting says what it cost. */
  hasCost = false;
  readonly #sums = new Map<string, number>();
  readonly #least = new Map<string, number>();
  readonly #most = new Map<string, number>();
  readonly #clients = new Set<string>();
  readonly #servers = new Set<string>();
  readonly #actors = new Map<Actor, number>();
  readonly #confidences = new Map<Confidence, number>();
  #examples: Kept[] = [];

  constructor(where: string) {
    this.where = where;
  }

  get clients(): number {
    return this.#clients.size;
  }

  get servers(): number {
    return this.#servers.size;
  }

  get onlyClient(): string | null {
    return this.#clients.size === 1 ? [...this.#clients][0]! : null;
  }

  /** Whether every client among them is one of these. */
  isOf(clients: ReadonlySet<string>): boolean {
    return clients.size > 0 && [...this.#clients].every((client) => clients.has(client));
  }

  /** The worst first. */
  get examples(): readonly FindingExample[] {
    return this.#examples.map(({ connection, frames, lostMs }) => ({ connection, frames, lostMs }));
  }

  /** What most sightings say; undefined where they say nothing. */
  get actor(): Actor | undefined {
    return mostFrequent(this.#actors);
  }

  get confidence(): Confidence | undefined {
    return mostFrequent(this.#confidences);
  }

  sum(name: string): number {
    return this.#sums.get(name) ?? 0;
  }

  least(name: string): number {
    return this.#least.get(name) ?? Number.NaN;
  }

  most(name: string): number {
    return this.#most.get(name) ?? Number.NaN;
  }

  /** Counts the connection's sighting; with weight -1 takes it out again. */
  add(record: ConnectionRecord, sighting: Sighting, weight: 1 | -1): void {
    this.connections += weight;
    if (sighting.lostMs !== undefined) {
      this.lostMs += weight * sighting.lostMs;
      this.hasCost = true;
    }
    for (const [name, n] of Object.entries(sighting.sums ?? {})) increase(this.#sums, name, weight * n);
    if (sighting.actor) increase(this.#actors, sighting.actor, weight);
    if (sighting.confidence) increase(this.#confidences, sighting.confidence, weight);
    if (weight < 0) {
      this.#examples = this.#examples.filter(({ connection }) => connection !== record.id);
      return;
    }
    for (const [name, n] of Object.entries(sighting.ranges ?? {})) {
      if (!(n >= this.least(name))) this.#least.set(name, n);
      if (!(n <= this.most(name))) this.#most.set(name, n);
    }
    if (this.#clients.size < MOST_HOSTS) this.#clients.add(record.client.address);
    if (this.#servers.size < MOST_HOSTS) this.#servers.add(`${record.server.address} ${record.server.port}`);
    this.#keep(record, sighting);
  }

  #keep(record: ConnectionRecord, sighting: Sighting): void {
    // The first packet of a connection may be its last one too.
    const different = new Set(sighting.frames.filter((frame): frame is Frame => frame !== null));
    const frames = [...different].slice(0, MOST_FRAMES);
    const { lostMs = null } = sighting;
    const kept: Kept = { connection: record.id, frames, lostMs, startMs: record.startMs };
    const last = this.#examples.at(-1);
    if (this.#examples.length === MOST_EXAMPLES && last && !isWorse(kept, last)) return;
    const at = this.#examples.findIndex((other) => isWorse(kept, other));
    this.#examples.splice(at < 0 ? this.#examples.length : at, 0, kept);
    this.#examples.length = Math.min(this.#examples.length, MOST_EXAMPLES);
  }
}

/** By what it cost, then by its beginning. */
function isWorse(a: Kept, b: Kept): boolean {
  const [costA, costB] = [a.lostMs ?? 0, b.lostMs ?? 0];
  return costA !== costB ? costA > costB : a.startMs < b.startMs;
}

function increase<K>(counts: Map<K, number>, key: K, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}

function mostFrequent<K>(counts: ReadonlyMap<K, number>): K | undefined {
  let most: K | undefined;
  for (const [key, n] of counts) if (n > 0 && n > (most === undefined ? 0 : counts.get(most)!)) most = key;
  return most;
}

/** The groups of one rule. */
export class RuleGroups {
  readonly #groups = new Map<string, SightingGroup>();

  add(record: ConnectionRecord, sighting: Sighting, weight: 1 | -1): void {
    let group = this.#groups.get(sighting.where);
    if (!group) {
      if (this.#groups.size >= MOST_GROUPS || weight < 0) return;
      group = new SightingGroup(sighting.where);
      this.#groups.set(sighting.where, group);
    }
    group.add(record, sighting, weight);
    if (group.connections <= 0) this.#groups.delete(sighting.where);
  }

  of(where: string): SightingGroup | undefined {
    return this.#groups.get(where);
  }

  values(): IterableIterator<SightingGroup> {
    return this.#groups.values();
  }
}
