/**
 * The capture summary: what connections tell (the tally) beside what the file tells (packets, problems, interfaces).
 */

import type { Ledger } from "./analysis-ledger.js";
import type { PacketFigures } from "./analysis-packets.js";
import type { CaptureFacts } from "./analysis-part.js";
import type { Checksums } from "./connection/checksums.js";
import type { Clock } from "./connection/clock.js";
import type { Eviction } from "./connection/eviction.js";
import type { KeptConnections } from "./connection/finished-connections.js";
import type { LossBurst } from "./connection/loss-bursts.js";
import { frameOf, idOf, idOfName } from "./connection/packet-names.js";
import type { PointNames } from "./connection/split-tuples.js";
import type { Tally } from "./connection/tally.js";
import { timeOfDay } from "./connection/time-of-day.js";
import type { Tracker } from "./connection/tracker.js";
import { severalPoints } from "./report/capture-point-words.js";
import type {
  CaptureSummary,
  ChecksumSummary,
  FilterSummary,
  InterfaceSummary,
  LossBurstSummary,
  ProblemSummary,
  SkippedPackets,
} from "./report/summary.js";
import type { ConnectionFilter } from "./report/view.js";
import { linkTypeName } from "./wire/link-types.js";
import { SKIP_REASONS } from "./wire/skip-reasons.js";

/** Hosts in the tables by server and by client. */
const MOST_HOSTS = 100;

/** What the tracker of a capture tells, or those of its parts together. */
export interface Followed
  extends Pick<
    Tracker,
    | "latestNs"
    | "segments"
    | "lateSegments"
    | "strayErrors"
    | "badOptions"
    | "firstBadOptions"
    | "errors"
    | "firstError"
  > {
  readonly clock: Pick<Clock, "jumps" | "firstJump">;
  /** TLS handshakes that were closed early to make room. */
  readonly closedEarly: number;
  readonly evictions: Pick<Eviction, "evicted" | "unanswered"> & ReturnType<Eviction["servers"]>;
  readonly lossBursts: readonly LossBurst[];
  /** What is to be said of tuples that came to be used again. */
  notes(names: PointNames): string[];
}

export interface SummaryParts {
  readonly capture: CaptureFacts;
  readonly followed: Followed;
  readonly tally: Tally;
  readonly ledger: Ledger;
  readonly kept: KeptConnections;
  readonly fileNames: readonly string[];
  readonly packets: PacketFigures;
  readonly filter: ConnectionFilter | undefined;
  readonly unfollowedRecords: number;
  readonly isComplete: boolean;
  readonly checksums: Checksums | null;
}

export function summarize(parts: SummaryParts): CaptureSummary {
  const { capture, followed, tally, ledger } = parts;
  const told = tally.summary(followed.latestNs, MOST_HOSTS, ledger.copies, ledger.pairs);
  const summary = {
    files: parts.fileNames,
    format: capture.format,
    start: capture.originNs === null ? null : timeOfDay(capture.originNs, 0),
    durationMs: followed.latestNs / 1e6,
    packets: parts.packets.packets,
    wireBytes: parts.packets.wireBytes,
    segments: followed.segments,
    checksums: checksumSummary(parts),
    clockSteps: capture.backwardSteps + followed.clock.jumps,
    skipped: skippedPackets(parts),
    interfaces: interfaces(parts),
    capturePoint: tally.capturePoints.of(null),
    ...told,
    filter: filterSummary(parts),
    ...strippedPaths(parts),
    guessableIsns: tally.isns.summary(),
    lateSegments: followed.lateSegments,
    strayErrors: followed.strayErrors,
    unfollowedRecords: parts.unfollowedRecords,
    ...evictions(followed),
    lossBursts: lossBursts(parts),
    problems: problems(parts),
    notes: notes(parts, told),
    findings: [],
    findingsOmitted: [],
    isComplete: parts.isComplete,
  };
  return {
    ...summary,
    findings: ledger.tell(summary).findings,
    findingsOmitted: ledger.diagnosis.omitted(summary),
  };
}

function filterSummary({ ledger: { selected }, filter }: SummaryParts): FilterSummary | null {
  return selected && filter ? { where: filter.text, connections: selected.total } : null;
}

function lossBursts({ followed, fileNames, filter }: SummaryParts): LossBurstSummary[] {
  // Moments of the whole capture, in which connections stand that were not asked for.
  if (filter) return [];
  return followed.lossBursts.map(({ atNs, spanNs, connections, losses, senders, examples }) => ({
    atMs: atNs / 1e6,
    spanMs: spanNs / 1e6,
    connections,
    segments: losses,
    senders,
    examples: examples.map(({ connection, frame }) => ({
      connection: idOfName(fileNames, connection)!,
      frame: frameOf(fileNames, frame)!,
    })),
  }));
}

