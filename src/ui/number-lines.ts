/**
 * The numbers of one connection as lines: handshake with its legs, options, counters of each side, time in each state.
 *
 * Pure: a record and a width in, lines out, the most telling first, so that a low pane shows what matters.
 */
import { clip, formatBytes, formatCount, formatDuration, pad, printable, wrap } from "../output/format.js";
import { whereSeenBriefly } from "../report/capture-point-words.js";
import type {
  ConnectionRecord,
  EndpointRecord,
  OfferedOptions,
  ResetRecord,
  TimesRecord,
} from "../report/record.js";
import { lossText, waitedForRepeatsMs } from "../report/sentence-opening.js";
import type { TlsRecord } from "../report/tls-record.js";
import { tlsParts } from "../report/tls-words.js";
import type { LimitsRecord } from "../report/transfer-record.js";
import { STATE_NAMES } from "../tcp/states.js";
import { shortState } from "./names.js";
import { type Span, span } from "./spans.js";
import type { Glyphs } from "./theme.js";

type Line = readonly Span[];

interface Metric {
  readonly title: string;
  readonly client: string;
  readonly server: string;
}

/** Widest value of a metric: "1,000,000", "18.0 kB", "ESTABLISHED". */
const VALUE_WIDTH = 12;
const LABEL_WIDTH = 11;

/** All numbers below each other, for a pane beside the ladder. */
export function tallNumbers(record: ConnectionRecord, width: number, glyphs: Glyphs): readonly Line[] {
  const titleWidth = Math.max(8, width - 2 * VALUE_WIDTH - 1);
  return [
    ...(record.findings.length === 0 ? [] : labelled("findings", findingsText(record, glyphs), width)),
    ...labelled("handshake", handshakeText(record, glyphs), width),
    ...record.lossEvidence.flatMap((loss) => labelled("lost", printable(lossText(loss)), width)),
    ...labelled("rtt", rttText(record, glyphs), width),
    ...(record.firstByteMs === null ? [] : labelled("response", responseText(record, glyphs), width)),
    ...(record.tls === null ? [] : labelled("tls", tlsText(record.tls, glyphs), width)),
    ...(record.reset === null ? [] : labelled("reset", resetText(record.reset, glyphs), width)),
    [],
    [span(` ${" ".repeat(titleWidth)}`), span(sides(), "quiet")],
    ...metrics(record).map((metric) => metricLine(metric, titleWidth)),
    [],
    ...labelled("client", optionsText(record.client.offered, glyphs), width),
    ...labelled("server", optionsText(record.server.offered, glyphs), width),
    [],
    [span(` ${pad("time in state", titleWidth)}`, "quiet"), span(sides(), "quiet")],
    ...stateTimes(record).map((metric) => metricLine(metric, titleWidth)),
  ];
}

/** The numbers in `height` lines, metrics in two columns, for a pane below the ladder. */
export function flatNumbers(
  record: ConnectionRecord,
  width: number,
  height: number,
  glyphs: Glyphs,
): readonly Line[] {
  const texts: readonly (readonly [string, string])[] = [
    ...(record.findings.length === 0 ? [] : [["findings", findingsText(record, glyphs)] as const]),
    ["handshake", shortHandshake(record, width - LABEL_WIDTH, glyphs)],
    ...record.lossEvidence.map((loss) => ["lost", printable(lossText(loss))] as const),
    ...(record.tls === null ? [] : [["tls", tlsText(record.tls, glyphs)] as const]),
    ["options", sharedOptions(record, glyphs)],
    ["client", timesText(record.client, glyphs)],
    ["server", timesText(record.server, glyphs)],
  ];
  // Of the handshake nothing is cut as long as that takes its line from the metrics only.
  const isRoomy = height > texts.length + 2;
  const top = texts.flatMap(([label, text]) => {
    const isWhole = isRoomy && (label === "handshake" || label === "lost");
    return labelled(label, isWhole ? text : clip(text, width - LABEL_WIDTH, glyphs.isAscii), width);
  });
  const columnWidth = Math.floor(width / 2);
  const titleWidth = columnWidth - 2 * VALUE_WIDTH - 1;
  if (titleWidth < 6) return top.slice(0, height);
  const rows = Math.max(0, height - top.length - 1);
  const shown = metrics(record).slice(1, 1 + rows * 2);
  const heading = [span(` ${" ".repeat(titleWidth)}${sides()}`, "quiet")];
  const lines: Line[] = rows > 0 ? [[...heading, ...(shown.length > rows ? heading : [])]] : [];
  for (let row = 0; row < Math.min(rows, shown.length); row++) {
    const right = shown[row + rows];
    lines.push([...metricLine(shown[row]!, titleWidth), ...(right ? metricLine(right, titleWidth) : [])]);
  }
  return [...top, ...lines];
}

