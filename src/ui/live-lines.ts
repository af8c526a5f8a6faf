/**
 * The lines of the screen of what comes just now: rates and states over the last seconds, findings as they came, and
 * this host's sockets beside the wire's view of them. Pure: from plain data to spans.
 */
import { formatBytes, formatCount, pad, printable } from "../output/format.js";
import type { LocalSocket, Sockets } from "../report/socket.js";
import { momentText } from "../report/standing.js";
import type { CaptureSummary } from "../report/summary.js";
import type { Traffic } from "../report/traffic.js";
import type { StateName } from "../tcp/states.js";
import type { NewFinding } from "./hooks/use-news.js";
import { markSpan } from "./marks.js";
import { columnChart, fitLargest } from "./scale.js";
import { type Span, span, spread, toWidth } from "./spans.js";
import type { Glyphs } from "./theme.js";

type Line = readonly Span[];

export interface LiveRoom {
  readonly width: number;
  readonly height: number;
  readonly glyphs: Glyphs;
}

const TITLE = 17;
const FIGURE = 10;
const PEAK = 17;
/** Below this width the most of a series is not said. */
const WITH_PEAK = 60;

/** States that are held without need first; the others as a connection goes through them. */
const STATE_ORDER: readonly StateName[] = [
  "CLOSE_WAIT",
  "SYN_RECEIVED",
  "SYN_SENT",
  "FIN_WAIT_2",
  "ESTABLISHED",
  "TIME_WAIT",
  "FIN_WAIT_1",
  "LAST_ACK",
  "CLOSING",
];

/** Rates: a heading and four lines. */
export function rateLines(traffic: Traffic, room: LiveRoom): readonly Line[] {
  const seconds = traffic.packets.length;
  const over = seconds === 0 ? "no second is over yet" : `the last ${formatCount(seconds)} s`;
  const right = room.width >= WITH_PEAK ? `${over}; at most` : over;
  const rows: readonly (readonly [string, readonly number[], (value: number) => string])[] = [
    ["packets/s", traffic.packets, formatCount],
    ["bytes/s", traffic.wireBytes, formatBytes],
    ["new connections/s", traffic.connections, formatCount],
    ["dropped/s", traffic.droppedPackets, formatCount],
  ];
  return [
    heading("Rates", right, room),
    ...rows.map(([title, values, format]) => {
      const isLoss = title === "dropped/s" && values.some((value) => value > 0);
      return seriesLine(title, values, format, room, isLoss);
    }),
  ];
}

/** Connections by state: a heading and a line for each state that there was, as far as there is room. */
export function stateLines(traffic: Traffic, most: number, room: LiveRoom): readonly Line[] {
  const right = `${formatCount(traffic.open)} open in memory`;
  const rows = STATE_ORDER.filter((state) => traffic.states[state] !== undefined).slice(0, most - 1);
  if (rows.length === 0) return [heading("Connections by state", right, room), quiet(" none yet")];
  return [
    heading("Connections by state", right, room),
    ...rows.map((state) => seriesLine(state, traffic.states[state]!, formatCount, room, false)),
  ];
}

/** Findings, the newest first. */
export function newsLines(
  news: readonly NewFinding[],
  summary: Pick<CaptureSummary, "start">,
  most: number,
  { width, glyphs }: LiveRoom,
): readonly Line[] {
  const shown = news.slice(0, Math.max(1, most - 1));
  const hidden = news.length - shown.length;
  const right = hidden > 0 ? `${formatCount(hidden)} earlier; 4 shows all` : "";
  const lines = shown.map(({ finding, atMs }) => {
    const { severity, sentence } = finding;
    const when = momentText(summary, atMs).replace(/^at /, "");
    const text = span(printable(sentence), severity === "note" ? "plain" : severity);
    return toWidth(
      [span(` ${when} `, "quiet"), markSpan(severity, glyphs), span(" "), text],
      width,
      glyphs.isAscii,
    );
  });
  return [
    heading("New findings", right, { width, glyphs, height: most }),
    ...(lines.length === 0 ? [quiet(" none so far")] : lines),
  ];
}

