/**
 * The text report as Markdown (GitHub's tables): for a ticket, a wiki or a mail.
 *
 * Says what the text report says, in the same words. Whatever came from a capture or a file name is escaped: it makes no
 * table cell, no link, no image and no HTML.
 */
import { isClean } from "../report/clean.js";
import type { Finding } from "../report/finding.js";
import { omittedText } from "../report/finding-words.js";
import type { ConnectionRecord } from "../report/record.js";
import { sentenceFor } from "../report/sentence.js";
import type { CaptureSummary, HostSummary } from "../report/summary.js";
import {
  formatBytesShort,
  formatCount,
  formatDuration,
  formatEndpoint,
  formatNumberOf,
  formatPercent,
  printable,
  startText,
} from "./format.js";
import { CLEAN, captureFacts, HOSTS_MAX, hostCells, hostTitles, limitations, noConnections } from "./text.js";
import {
  outcomeCounts,
  PERCENTILES,
  percentileRows,
  repeatFacts,
  resetCounts,
  timingNotes,
} from "./text-figures.js";
import { whereToLook, whoActs } from "./text-findings.js";
import { standingFacts } from "./text-states.js";

/**
 * The whole report, ending in a line feed; `worst` are the connections to list, in the order in which they came; of each the
 * time since the beginning where `isRelative`, else the time of day.
 */
export function markdownReport(
  summary: CaptureSummary,
  worst: readonly ConnectionRecord[],
  isRelative = false,
): string {
  const { title, facts, origin, others } = captureFacts(summary, "·");
  const blocks = [
    `# ${escaped(title)}`,
    escaped([facts, origin, others].filter((part) => part !== "").join(", ")),
    bullets(
      limitations(summary).map(([isFatal, text]) => `${isFatal ? "**PROBLEM**" : "note:"} ${escaped(text)}`),
    ),
    ...findingBlocks(summary),
    ...(summary.connections === 0
      ? [escaped(noConnections(summary))]
      : figureBlocks(summary, worst, isRelative)),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function figureBlocks(
  summary: CaptureSummary,
  worst: readonly ConnectionRecord[],
  isRelative: boolean,
): string[] {
  const { connections, closes } = summary;
  const times = percentileRows(summary.handshake);
  return [
    isClean(summary) ? escaped(CLEAN) : "",
    section("Handshakes", ["time", ...PERCENTILES], times),
    times.length === 0 ? "" : bullets(timingNotes(summary).map(escaped)),
    section("Outcomes", ["outcome", "connections", "share"], counted(outcomeCounts(summary), connections)),
    section("Closes", ["close", "connections", "share"], counted(Object.entries(closes), connections)),
    section(
      "Resets by kind",
      ["kind", "resets", "meaning"],
      resetCounts(summary).map(({ name, count, meaning }) => [name, formatCount(count), meaning]),
    ),
    section("Retransmissions", ["what", "how many"], repeatFacts(summary), "left"),
    ...hostBlocks("Servers", summary.servers, summary.serversOmitted),
    // One client is in every line of the servers.
    ...(summary.clients.length > 1 ? hostBlocks("Clients", summary.clients, summary.clientsOmitted) : []),
    section("Sockets in one state, by host", ["state", "sockets"], standingFacts(summary), "left"),
    connectionBlock(summary, worst, isRelative),
  ];
}

function findingBlocks({ findings, findingsOmitted }: CaptureSummary): string[] {
  if (findings.length + findingsOmitted.length === 0) return [];
  return [
    "## Findings",
    ...findings.map(findingBlock),
    bullets(findingsOmitted.map((one) => escaped(omittedText(one)))),
  ];
}

function findingBlock(finding: Finding): string {
  const word = finding.severity === "problem" ? "PROBLEM" : finding.severity;
  const look = whereToLook(finding);
  return [
    `**${word}** ${escaped(finding.sentence)} (\`${finding.id}\`)\n`,
    `- who: ${escaped(whoActs(finding))}`,
    `- do: ${withCode(finding.advice)}`,
    ...(look === "" ? [] : [`- see: ${escaped(look)}`]),
  ].join("\n");
}

function counted(counts: readonly (readonly [string, number])[], total: number): string[][] {
  return counts
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => [name, formatCount(count), formatPercent(count / total)]);
}

function hostBlocks(title: string, hosts: readonly HostSummary[], omittedBefore: number): string[] {
  const listed = hosts.slice(0, HOSTS_MAX);
  const rows = listed.map((host) => hostCells(host, true));
  const omitted = hosts.length - listed.length + omittedBefore;
  const noun = title.toLowerCase();
  return [
    section(title, [noun.slice(0, -1), ...hostTitles(true)], rows),
    omitted > 0 ? `and ${formatNumberOf(omitted, `more ${noun.slice(0, -1)}`, `more ${noun}`)}` : "",
  ];
}

function connectionBlock(
  summary: CaptureSummary,
  worst: readonly ConnectionRecord[],
  isRelative: boolean,
): string {
  const isAll = worst.length >= summary.connections;
  const share = `${formatCount(worst.length)}${isAll ? "" : ` of ${formatCount(summary.connections)}`}`;
  const titles = ["id", "client", "server", "start", "connect", "retr", "bytes", "close", "what happened"];
  const rows = worst.map((record) => [
    record.id,
    formatEndpoint(record.client.address, record.client.port),
    formatEndpoint(record.server.address, record.server.port),
    startText(record, isRelative),
    formatDuration(record.connectTimeMs),
    formatCount(record.retransmissions),
    formatBytesShort(record.bytes),
    record.close,
    sentenceFor(record),
  ]);
  return section(`Connections, worst first (${share})`, titles, rows, "left");
}

/** A heading with its table; nothing without rows. The first column is of words, others of figures unless told here. */
function section(
  heading: string,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  others: "left" | "right" = "right",
): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = titles.map((_, at) => (at > 0 && others === "right" ? "---:" : "---"));
  const body = rows.map((cells) => line(cells.map(escaped)));
  return `## ${heading}\n\n${[line(titles), line(rule), ...body].join("\n")}`;
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

/** The program's own words, whose commands stand between backticks. */
function withCode(text: string): string {
  const parts = text.split("`");
  return parts.map((part, at) => (at % 2 === 1 ? `\`${part}\`` : escaped(part))).join("");
}

/** Characters that mean something in Markdown, in a table's cell, or to GitHub (`www.` and `://` make links, `@` names). */
const MEANINGFUL = /[\\`*_{}[\]<>#|~!&@$]|:(?=\/\/)|(?<=www)\./gi;

function escaped(text: string): string {
  return printable(text).replace(MEANINGFUL, (character) =>
    // Escaped by a backslash GitHub still mails to whom `@` names.
    character === "@" ? "&#64;" : `\\${character}`,
  );
}
