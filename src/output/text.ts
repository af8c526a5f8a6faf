/**
 * The text report: what was captured, how handshakes went, what was lost, who reset, which connections fared worst.
 *
 * For a screen, a mail or a ticket: 80 columns, plain where it is piped. It only says what summary and records hold;
 * whatever came from a file or its name passes `printable` first.
 */
import { isClean } from "../report/clean.js";
import type { ConnectionRecord } from "../report/record.js";
import { sentenceFor } from "../report/sentence.js";
import type { CaptureSummary, HostSummary } from "../report/summary.js";
import {
  formatBytes,
  formatBytesShort,
  formatCount,
  formatDuration,
  formatEndpoint,
  formatNumberOf,
  formatTimeOfDay,
  printable,
  startText,
  timestampUnits,
  wrap,
} from "./format.js";
import { emphasize, glyphs, type Medium } from "./style.js";
import { type TableColumn, table } from "./table.js";
import { handshakeLines, outcomeLines, repeatLines, resetLines } from "./text-figures.js";
import { findingLines } from "./text-findings.js";
import { standingLines } from "./text-states.js";

/** Servers and clients that are listed. */
export const HOSTS_MAX = 10;

/** What is said of a capture with nothing to complain of. */
export const CLEAN =
  "No problems found: every connection opened at its first attempt, nothing was sent again, nothing was reset.";

const INDENT = "    ";

/** From this width on, tables show their secondary columns too. */
const WIDE = 100;

/**
 * The whole report, ending in a line feed. `worst` are the connections to list, in the order in which they came
 * (failed and slow ones first); none leaves the list out.
 */
