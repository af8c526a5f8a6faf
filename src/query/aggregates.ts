/**
 * What a check can ask of a capture as a whole: numbers of the summary, each by a name with dots and a unit.
 *
 * Names are those of reports: verdicts and rules whose words have hyphens go by the same words in one, `findings.closeWaitLeak`.
 */
import type { FieldUnit } from "../report/fields/field.js";
import { SEVERITIES } from "../report/finding.js";
import { type CaptureSummary, type Distribution, HANDSHAKE_TIMES } from "../report/summary.js";
import { CLOSES, OUTCOMES, RESET_KINDS } from "../report/verdicts.js";
import { nearestTo } from "./nearest.js";
import { QueryError } from "./query-error.js";
import type { Name } from "./syntax.js";

export interface Aggregate {
  readonly name: string;
  readonly unit: FieldUnit;
  readonly description: string;
  /** Null where the capture holds nothing to tell it from. */
  read(summary: CaptureSummary): number | null;
}

/** A check's name for a word of reports: `close-wait-leak` is `closeWaitLeak`. */
export function nameOfWord(word: string): string {
  return word.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

const PERCENTILES: readonly (readonly [end: string, key: keyof Distribution, what: string])[] = [
  ["min", "minMs", "the shortest"],
  ["p50", "p50Ms", "half took no longer"],
  ["p90", "p90Ms", "of ten, nine took no longer"],
  ["p95", "p95Ms", "of twenty, nineteen took no longer"],
  ["p99", "p99Ms", "of a hundred, 99 took no longer"],
  ["max", "maxMs", "the longest"],
];

/** Counts that stand in the summary by a name of their own. */
type CountName = {
  [K in keyof CaptureSummary]: CaptureSummary[K] extends number ? K : never;
}[keyof CaptureSummary];
type Plain = readonly [name: string, key: CountName, description: string, unit?: FieldUnit];

const PLAIN: readonly Plain[] = [
  ["connections", "connections", "connections"],
  ["connections.oneDirection", "oneDirection", "connections of which one direction was captured"],
  ["connections.evicted", "evictedConnections", "open connections told early, for too many were open"],
  ["connections.silentPeers", "silentPeers", "open connections whose last repeats were never answered"],
  ["outcomes.unknown", "outcomesUnknown", "attempts of which the capture cannot tell how they went"],
  ["resets.notTaken", "resetsNotTaken", "resets without effect"],
  ["bytes", "payloadBytes", "payload bytes sent, repeats included", "bytes"],
  ["retransmissions", "retransmissions", "segments sent again"],
  ["retransmissions.bytes", "retransmittedBytes", "payload bytes sent again", "bytes"],
  ["retransmissions.syn", "synRetransmissions", "SYNs sent again"],
  ["retransmissions.synAck", "synAckRetransmissions", "SYN-ACKs sent again"],
  ["retransmissions.fin", "finRetransmissions", "FINs sent again"],
  ["retransmissions.fast", "fastRetransmissions", "fast retransmissions"],
  ["retransmissions.rto", "timeouts", "repeats by a timer"],
  ["retransmissions.tailLossProbe", "tailLossProbes", "tail-loss probes"],
  ["retransmissions.spurious", "spuriousRetransmissions", "needless repeats"],
  ["stalls", "stalls", "times that nothing was delivered until a timer ran out"],
  ["stalls.time", "stallMs", "how long those took in all", "ms"],
  ["reordered", "reordered", "segments that came out of order"],
  ["lost.beforeCapture", "lostBeforeCapture", "segments lost before the capture point"],
  ["lost.afterCapture", "lostAfterCapture", "segments lost after it"],
  ["lost.acks", "lostAcks", "acknowledgments lost after it"],
  ["capture.packets", "packets", "packets of the capture, whatever the filter"],
  ["capture.segments", "segments", "TCP segments of the capture, whatever the filter"],
  ["capture.duration", "durationMs", "from the first packet to the last", "ms"],
  ["capture.missingBytes", "missingBytes", "bytes that were acknowledged and never captured", "bytes"],
];

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, each) => total + each, 0);
}

function counted(
  group: "outcomes" | "closes" | "resets",
  words: readonly string[],
  from: (summary: CaptureSummary) => Readonly<Record<string, number>>,
  what: string,
): Aggregate[] {
  return words.map((word) => ({
    name: `${group}.${nameOfWord(word)}`,
    unit: "count",
    description: `${what} ${word}`,
    read: (summary) => from(summary)[word]!,
  }));
}

/** Of all the values of `part`, as a share of `whole`; null of nothing. */
function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

