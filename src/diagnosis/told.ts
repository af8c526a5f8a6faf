/**
 * What is told, and of which connections: a rule sees something in many of which nothing is told in the end.
 *
 * A connection stands behind a finding where the rule sees something in it, and tells of what it belongs together with.
 */
import type { ConnectionFinding, Finding } from "../report/finding.js";
import { SEVERITIES } from "../report/finding.js";
import type { ConnectionRecord } from "../report/record.js";
import { RULES } from "./catalogue.js";
import { framesOf, keyOf } from "./groups.js";

/** What the rules see in one connection: the number of each rule, and what the connection belongs together with. */
export type Seen = readonly (readonly [rule: number, key: string])[];

/** What the rules see in it, whether anything is told of it or not; the same under another tuple was looked at already. */
export function seenIn(record: ConnectionRecord): Seen {
  const seen: [number, string][] = [];
  if (record.sameAs !== null) return seen;
  RULES.forEach((rule, i) => {
    const sighting = rule.look(record);
    if (sighting) seen.push([i, keyOf(sighting)]);
  });
  return seen;
}

/** Names of the rules that see something in it, the worst first. */
export function namesOfSeen(record: ConnectionRecord): readonly string[] {
  return seenIn(record)
    .map(([rule]) => RULES[rule]!)
    .sort((a, b) => rank(a) - rank(b))
    .map(({ id }) => id);
}

export class Told {
  readonly #findings: Finding[] = [];
  #isSorted = true;
  /** Of each rule: what it tells, by the keys of the groups that it tells of. */
  readonly #byKey = RULES.map(() => new Map<string, Finding>());

  /** All of them: by severity, then by connections, time lost, and name. */
  get findings(): readonly Finding[] {
    if (!this.#isSorted) this.#findings.sort(worstFirst);
    this.#isSorted = true;
    return this.#findings;
  }

  add(finding: Finding): void {
    this.#findings.push(finding);
    this.#isSorted = false;
  }

  /** Likewise, of a rule that looks at connections: those of these keys stand behind it. */
  addOf(rule: number, keys: readonly string[], finding: Finding): void {
    this.add(finding);
    for (const key of keys) this.#byKey[rule]!.set(key, finding);
  }

  /** What the rule tells of the first of these keys of which it tells anything. */
  find(rule: number, keys: readonly string[]): Finding | undefined {
    const key = keys.find((one) => this.#byKey[rule]!.has(one));
    return key === undefined ? undefined : this.#byKey[rule]!.get(key);
  }

  /** Names of the findings behind which a connection stands that was seen so, the worst first. */
  namesOf(seen: Seen): readonly string[] {
    return seen
      .flatMap(([rule, key]) => this.#byKey[rule]!.get(key) ?? [])
      .sort((a, b) => rank(a) - rank(b))
      .map(({ id }) => id);
  }

  /** The findings behind which the connection stands, with what shows them in it, the worst first. */
  of(record: ConnectionRecord): readonly ConnectionFinding[] {
    const ofGroups = seenIn(record).flatMap(([rule, key]): ConnectionFinding[] => {
      const finding = this.#byKey[rule]!.get(key);
      const sighting = finding && RULES[rule]!.look(record);
      return sighting ? [{ finding, frames: framesOf(sighting), lostMs: sighting.lostMs ?? null }] : [];
    });
    const isTold = new Set(ofGroups.map(({ finding }) => finding));
    // What is told of hosts and of the capture knows its connections by its examples only.
    const asExample = this.#findings.flatMap((finding): ConnectionFinding[] => {
      const example = finding.examples.find(({ connection }) => connection === record.id);
      if (!example || isTold.has(finding)) return [];
      return [{ finding, frames: example.frames, lostMs: example.lostMs }];
    });
    return [...ofGroups, ...asExample].sort((a, b) => rank(a.finding) - rank(b.finding));
  }
}

function rank({ severity }: Pick<Finding, "severity">): number {
  return SEVERITIES.indexOf(severity);
}

function worstFirst(a: Finding, b: Finding): number {
  return (
    rank(a) - rank(b) ||
    b.connections - a.connections ||
    (b.lostMs ?? 0) - (a.lostMs ?? 0) ||
    compare(a.id, b.id) ||
    compare(a.where ?? "", b.where ?? "")
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