function sides(): string {
  return pad("client", VALUE_WIDTH, "right") + pad("server", VALUE_WIDTH, "right");
}

function metricLine({ title, client, server }: Metric, titleWidth: number): Line {
  return [
    span(` ${pad(clip(title, titleWidth, true), titleWidth)}`),
    span(pad(client, VALUE_WIDTH, "right") + pad(server, VALUE_WIDTH, "right")),
  ];
}

function labelled(label: string, text: string, width: number): readonly Line[] {
  return wrap(text, width - LABEL_WIDTH).map(
    (part, index): Line => [span(` ${pad(index === 0 ? label : "", LABEL_WIDTH - 1)}`, "quiet"), span(part)],
  );
}

function handshakeText(record: ConnectionRecord, glyphs: Glyphs): string {
  if (record.connectTimeMs === null && record.serverLegMs === null && record.clientLegMs === null) {
    const failed =
      record.outcome === null || record.outcome === "completed" ? "not seen whole" : record.outcome;
    return `${failed}${glyphs.between}${packetsOfHandshake(record, glyphs)}`;
  }
  const legs = [
    `server leg ${formatDuration(record.serverLegMs)}`,
    `client leg ${formatDuration(record.clientLegMs)}`,
  ];
  const waitedMs = waitedForRepeatsMs(record);
  if (waitedMs !== null) legs.unshift(`waiting for repeats ${formatDuration(waitedMs)}`);
  const doubt = record.legsAmbiguous ? " (legs uncertain)" : "";
  const parts = [
    `${atLeast(record, glyphs)}${formatDuration(record.connectTimeMs)} = ${legs.join(" + ")}${doubt}`,
    ...(record.capturePoint === null ? [] : [whereSeenBriefly(record.capturePoint)]),
    packetsOfHandshake(record, glyphs),
  ];
  return parts.join(glyphs.between);
}

/** Names of the findings that it stands behind, the worst first. */
function findingsText({ findings }: ConnectionRecord, glyphs: Glyphs): string {
  return findings.map(printable).join(glyphs.between);
}

/** The same where it has one line: that one SYN and one SYN-ACK were all is left out first. */
function shortHandshake(record: ConnectionRecord, room: number, glyphs: Glyphs): string {
  const text = handshakeText(record, glyphs);
  const ordinary = `${glyphs.between}SYN 1${glyphs.between}SYN-ACK 1`;
  return text.length > room && text.endsWith(ordinary) ? text.slice(0, -ordinary.length) : text;
}

/** Beside the server, what the SYN took to come there is not in the time to connect. */
function atLeast(record: ConnectionRecord, glyphs: Glyphs): string {
  if (record.capturePoint !== "near-server") return "";
  return glyphs.isAscii ? ">= " : "≥ ";
}

function packetsOfHandshake(record: ConnectionRecord, glyphs: Glyphs): string {
  const parts = [`SYN ${record.synCount}`, `SYN-ACK ${record.synAckCount}`, ...record.losses];
  if (record.fastOpenData !== null) parts.push(`early data ${record.fastOpenData}`);
  return parts.join(glyphs.between);
}