/** This host's sockets: a heading, listeners that are behind, and the sockets beside the wire. */
export function socketLines(sockets: Sockets, most: number, room: LiveRoom): readonly Line[] {
  const counts = STATE_ORDER.flatMap((state) => {
    const count = sockets.states[state];
    return count === undefined ? [] : [`${state} ${formatCount(count)}`];
  });
  const lines: Line[] = [
    heading("This host's sockets", counts.slice(0, room.width >= 100 ? 4 : 2).join(", "), room),
  ];
  if (sockets.lacking !== null) lines.push(quiet(` ${printable(sockets.lacking)}`));
  for (const { local, process, pid, acceptQueue, acceptQueueMost } of sockets.listeners) {
    if (acceptQueue === 0) continue;
    const full = acceptQueue > acceptQueueMost ? ", full" : "";
    const text = ` ${local} has ${formatCount(acceptQueue)} of ${formatCount(acceptQueueMost)} waiting to be accepted${full}: ${ownerText(process, pid)}`;
    lines.push([span(printable(text), full === "" ? "warning" : "problem")]);
  }
  for (const one of sockets.sockets) lines.push(socketLine(one, room));
  if (lines.length === 1) lines.push(quiet(" none of them was captured from"));
  return lines.slice(0, most).map((line) => toWidth(line, room.width, room.glyphs.isAscii));
}

function socketLine({ local, remote, socket, wire }: LocalSocket, { width, glyphs }: LiveRoom): Line {
  const { state, receiveQueueBytes, sendQueueBytes, process, pid, wireState } = socket;
  const isOdd = wireState !== null;
  const seen = wire === null ? "not captured" : wire === state ? "the same" : wire;
  const queues = [
    receiveQueueBytes > 0 ? `${formatBytes(receiveQueueBytes)} unread` : "",
    sendQueueBytes > 0 ? `${formatBytes(sendQueueBytes)} unacknowledged` : "",
  ].filter((text) => text !== "");
  const pair = pad(` ${local} ${glyphs.to} ${remote}`, width >= 100 ? 46 : 40);
  const left = [
    span(printable(pair)),
    span(` ${pad(state, 12)}`, state === "CLOSE_WAIT" ? "warning" : "strong"),
    ...(width >= 100 ? [span(` wire: ${pad(seen, 12)}`, isOdd ? "problem" : "quiet")] : []),
    span(` ${printable([ownerText(process, pid), ...queues].join(", "))}`),
  ];
  return spread(
    left,
    isOdd && width < 100 ? [span(` wire: ${seen} `, "problem")] : [],
    width,
    glyphs.isAscii,
  );
}

/** "nginx (4312)". */
export function ownerText(process: string | null, pid: number | null): string {
  if (process === null) return pid === null ? "no process" : `process ${pid}`;
  return `${process} (${pid})`;
}

function seriesLine(
  title: string,
  values: readonly number[],
  format: (value: number) => string,
  { width, glyphs }: LiveRoom,
  isLoss: boolean,
): Line {
  const peak = Math.max(0, ...values);
  const right = width >= WITH_PEAK ? ` ${format(peak).padStart(PEAK - 2)} ` : "";
  const room = width - TITLE - FIGURE - 3 - right.length;
  // The newest stands at the right edge, and moves to the left.
  const newest = values.slice(-Math.max(1, room));
  const drawn = [...new Array<number>(Math.max(0, room - newest.length)).fill(0), ...newest];
  const [chart = ""] = columnChart(fitLargest(drawn, room), 1, glyphs.isAscii);
  return [
    span(` ${pad(title, TITLE)}`),
    span(format(values.at(-1) ?? 0).padStart(FIGURE), isLoss ? "problem" : "strong"),
    span(` ${chart} `, isLoss ? "problem" : "accent"),
    span(right, "quiet"),
  ];
}

function heading(title: string, right: string, { width, glyphs }: LiveRoom): Line {
  return spread([span(` ${title}`, "strong")], [span(` ${right} `, "quiet")], width, glyphs.isAscii);
}

function quiet(text: string): Line {
  return [span(text, "quiet")];
}
