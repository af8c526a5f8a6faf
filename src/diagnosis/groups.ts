/**
 * Connections in which a rule saw something, put together: bounded tables with honest counts.
 *
 * A group keeps 20 examples, those that it cost most, then the earliest; a rule at most `MOST_JUDGED` groups, what comes
 * beyond them is counted. A sighting that is taken back leaves the counts; the ends of ranges stay.
 */
import {
  type Actor,
  type Confidence,
  type FindingExample,
  MOST_COUNTED,
  MOST_JUDGED,
} from "../report/finding.js";
import type { Frame } from "../report/frame.js";
import type { ConnectionRecord } from "../report/record.js";
import { BusiestSecond } from "./busiest-second.js";
import { serverOf } from "./places.js";
import { type Group, MOST_HOSTS, type Sighting } from "./rule.js";

const MOST_EXAMPLES = 20;
const MOST_FRAMES = 6;

interface Kept extends FindingExample {
  readonly startMs: number;
}

export class SightingGroup implements Group {
  readonly where: string;
  readonly isOfClients: boolean;
  /** Of its sightings; several where groups were put together. */
  readonly keys: string[] = [];
  connections = 0;
  lostMs = 0;
  /** Whether any sighting says what it cost. */
  hasCost = false;
  readonly #sums = new Map<string, number>();
  readonly #least = new Map<string, number>();
  readonly #most = new Map<string, number>();
  readonly #clients = new Set<string>();
  readonly #servers = new Set<string>();
  /** Under undefined stand sightings that leave it at what the rule says usually. */
  readonly #actors = new Map<Actor | undefined, number>();
  readonly #confidences = new Map<Confidence | undefined, number>();
  /** Null where no sighting says when it came. */
  #busiest: BusiestSecond | null = null;
  #examples: Kept[] = [];

  constructor(where: string, isOfClients: boolean) {
    this.where = where;
    this.isOfClients = isOfClients;
  }

  get clients(): number {
    return this.#clients.size;
  }

  get servers(): number {
    return this.#servers.size;
  }