function strippedPaths({ tally, fileNames }: SummaryParts) {
  const { paths, omitted } = tally.paths.summary(fileNames);
  return { strippedPaths: paths, strippedPathsOmitted: omitted };
}

function checksumSummary({ checksums }: SummaryParts): ChecksumSummary | null {
  if (checksums === null) return null;
  const { right, uncomputed, wrong, leftOut } = checksums;
  return { right, uncomputed, wrong, leftOut };
}

/** What a single tracker tells. */
export function followedBy(tracker: Tracker): Followed {
  const { eviction, reuse, connections } = tracker;
  const { evicted, unanswered } = eviction;
  const { latestNs, segments, lateSegments, strayErrors, badOptions, firstBadOptions, errors, firstError } =
    tracker;
  return {
    ...{ latestNs, segments, lateSegments, strayErrors, badOptions, firstBadOptions, errors, firstError },
    clock: tracker.clock,
    closedEarly: connections.tls.closedEarly,
    evictions: { evicted, unanswered, ...eviction.servers() },
    lossBursts: connections.bursts.summary(connections, latestNs),
    notes: (names) => reuse.notes(names),
  };
}

function evictions({ evictions: { evicted, unanswered, servers, omitted } }: Followed) {
  return {
    evictedConnections: evicted,
    evictedUnanswered: unanswered,
    evictedByServer: servers,
    evictedServersOmitted: omitted,
  };
}

/** What is wrong with the files, and with the segments that were read all the same. */
function problems({ capture, followed, fileNames }: SummaryParts): ProblemSummary[] {
  const list = capture.problems.map(
    ({ kind, sentence, count, isFatal, offset, file, frame }): ProblemSummary => {
      const firstId = frame === null || frame === 0 ? null : idOf(fileNames, file, frame);
      return { kind, sentence, count, isFatal, offset, firstId };
    },
  );
  if (followed.badOptions > 0) {
    const firstId = idOfName(fileNames, followed.firstBadOptions);
    const sentence = `packet ${firstId} has TCP options of impossible length: what stands before them was read`;
    const count = followed.badOptions;
    list.push({ kind: "bad-option-length", sentence, count, isFatal: false, offset: null, firstId });
  }
  return list;
}

function skippedPackets(parts: SummaryParts): SkippedPackets[] {
  const skipped: SkippedPackets[] = [];
  SKIP_REASONS.forEach(({ name, title, isOrdinary }, index) => {
    const packets = parts.packets.skipped[index]!;
    if (packets > 0)
      skipped.push({
        reason: name,
        title,
        packets,
        isDefect: !isOrdinary,
        firstId: idOfName(parts.fileNames, parts.packets.firstSkipped[index]!),
      });
  });
  const errors = parts.followed.errors;
  if (errors > 0) {
    skipped.push({
      reason: "icmp-error",
      title: "ICMP errors that quote a TCP segment",
      packets: errors,
      isDefect: false,
      firstId: idOfName(parts.fileNames, parts.followed.firstError),
    });
  }
  return skipped.sort((a, b) => b.packets - a.packets);
}

function interfaces(parts: SummaryParts): InterfaceSummary[] {
  const names = interfaceNames(parts);
  return parts.capture.interfaces.map((one) => ({
    name: names[one.id]!,
    linkType: one.linkType,
    snapLength: one.snapLength,
    timestampUnitNs: one.unitNs,
    capturePoint: parts.tally.capturePoints.of(one.id),
    droppedPackets: one.droppedPackets,
  }));
}

/** Names of the interfaces by their numbers. */
function interfaceNames({ capture }: SummaryParts): string[] {
  const names: string[] = [];
  for (const one of capture.interfaces) names[one.id] = one.name ?? `interface ${one.id + 1}`;
  return names;
}