/** Name, times and what was agreed on, as in every report. */
function tlsText(tls: TlsRecord, glyphs: Glyphs): string {
  return printable(tlsParts(tls).join(glyphs.between));
}

/** What the reset's own header says, and what speaks against its sender. */
function resetText(reset: ResetRecord, glyphs: Glyphs): string {
  return [reset.anatomy, ...reset.signs].join(glyphs.between);
}

function rttText(record: ConnectionRecord, glyphs: Glyphs): string {
  const parts = [`initial ${formatDuration(record.initialRttMs)}`];
  if (record.client.address.includes(":")) parts.unshift("IPv6");
  if (record.captured !== "both") parts.push(`captured ${record.captured}`);
  if (record.clientGuessed) parts.push("client told by ports");
  if (record.vlans.length > 0) parts.push(`VLAN ${record.vlans.join(" in ")}`);
  if (record.overlay !== null) parts.push(`overlay ${record.overlay}`);
  return parts.join(glyphs.between);
}

/** How long the server took to answer, and the client to ask again. */
function responseText({ firstByteMs, responseTime, thinkTime }: ConnectionRecord, glyphs: Glyphs): string {
  const parts = [`first byte ${formatDuration(firstByteMs)}`];
  if (responseTime !== null) parts.unshift(timesOf(responseTime));
  if (thinkTime !== null) parts.push(`client thinks ${timesOf(thinkTime)}`);
  return parts.join(glyphs.between);
}

function timesOf({ count, p50Ms, p95Ms, maxMs }: TimesRecord): string {
  if (count === 1) return formatDuration(maxMs);
  return `${formatCount(count)} p50 ${formatDuration(p50Ms)} p95 ${formatDuration(p95Ms)} max ${formatDuration(maxMs)}`;
}

function optionsText(offered: OfferedOptions | null, glyphs: Glyphs): string {
  if (offered === null) return "options not captured";
  const parts = [`mss ${offered.mss ?? "-"}`];
  if (offered.windowScale !== null) parts.push(`scale ${offered.windowScale}`);
  if (offered.sack) parts.push("SACK");
  if (offered.timestamps) parts.push("timestamps");
  if (offered.ecn !== "no") parts.push(offered.ecn === "ecn" ? "ECN" : "AccECN");
  if (offered.fastOpen !== "no") parts.push(`fast open ${offered.fastOpen}`);
  if (offered.mptcp) parts.push("MPTCP");
  if (offered.md5) parts.push("MD5");
  if (offered.authentication) parts.push("TCP-AO");
  return parts.join(glyphs.between);
}

/** Both sides' options on one line, said once where they are alike. */
function sharedOptions(record: ConnectionRecord, glyphs: Glyphs): string {
  const client = optionsText(record.client.offered, glyphs);
  const server = optionsText(record.server.offered, glyphs);
  return client === server ? `both ${client}` : `client ${client}; server ${server}`;
}

function timesText(endpoint: EndpointRecord, glyphs: Glyphs): string {
  const parts: string[] = [];
  for (const state of STATE_NAMES) {
    const ms = endpoint.stateTimesMs[state];
    if (ms !== undefined) parts.push(`${state} ${formatDuration(ms)}`);
  }
  return parts.length === 0 ? endpoint.state : parts.join(glyphs.between);
}

/** Of the states that either side was in; blank where a side was not. */
function stateTimes({ client, server }: ConnectionRecord): readonly Metric[] {
  return STATE_NAMES.map((state) => {
    const told = ({ stateTimesMs: { [state]: ms } }: EndpointRecord) =>
      ms === undefined ? "" : formatDuration(ms);
    return { title: state, client: told(client), server: told(server) };
  }).filter((times) => times.client !== "" || times.server !== "");
}

const LIMITS = [
  ["app", "application"],
  ["window", "receiveWindow"],
  ["losses", "network"],
  ["cwnd", "congestionWindow"],
] as const;

