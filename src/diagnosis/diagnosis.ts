/**
 * Records → findings: every connection that may show something is looked at by every rule, once it is done.
 */
import type { Finding, OmittedSightings } from "../report/finding.js";
import { type ConnectionRecord, SIDES } from "../report/record.js";
import type { CaptureSummary } from "../report/summary.js";
import { CAPTURE_RULES, HOST_RULES, RULES } from "./catalogue.js";
import { RuleGroups, type SightingGroup } from "./groups.js";
import type { CaptureRule, CaptureVerdict, HostRule, HostVerdict, Rule, Verdict } from "./rule.js";
import { portScan } from "./rules/port-scan.js";
import { synFlood } from "./rules/syn-flood.js";
import { Told } from "./told.js";

export class Diagnosis {
  readonly #groups = RULES.map(() => new RuleGroups());
  #changes = 0;

  /** Lets every rule look at the connection; with weight -1 takes out what they saw. */
  add(record: ConnectionRecord, weight: 1 | -1): void {
    // The same connection under another tuple was looked at already.
    if (record.sameAs !== null) return;
    RULES.forEach((rule, i) => {
      const sighting = rule.look(record);
      if (!sighting) return;
      this.#groups[i]!.add(record, sighting, weight);
      this.#changes++;
    });
  }

  /** How often something was seen, or taken back. */
  get changes(): number {
    return this.#changes;
  }

  /**
   * What is told of what was seen so far. `whole`: what is told of the whole capture, where these are the connections
   * that were chosen by that: then of their groups nothing is judged again.
   */
  tell(summary: CaptureSummary, whole: Told | null = null): Told {
    const told = new Told();
    if (whole) this.#tellAsIn(whole, told);
    else this.#tellOfGroups(summary, told);
    for (const rule of RULES) {
      const ofAll = rule.tellCapture?.(summary);
      if (ofAll) told.add(findingOf(rule, ofAll, null));
    }
    for (const rule of HOST_RULES) for (const finding of findingsOfHosts(rule, summary)) told.add(finding);
    for (const rule of CAPTURE_RULES) {
      const verdict = rule.tellCapture(summary);
      if (verdict) told.add(findingOf(rule, verdict, null));
    }
    return told;
  }

  #tellOfGroups(summary: CaptureSummary, told: Told): void {
    const scanners = this.#toldOf(portScan, summary);
    const flooded = this.#toldOf(synFlood, summary);
    const servers = new Set(summary.servers.map(({ name }) => name));
    RULES.forEach((rule, i) => {
      for (const group of this.#groups[i]!.told()) {
        if (rule.isExplainedByScan && group.isOf(scanners)) continue;
        if (rule.isExplainedByFlood && flooded.has(group.where)) continue;
        if (rule.tellHost && servers.has(group.where)) continue;
        const verdict = rule.tell(group, summary);
        if (verdict) told.addOf(i, group.keys, findingOf(rule, verdict, group.where, group));
      }
      for (const server of rule.tellHost ? summary.servers : []) {
        const verdict = rule.tellHost!(server, summary);
        const { name } = server;
        if (verdict) told.addOf(i, [name], findingOf(rule, verdict, name, this.#groups[i]!.of(name)));
      }
    });
  }

  #tellAsIn(whole: Told, told: Told): void {
    RULES.forEach((_, i) => {
      for (const group of this.#groups[i]!.told()) {
        const finding = whole.find(i, group.keys);
        if (finding) told.addOf(i, group.keys, finding);
      }
    });
  }

  /** What the rules saw on more servers or clients than they judge, most connections first. */
  omitted({ servers }: CaptureSummary): readonly OmittedSightings[] {
    const listed = new Set(servers.map(({ name }) => name));
    return RULES.map(({ id, title, tellHost }, i) => {
      // By the counts of all its connections a listed server is judged even so.
      return { id, title, ...this.#groups[i]!.omitted(tellHost ? listed : new Set()) };
    })
      .filter(({ connections }) => connections > 0)
      .sort((a, b) => b.connections - a.connections);
  }

  /** Where the rule has something to tell: addresses that scan, servers that are flooded. */
  #toldOf(rule: Rule, summary: CaptureSummary): ReadonlySet<string> {
    const groups = this.#groups[RULES.indexOf(rule)]!.told();
    return new Set(groups.filter((group) => rule.tell(group, summary) !== null).map(({ where }) => where));
  }
}

function findingsOfHosts(rule: HostRule, summary: CaptureSummary): Finding[] {
  const findings: Finding[] = [];
  for (const side of SIDES) {
    for (const host of side === "client" ? summary.clients : summary.servers) {
      const verdict = rule.tellHost(host, side, summary);
      if (verdict) findings.push(findingOf(rule, verdict, host.name));
    }
  }
  return findings;
}

/** `group`: the connections that were looked at, where there are any: of those are the examples, and what they cost. */
function findingOf(
  rule: Rule | HostRule | CaptureRule,
  verdict: Verdict & Partial<Pick<HostVerdict, "connections"> & Pick<CaptureVerdict, "examples">>,
  where: string | null,
  group?: SightingGroup,
): Finding {
  return {
    id: rule.id,
    title: rule.title,
    severity: verdict.severity ?? rule.severity,
    sentence: verdict.sentence,
    advice: verdict.advice ?? rule.advice,
    mistakenFor: rule.mistakenFor,
    actor: verdict.actor ?? group?.actor ?? rule.actor,
    confidence: verdict.confidence ?? group?.confidence ?? rule.confidence,
    where,
    connections: verdict.connections ?? group?.connections ?? 0,
    lostMs: group?.hasCost ? group.lostMs : null,
    examples: verdict.examples ?? group?.examples ?? [],
  };
}