  get client(): string | null {
    return onlyOf(this.#clients);
  }

  get server(): string | null {
    return onlyOf(this.#servers);
  }

  /** Whether every client among them, each of which is known, is one of these. */
  isOf(clients: ReadonlySet<string>): boolean {
    return (
      clients.size > 0 &&
      this.clients < MOST_HOSTS &&
      [...this.#clients].every((client) => clients.has(client))
    );
  }

  /** The worst first. */
  get examples(): readonly FindingExample[] {
    return this.#examples.map(({ connection, frames, lostMs }) => ({ connection, frames, lostMs }));
  }

  get startsMs(): readonly number[] {
    return this.#examples.map(({ startMs }) => startMs);
  }

  /** What most sightings say; undefined where that is nothing. */
  get actor(): Actor | undefined {
    return mostFrequent(this.#actors);
  }

  get confidence(): Confidence | undefined {
    return mostFrequent(this.#confidences);
  }

  get mostInSecond(): number {
    return this.#busiest?.most ?? 0;
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
    if (sighting.atMs !== undefined) {
      this.#busiest ??= new BusiestSecond();
      this.#busiest.add(sighting.atMs, weight);
    }
    increase(this.#actors, sighting.actor, weight);
    increase(this.#confidences, sighting.confidence, weight);
    if (weight < 0) {
      this.#examples = this.#examples.filter(({ connection }) => connection !== record.id);
      return;
    }
    for (const [name, n] of Object.entries(sighting.ranges ?? {})) this.#widen(name, n);
    if (this.#clients.size < MOST_HOSTS) this.#clients.add(record.client.address);
    if (this.#servers.size < MOST_HOSTS) this.#servers.add(serverOf(record));
    this.#keepSighting(record, sighting);
  }

  /** Counts all that the other group has. */
  merge(other: SightingGroup): void {
    this.keys.push(...other.keys);
    this.connections += other.connections;
    this.lostMs += other.lostMs;
    this.hasCost ||= other.hasCost;
    if (other.#busiest) {
      this.#busiest ??= new BusiestSecond();
      this.#busiest.merge(other.#busiest);
    }
    for (const [name, n] of other.#sums) increase(this.#sums, name, n);
    for (const [actor, n] of other.#actors) increase(this.#actors, actor, n);
    for (const [confidence, n] of other.#confidences) increase(this.#confidences, confidence, n);
    for (const [name, n] of other.#least) this.#widen(name, n);
    for (const [name, n] of other.#most) this.#widen(name, n);
    for (const client of other.#clients) if (this.#clients.size < MOST_HOSTS) this.#clients.add(client);
    for (const server of other.#servers) if (this.#servers.size < MOST_HOSTS) this.#servers.add(server);
    for (const kept of other.#examples) this.#keep(kept);
  }

  #widen(name: string, n: number): void {
    if (!(n >= this.least(name))) this.#least.set(name, n);
    if (!(n <= this.most(name))) this.#most.set(name, n);
  }

  #keepSighting(record: ConnectionRecord, sighting: Sighting): void {
    const { lostMs = null } = sighting;
    this.#keep({ connection: record.id, frames: framesOf(sighting), lostMs, startMs: record.startMs });
  }

  #keep(kept: Kept): void {
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

function onlyOf(names: ReadonlySet<string>): string | null {
  const [first = null] = names;
  return names.size === 1 ? first : null;
}

function increase<K>(counts: Map<K, number>, key: K, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}

/** The first of those that were counted most; undefined where there is none. */
function mostFrequent<K>(counts: ReadonlyMap<K, number>): K | undefined {
  let [most, mostOften]: [K | undefined, number] = [undefined, 0];
  for (const [key, n] of counts) if (n > mostOften) [most, mostOften] = [key, n];
  return most;
}

/** The packets that show it, each once: the first packet of a connection may be its last one too. */
export function framesOf({ frames }: Sighting): readonly Frame[] {
  const different = new Set(frames.filter((frame): frame is Frame => frame !== null));
  return [...different].slice(0, MOST_FRAMES);
}

/** By what a connection belongs to a group: what a server and what its clients do are two things, of the same name. */
export function keyOf({ where, isOfClientToo }: Sighting): string {
  return isOfClientToo ? `clients of ${where}` : where;
}

/** The groups of one rule. */
export class RuleGroups {
  /** By `keyOf`. */
  readonly #groups = new Map<string, SightingGroup>();
  /** Connections by the names for which no group was left; of names beyond the bound all in one number. */
  readonly #beyond = new Map<string, number>();
  #unnamed = 0;

  add(record: ConnectionRecord, sighting: Sighting, weight: 1 | -1): void {
    const key = keyOf(sighting);
    const group = this.#groupFor(key, sighting, weight);
    if (!group) {
      this.#count(key, weight);
      return;
    }
    group.add(record, sighting, weight);
    if (group.connections <= 0) this.#groups.delete(key);
  }

  /** Undefined where its connections are counted only. */
  #groupFor(key: string, sighting: Sighting, weight: 1 | -1): SightingGroup | undefined {
    const known = this.#groups.get(key);
    if (known || weight < 0 || this.#beyond.has(key) || this.#groups.size >= MOST_JUDGED) return known;
    const group = new SightingGroup(sighting.where, sighting.isOfClientToo ?? false);
    group.keys.push(key);
    this.#groups.set(key, group);
    return group;
  }

  #count(key: string, weight: 1 | -1): void {
    const known = this.#beyond.get(key) ?? 0;
    if (known === 0 && (weight < 0 || this.#beyond.size >= MOST_COUNTED))
      this.#unnamed = Math.max(0, this.#unnamed + weight);
    else if (known + weight === 0) this.#beyond.delete(key);
    else this.#beyond.set(key, known + weight);
  }

  of(where: string): SightingGroup | undefined {
    return this.#groups.get(where);
  }

  /** The groups to tell of: those that are of one client alone, and as much its matter, in one (decision 95). */
  told(): readonly SightingGroup[] {
    const told: SightingGroup[] = [];
    const ofClients = new Map<string, SightingGroup[]>();
    for (const group of this.#groups.values()) {
      const { client } = group;
      if (!group.isOfClients || client === null) told.push(group);
      else ofClients.set(client, [...(ofClients.get(client) ?? []), group]);
    }
    for (const [client, groups] of ofClients) {
      const where = groups.length > 1 ? client : `${client} to ${groups[0]!.where}`;
      const one = new SightingGroup(where, true);
      for (const group of groups) one.merge(group);
      told.push(one);
    }
    return told;
  }

  /** What is beyond the groups and is not of one of `toldOtherwise`. */
  omitted(toldOtherwise: ReadonlySet<string>): { connections: number; groups: number } {
    const named = [...this.#beyond].filter(([where]) => !toldOtherwise.has(where));
    return {
      connections: named.reduce((sum, [, n]) => sum + n, this.#unnamed),
      groups: named.length,
    };
  }
}