/** What limited a sender most, with its share: "window 71 %". */
function mostLimiting(limits: LimitsRecord | null): string {
  if (limits === null) return "-";
  const [name, key] = LIMITS.reduce((most, one) => (limits[one[1]] > limits[most[1]] ? one : most));
  return `${name} ${Math.round(100 * limits[key])} %`;
}

type Counter = readonly [title: string, key: keyof EndpointRecord & string];

/** Counters shown only where one of the sides has any. */
const RARE_COUNTERS: readonly Counter[] = [
  ["missing bytes", "missingBytes"],
  ["gaps told", "reportedGaps"],
  ["dup. ACKs", "duplicateAcks"],
  ["zero windows", "zeroWindows"],
  ["updates lost", "windowUpdatesLost"],
  ["window full", "windowFulls"],
  ["resets", "resets"],
  ["SYN repeats", "synRetransmissions"],
  ["FIN repeats", "finRetransmissions"],
  ["fast", "fastRetransmissions"],
  ["timeouts", "timeouts"],
  ["after timeout", "timeoutRepeats"],
  ["tail probes", "tailLossProbes"],
  ["needless", "spuriousRetransmissions"],
  ["too big", "pathMtuRetransmissions"],
  ["unexplained", "unexplainedRetransmissions"],
  ["lost ACKs", "lostAcks"],
  ["reordered", "reordered"],
  ["keep-alives", "keepAlives"],
  ["held back", "heldBackSegments"],
  ["net duplicates", "networkDuplicates"],
  ["cap. duplicates", "captureDuplicates"],
  ["unexpected", "unexpectedEvents"],
  ["CE marks", "congestionMarks"],
  ["ECE", "congestionEchoes"],
  ["CWR", "windowReductions"],
];

function metrics({ client, server }: ConnectionRecord): readonly Metric[] {
  const of = (title: string, read: (endpoint: EndpointRecord) => string): Metric => ({
    title,
    client: read(client),
    server: read(server),
  });
  const rare = RARE_COUNTERS.filter(([, key]) => Number(client[key]) > 0 || Number(server[key]) > 0);
  return [
    // A name as wide as its column would touch the one beside it.
    of("state", ({ state }) => (state.length < VALUE_WIDTH ? state : shortState(state))),
    of("packets", (endpoint) => formatCount(endpoint.packets)),
    of("bytes", (endpoint) => formatBytes(endpoint.bytes)),
    of("sent again", (endpoint) => formatCount(endpoint.retransmissions)),
    of("ISN", (endpoint) => (endpoint.isn === null ? "-" : String(endpoint.isn))),
    of("again bytes", (endpoint) => formatBytes(endpoint.retransmittedBytes)),
    ...((client.roundTrip ?? server.roundTrip)
      ? [of("rtt p50", ({ roundTrip }) => formatDuration(roundTrip?.p50Ms ?? null))]
      : []),
    ...((client.zeroWindowMs ?? server.zeroWindowMs)
      ? [of("window closed", ({ zeroWindowMs }) => formatDuration(zeroWindowMs))]
      : []),
    ...((client.stall ?? server.stall)
      ? [of("stalled", ({ stall }) => formatDuration(stall?.totalMs ?? null))]
      : []),
    ...((client.recovery ?? server.recovery)
      ? [of("recovering", ({ recovery }) => formatDuration(recovery?.totalMs ?? null))]
      : []),
    ...((client.limitedBy ?? server.limitedBy)
      ? [of("limited by", ({ limitedBy }) => mostLimiting(limitedBy))]
      : []),
    ...rare.map(([title, key]) => of(title, (endpoint) => formatCount(Number(endpoint[key])))),
    of("in flight", (endpoint) => formatBytes(endpoint.mostInFlightBytes)),
    of("ttl", (endpoint) => formatCount(endpoint.ttl)),
  ];
}