export function textReport(
  summary: CaptureSummary,
  worst: readonly ConnectionRecord[],
  medium: Medium,
): string {
  const bounded: Medium = { ...medium, width: Math.max(60, medium.width) };
  const blocks = [
    captureLines(summary, bounded),
    problemLines(summary, bounded),
    findingLines(summary, bounded),
  ];
  if (summary.connections === 0) {
    blocks.push([noConnections(summary)]);
  } else {
    blocks.push(
      cleanLines(summary, bounded),
      handshakeLines(summary, bounded),
      outcomeLines(summary, bounded),
    );
    blocks.push(resetLines(summary, bounded), repeatLines(summary, bounded));
    blocks.push(hostLines("Servers", summary.servers, summary.serversOmitted, bounded));
    // One client is in every line of the servers.
    if (summary.clients.length > 1)
      blocks.push(hostLines("Clients", summary.clients, summary.clientsOmitted, bounded));
    blocks.push(standingLines(summary, bounded));
    blocks.push(connectionLines(summary, worst, bounded));
  }
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** Why there is nothing to tell of connections. */
export function noConnections({ filter, isComplete }: CaptureSummary): string {
  if (filter !== null && filter.connections > 0)
    return `None of the ${formatNumberOf(filter.connections, "connection")} matches.`;
  return isComplete ? "No TCP connections in this capture." : "No TCP connections so far.";
}

/** What was captured: its files, how much it is, its format and when it began, and what else is in it. */
export function captureFacts(
  summary: CaptureSummary,
  dot: string,
): { readonly title: string; readonly facts: string; readonly origin: string; readonly others: string } {
  const names = summary.files.map(printable);
  const facts = [
    formatBytes(summary.wireBytes),
    formatDuration(summary.durationMs),
    formatNumberOf(summary.packets, "packet"),
    formatNumberOf(summary.connections, "connection"),
  ];
  const origin = [
    [summary.format, timestampUnits(summary)].filter((part) => part !== "").join(" in "),
    summary.start === null ? "" : `from ${summary.start.slice(0, 10)} ${formatTimeOfDay(summary.start)} UTC`,
  ].filter((part) => part !== "");
  // Packets that were not TCP, as a matter of course.
  const ordinary = summary.skipped.filter(({ isDefect, packets }) => !isDefect && packets > 0);
  const others = ordinary.map(({ packets, title }) => `${formatCount(packets)} ${printable(title)}`);
  return {
    title: names.length <= 3 ? names.join(", ") : `${names[0]} and ${names.length - 1} more files`,
    facts: facts.join(` ${dot} `),
    origin: origin.join(", "),
    others: others.length === 0 ? "" : `other packets: ${others.join(", ")}`,
  };
}

function captureLines(summary: CaptureSummary, medium: Medium): string[] {
  const { width } = medium;
  const { title, facts, origin, others } = captureFacts(summary, glyphs(medium).dot);
  const first = `${title}   ${facts}`;
  const heading = first.length <= width ? [first] : [title, facts];
  return [
    emphasize(medium, "heading", heading[0]!),
    ...heading.slice(1),
    ...wrap(origin, width, "  "),
    ...(others === "" ? [] : wrap(others, width, "  ")),
  ];
}

/** Everything that limits what the figures say, and whether reading failed there. */
export function limitations(
  summary: CaptureSummary,
): readonly (readonly [isFatal: boolean, sentence: string])[] {
  const sentences: [isFatal: boolean, sentence: string][] = [];
  if (!summary.isComplete)
    sentences.push([false, "reading was stopped before the end: these figures are partial"]);
  for (const problem of summary.problems) {
    const times = problem.count > 1 ? ` (${formatCount(problem.count)} times)` : "";
    sentences.push([problem.isFatal, `${printable(problem.sentence)}${times}`]);
  }
  for (const { isDefect, packets, title, firstId } of summary.skipped) {
    const first = firstId === null ? "" : ` (first: packet ${printable(firstId)})`;
    if (isDefect && packets > 0)
      sentences.push([false, `${formatNumberOf(packets, "packet")} not read: ${printable(title)}${first}`]);
  }
  if (summary.missingBytes > 0) {
    sentences.push([
      false,
      `capture loss: ${formatBytes(summary.missingBytes)} were acknowledged by their receivers and are not in the capture`,
    ]);
  }
  return [...sentences, ...summary.notes.map((note) => [false, printable(note)] as const)];
}

function problemLines(summary: CaptureSummary, medium: Medium): string[] {
  return limitations(summary).flatMap(([isFatal, sentence], at, all) => {
    const [first = "", ...others] = wrap(
      `${isFatal ? "PROBLEM" : "note"}  ${sentence}`,
      medium.width,
      INDENT,
    );
    // Notes of the capture as a whole, the last ones, are no reason for care.
    const isPlain = at >= all.length - summary.notes.length;
    return [isPlain ? first : emphasize(medium, isFatal ? "problem" : "caution", first), ...others];
  });
}

/** Says so where there is nothing to complain of, and only then. */
function cleanLines(summary: CaptureSummary, medium: Medium): string[] {
  if (!isClean(summary)) return [];
  return wrap(CLEAN, medium.width).map((line) => emphasize(medium, "good", line));
}

/** Servers or clients, the busiest first, with how long connecting to (or from) each took. */
function hostLines(
  title: string,
  hosts: readonly HostSummary[],
  omittedBefore: number,
  medium: Medium,
): string[] {
  const listedHosts = hosts.slice(0, HOSTS_MAX);
  if (listedHosts.length === 0) return [];
  const isWide = medium.width >= WIDE;
  const figure = (name: string): TableColumn => ({ title: name, align: "right" });
  const columns = [{ title, align: "left" } as const, ...hostTitles(isWide).map(figure)];
  const rows = listedHosts.map((host) => hostCells(host, isWide));
  const listed = table(columns, rows, medium.width);
  const lines = listed.rows.flat();
  const omitted = hosts.length - listedHosts.length + omittedBefore;
  const noun = title.toLowerCase();
  if (omitted > 0) lines.push(`and ${formatNumberOf(omitted, `more ${noun.slice(0, -1)}`, `more ${noun}`)}`);
  return [emphasize(medium, "heading", listed.heading), ...lines];
}

/** Headings of a host's figures. */
export function hostTitles(isWide: boolean): string[] {
  return [
    ...["conns", ...(isWide ? ["completed"] : []), "refused", "no reply", "resets", "retr"],
    ...(isWide ? ["bytes", "p50", "p90", "p95", "p99", "max"] : ["p50", "p99"]),
  ];
}

/** The name of a host, and its figures. */
export function hostCells(server: HostSummary, isWide: boolean): string[] {
  const { p50Ms, p90Ms, p95Ms, p99Ms, maxMs } = server.connectTime;
  return [
    printable(server.name),
    formatCount(server.connections),
    ...(isWide ? [formatCount(server.completed)] : []),
    formatCount(server.refused),
    formatCount(server.unanswered),
    formatCount(server.resets),
    formatCount(server.retransmissions),
    ...(isWide ? [formatBytesShort(server.bytes)] : []),
    ...(isWide ? [p50Ms, p90Ms, p95Ms, p99Ms, maxMs] : [p50Ms, p99Ms]).map(formatDuration),
  ];
}

function connectionLines(
  summary: CaptureSummary,
  worst: readonly ConnectionRecord[],
  medium: Medium,
): string[] {
  if (worst.length === 0) return [];
  const isAll = worst.length >= summary.connections;
  const share = isAll
    ? formatCount(worst.length)
    : `${formatCount(worst.length)} of ${formatCount(summary.connections)}`;
  const lines = [emphasize(medium, "heading", `Connections, worst first (${share})`)];
  const isWide = medium.width >= WIDE;
  const columns: TableColumn[] = [
    { title: "id", align: "right" },
    { title: `client ${glyphs(medium).arrow} server`, align: "left" },
    ...(isWide ? [{ title: "start", align: "left" } as const] : []),
    { title: "connect", align: "right" },
    { title: "retr", align: "right" },
    { title: "bytes", align: "right" },
    { title: "close", align: "left" },
  ];
  const rows = worst.map((record) => connectionCells(record, isWide, medium));
  const listed = table(columns, rows, medium.width, 1);
  lines.push(emphasize(medium, "faint", listed.heading));
  worst.forEach((record, index) => {
    lines.push(...listed.rows[index]!, ...wrap(printable(sentenceFor(record)), medium.width, INDENT, INDENT));
  });
  return lines;
}

function connectionCells(record: ConnectionRecord, isWide: boolean, medium: Medium): string[] {
  const { client, server } = record;
  const { arrow } = glyphs(medium);
  return [
    printable(record.id),
    `${formatEndpoint(client.address, client.port)} ${arrow} ${formatEndpoint(server.address, server.port)}`,
    ...(isWide ? [startText(record, medium.isRelative)] : []),
    formatDuration(record.connectTimeMs),
    formatCount(record.retransmissions),
    formatBytesShort(record.bytes),
    record.close,
  ];
}