/** All aggregates, in the order in which docs/filters.md lists them. */
export const AGGREGATES: readonly Aggregate[] = [
  ...HANDSHAKE_TIMES.flatMap(({ name, sentence }) => [
    ...PERCENTILES.map(
      ([end, key, what]): Aggregate => ({
        name: `${name}.${end}`,
        unit: "ms",
        description: `${sentence}: ${what}`,
        read: ({ handshake }) => handshake[name][key],
      }),
    ),
    {
      name: `${name}.count`,
      unit: "count" as const,
      description: `${sentence}: how many were measured`,
      read: ({ handshake }: CaptureSummary) => handshake[name].count,
    },
  ]),
  ...PLAIN.map(
    ([name, key, description, unit = "count"]): Aggregate => ({
      name,
      unit,
      description,
      read: (summary) => summary[key],
    }),
  ),
  {
    name: "retransmissions.rate",
    unit: "share",
    description: "payload bytes sent again, as a share of all payload bytes sent",
    read: ({ retransmittedBytes, payloadBytes }) => share(retransmittedBytes, payloadBytes),
  },
  {
    name: "connections.failed",
    unit: "count",
    description: "attempts refused, unanswered, unreachable, aborted or left embryonic",
    read: ({ outcomes }) => failures(outcomes),
  },
  {
    name: "connections.failureRate",
    unit: "share",
    description: "those, as a share of all attempts of which the capture tells how they went",
    read: ({ outcomes }) => share(failures(outcomes), sum(outcomes) - outcomes["mid-stream"]),
  },
  ...counted("outcomes", OUTCOMES, ({ outcomes }) => outcomes, "connections whose outcome is"),
  ...counted("closes", CLOSES, ({ closes }) => closes, "connections whose close is"),
  {
    name: "resets",
    unit: "count",
    description: "resets that had an effect",
    read: ({ resetKinds }) => sum(resetKinds),
  },
  ...counted(
    "resets",
    RESET_KINDS.map(({ name }) => name),
    ({ resetKinds }) => resetKinds,
    "resets of the kind",
  ),
  {
    name: "capture.dropped",
    unit: "count",
    description: "packets that the capturing system dropped; unknown where the file does not say",
    read: ({ interfaces }) => {
      const known = interfaces.flatMap(({ droppedPackets }) => droppedPackets ?? []);
      return known.length === 0 ? null : known.reduce((total, each) => total + each, 0);
    },
  },
  {
    name: "findings",
    unit: "count",
    description: "findings, of any severity",
    read: ({ findings }) => findings.length,
  },
  ...SEVERITIES.map(
    (severity): Aggregate => ({
      name: `findings.${severity}`,
      unit: "count",
      description: `findings whose severity is ${severity}`,
      read: ({ findings }) => findings.filter((one) => one.severity === severity).length,
    }),
  ),
];

function failures({
  refused,
  unanswered,
  embryonic,
  aborted,
  unreachable,
}: CaptureSummary["outcomes"]): number {
  return refused + unanswered + embryonic + aborted + unreachable;
}

/** The first part of a name that means another. */
const OTHER_STEMS: Readonly<Record<string, string>> = {
  rtt: "initialRtt",
  handshake: "connectTime",
  outcome: "outcomes",
  close: "closes",
  reset: "resets",
  finding: "findings",
};

/**
 * The aggregate of a name, capitals and hyphens aside; `rules` are the names of findings, each of which
 * can be counted alone. Throws a `QueryError` with the nearest name where there is none.
 */
export function aggregateNamed({ text, at }: Name, rules: readonly string[]): Aggregate {
  const [stem = "", ...rest] = text.split(".");
  const wanted = [OTHER_STEMS[stem.toLowerCase()] ?? stem, ...rest].join(".").toLowerCase();
  const known = AGGREGATES.find(({ name }) => name.toLowerCase() === wanted);
  if (known !== undefined) return known;
  const rule = rules.find((id) => `findings.${nameOfWord(id)}`.toLowerCase() === wanted);
  if (rule !== undefined) return ofRule(rule);
  const names = [...AGGREGATES.map(({ name }) => name), ...rules.map((id) => `findings.${nameOfWord(id)}`)];
  const near = nearestTo(wanted, names);
  const hint = near === null ? "docs/filters.md lists them all" : `the nearest name is ${near}`;
  throw new QueryError(at, `no figure of a capture is named "${text}"; ${hint}`);
}

function ofRule(id: string): Aggregate {
  return {
    name: `findings.${nameOfWord(id)}`,
    unit: "count",
    description: `findings ${id}`,
    read: ({ findings }) => findings.filter((one) => one.id === id).length,
  };
}