function notes(
  parts: SummaryParts,
  told: Pick<CaptureSummary, "connections" | "oneDirection" | "unseenBytes" | "reportedGaps">,
): string[] {
  const { followed } = parts;
  const notes: string[] = [];
  if (parts.filter) notes.push(filterNote(parts.filter, told.connections, parts.ledger));
  if (parts.packets.unknownLinkTypes.size > 0) {
    const types = [...parts.packets.unknownLinkTypes]
      .map((type) => linkTypeName(type) ?? `${type}`)
      .join(", ");
    notes.push(`Packets of these link types were not decoded: ${types}.`);
  }
  const dropped = parts.capture.interfaces.reduce((sum, one) => sum + (one.droppedPackets ?? 0), 0);
  if (dropped > 0) notes.push(`The capturing system says that it dropped ${dropped} packets.`);
  const { jumps, firstJump } = followed.clock;
  if (jumps > 0) {
    const [first, others] = [idOfName(parts.fileNames, firstJump), jumps - 1];
    const what = others > 0 ? `Packet ${first} and ${others} more lie` : `Packet ${first} lies`;
    notes.push(
      `${what} more than an hour ahead of the others: a time that only one packet shows is not taken for the capture's.`,
    );
  }
  if (told.oneDirection > 0) notes.push(oneDirectionNote(told));
  const several = severalPoints({ interfaces: interfaces(parts) });
  if (several !== null) notes.push(several);
  const unkept = unkeptNote(parts.kept);
  if (unkept !== null) notes.push(unkept);
  notes.push(...seenTwiceNotes(parts), ...boundNotes(parts));
  notes.push(...followed.notes({ files: parts.fileNames, interfaces: interfaceNames(parts) }));
  return notes;
}

function filterNote(
  { text, readsFindings }: ConnectionFilter,
  matching: number,
  { selected, whole }: Ledger,
): string {
  const many = `Of ${selected!.total} connections ${matching} match "${text}"; all figures`;
  if (whole)
    return `${many} are of those. Their findings are told as of the whole capture, with all connections behind them.`;
  const note = `${many} and findings of connections are of those.`;
  if (readsFindings === false) return note;
  return `${note} What comes in once cannot be read before for what is told of it: findings in the filter are those that a connection shows by itself, of which there may be nothing to tell in the end.`;
}

function oneDirectionNote({
  oneDirection,
  unseenBytes,
  reportedGaps,
}: Pick<CaptureSummary, "oneDirection" | "unseenBytes" | "reportedGaps">): string {
  const ofThem = `Of ${oneDirection} connection${oneDirection === 1 ? "" : "s"} only one direction was captured`;
  if (unseenBytes === 0 && reportedGaps === 0) return `${ofThem}.`;
  const gaps =
    reportedGaps > 0 ? `, with ${reportedGaps} gap${reportedGaps === 1 ? "" : "s"} on their way` : "";
  return `${ofThem}; its acknowledgments tell of ${unseenBytes} bytes in the other${gaps}.`;
}

/** What went beyond a bound, so that figures or lines may not be the last word. */
function boundNotes({ tally, followed, unfollowedRecords, ledger }: SummaryParts): string[] {
  const { omitted: notLookedAt } = ledger.smallTroubles;
  const notes: string[] = [];
  if (notLookedAt > 0)
    notes.push(
      `${notLookedAt} connections that repaired a loss without more ado stand in no finding one by one: there were too many; their servers' losses hold them all.`,
    );
  const { closedEarly } = followed;
  if (closedEarly > 0)
    notes.push(
      `${closedEarly} TLS handshakes are told as far as they had come: too many others were under way.`,
    );
  if (followed.evictions.evicted > 0) notes.push(evictionNote(followed));
  if (tally.suspects.omitted > 0)
    notes.push(
      `${tally.suspects.omitted} attempts count as never answered though it was not followed whether the answers were captured: there were too many hosts.`,
    );
  if (unfollowedRecords > 0)
    notes.push(
      `${unfollowedRecords} streamed records hang on other connections and were too many to follow: no line amends them.`,
    );
  return notes;
}

function evictionNote({ evictions: { evicted, unanswered, servers } }: Followed): string {
  const many = evicted === 1 ? "1 open connection was" : `${evicted} open connections were`;
  const most = servers
    .slice(0, 3)
    .map(({ name, connections }) => `${name} (${connections})`)
    .join(", ");
  return (
    `${many} closed in the books early, for there were more than --max-connections allows: ` +
    `${unanswered} of them were SYNs that nothing had answered; most were to ${most}.`
  );
}

/** What is missing in the list of connections, or null. */
export function unkeptNote({ unkept, unkeptBecause }: KeptConnections): string | null {
  if (unkept === 0) return null;
  const many = unkept === 1 ? "1 finished connection is" : `${unkept} finished connections are`;
  return `${many} not listed, and counted all the same: ${unkeptBecause}.`;
}

function seenTwiceNotes(parts: SummaryParts): string[] {
  const { seenTwice } = parts.tally;
  if (seenTwice === 0) return [];
  const { evicted } = parts.ledger.sights.translated;
  const many = seenTwice === 1 ? "1 connection was" : `${seenTwice} connections were`;
  const notes = [`${many} seen twice under two addresses (NAT): counted once.`];
  if (evicted > 0)
    notes.push(`${evicted} handshakes were forgotten early: more connections may have been seen twice.`);
  return notes;
}
